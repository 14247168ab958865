/** A thread that doubles numbers, or does what it is told, for the tests of the thread that offers them. */
import process from 'node:process'
import { serveTasks } from '../../dist/runtime/task-serving.js'

serveTasks((post) => {
  let times = 2
  return {
    message(message) {
      if (message.times) times = message.times
      post({ heard: message })
    },
    task(slot, ring) {
      const numbers = ring.numbers(slot)
      if (numbers[0] === -1) process.exit(3)
      if (numbers[0] === -2) throw new Error('a task went wrong')
      if (numbers[0] === -3) {
        post({ left: slot })
        return false
      }
      numbers[1] = numbers[0] * times
      return true
    },
  }
})
