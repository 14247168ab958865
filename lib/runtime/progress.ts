import type { Progress } from '../abortable.js'
import { warnProcess } from './process-warning.js'

/**
 * Reports progress to a function of the host's. One that throws is told as a warning of the process and not called again: what
 * it was told of goes on, and what is stored is not answered with its error.
 */
export function progressReporter(
  onProgress: ((progress: Progress) => void) | undefined,
): ((progress: Progress) => void) | undefined {
  if (!onProgress) return undefined
  let isBroken = false
  return (progress) => {
    if (isBroken) return
    try {
      onProgress(progress)
    } catch (error) {
      isBroken = true
      warnProcess('onProgress threw and is not called again by this call, which goes on.', error)
    }
  }
}
