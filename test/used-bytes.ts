import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Collects what nobody uses. Memory of buffers is given back by a thread, a moment later: poll what is expected of it. */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
}

/** Bytes of this process in use, after everything that can be collected was. */
export function usedBytes(): number {
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** Bytes of buffers that are in use. */
export function usedBufferBytes(): number {
  collectGarbage()
  return process.memoryUsage().arrayBuffers
}
