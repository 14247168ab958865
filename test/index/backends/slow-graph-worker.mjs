/**
 * A search thread to which every search seems to take long, so that its pool leaves all to threads. A query that begins
 * with 666 ends it, one with 667 is an error nobody catches.
 */
import process from 'node:process'
import { graphHandlers } from '../../../dist/index/backends/graph-serving.js'
import { nodeClock } from '../../../dist/runtime/node-clock.js'
import { serveTasks } from '../../../dist/runtime/task-serving.js'

let nowMs = 0
const clock = {
  ...nodeClock,
  monotonic: () => {
    nowMs += 500
    return nowMs
  },
}

serveTasks((post) => {
  const { task, message } = graphHandlers(clock, post)
  return {
    message,
    task(slot, ring) {
      const [first] = ring.floats(slot, 0, 1)
      if (first === 666) process.exit(4)
      if (first === 667) throw new Error('not caught')
      return task(slot, ring)
    },
  }
})
