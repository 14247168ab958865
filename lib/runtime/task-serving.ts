import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { TaskRing } from './task-ring.js'
import type { TaskThreadData } from './task-threads.js'

/** What a thread does with what it is given. Either may enter native code. What they throw ends the thread. */
export interface TaskHandlers {
  /** @returns whether the answer is in the slot; without one the task stays this thread's, until its offerer frees it */
  task(slot: number, ring: TaskRing): boolean
  message(message: unknown): void
}

/**
 * Takes the tasks of a ring in this thread, and sleeps when there are none, until it is told to end. Blocks: it returns when the
 * thread is to end.
 *
 * @param handlers - made with how to post a message to the thread that offers
 */
export function serveTasks(handlers: (post: (message: unknown) => void) => TaskHandlers): void {
  const port = parentPort
  if (!port) throw new Error('This module runs in a worker thread only.')
  const { memory, thread, greeting } = workerData as TaskThreadData
  const ring = new TaskRing(memory)
  const { task, message } = handlers((posted) => port.postMessage(posted))
  ring.calling(thread, () => {
    for (const first of greeting) message(first)
  })
  let heard: number | undefined
  let isEnding = false
  for (;;) {
    const { bell } = ring
    const slot = ring.take(thread)
    // After a task was taken: what was told before it was offered comes before it.
    const { told } = ring
    if (told !== heard) {
      heard = told
      for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) {
        const posted: unknown = next.message
        if (posted === 'end') isEnding = true
        else ring.calling(thread, () => message(posted))
      }
    }
    if (slot !== undefined) {
      ring.calling(thread, () => {
        if (task(slot, ring)) ring.done(slot)
      })
    } else if (isEnding) return
    else ring.sleep(thread, bell)
  }
}
