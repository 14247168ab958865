/** A worker that does what it is asked to, for the tests of the thread that asks. */
import process from 'node:process'
import { answerRequests } from '../../dist/runtime/worker-answers.js'

answerRequests((message) => {
  if (message.exit) process.exit(message.exit)
  if (message.fail) throw new Error(message.fail)
  if (message.uncloneable) return () => undefined
  return message
})
