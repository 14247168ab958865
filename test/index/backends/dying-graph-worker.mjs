/** A search thread that ends at every task. */
import process from 'node:process'
import { serveTasks } from '../../../dist/runtime/task-serving.js'

serveTasks(() => ({ message: () => undefined, task: () => process.exit(4) }))
