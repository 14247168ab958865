import { availableParallelism, setPriority } from 'node:os'

/** This machine's operating system and processor, as package names of native builds have them: `linux-x64`. */
export const platformName = `${process.platform}-${process.arch}`

/** Processors this process may use. */
export const processorCount = availableParallelism()

/**
 * Lets the calling thread, and those it starts, come after others that want the processor. On Linux a priority is one thread's;
 * elsewhere it is the whole process's, so nothing is done there.
 */
export function runInBackground(): void {
  if (process.platform !== 'linux') return
  try {
    setPriority(10)
  } catch {
    // Not allowed here: the thread runs as any other.
  }
}
