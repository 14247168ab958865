import { availableParallelism, setPriority, totalmem } from 'node:os'

/** This machine's operating system and processor, as package names of native builds have them: `linux-x64`. */
export const platformName = `${process.platform}-${process.arch}`

/** Processors this process may use. */
export const processorCount = availableParallelism()

/** Memory this process may use, in bytes: what its container allows, or what the machine has. */
export const memoryBytes = Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY)

/** A thread can come after others of its process. */
const hasPriorities = process.platform === 'linux'

/**
 * Threads of a build in the background. Where they come after the others they may be as many as there are processors; elsewhere
 * one is left to the event loop.
 */
export const backgroundThreads = hasPriorities ? processorCount : Math.max(1, processorCount - 1)

/**
 * Lets the calling thread, and those it starts, come after others that want the processor. On Linux a priority is one thread's;
 * elsewhere it is the whole process's, so nothing is done there.
 */
export function runInBackground(): void {
  if (!hasPriorities) return
  try {
    setPriority(10)
  } catch {
    // Not allowed here: the thread runs as any other.
  }
}
