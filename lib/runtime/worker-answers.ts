import { parentPort, workerData } from 'node:worker_threads'
import type { WorkerAnswer } from './worker-thread.js'

interface WorkerRequest {
  readonly id: number
  readonly message: never
}

/**
 * Answers the requests of a `WorkerThread`, in this thread, one after the other. Ends the thread when it is told to.
 *
 * @param answer - what it throws rejects the request; a structured clone must be able to carry it
 */
export function answerRequests(answer: (message: never) => unknown): void {
  const port = parentPort
  if (!port) throw new Error('This module runs in a worker thread only.')
  const { busy } = workerData as { busy: Int32Array }
  port.on('message', (request: WorkerRequest | 'end') => {
    // Nothing else keeps the thread alive.
    if (request === 'end') return port.close()
    const { id, message } = request
    Atomics.store(busy, 0, 1)
    try {
      port.postMessage({ id, answer: answer(message) } satisfies WorkerAnswer)
    } catch (error) {
      port.postMessage({ id, error: cloneable(error) } satisfies WorkerAnswer)
    } finally {
      Atomics.store(busy, 0, 0)
      Atomics.notify(busy, 0)
    }
  })
}

/** A clone keeps the message of an `Error` only. */
function cloneable(error: unknown): Error {
  if (error instanceof Error && !(error instanceof DOMException)) return error
  return new Error(error instanceof DOMException ? error.message : String(error))
}
