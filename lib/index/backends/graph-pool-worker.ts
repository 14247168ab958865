/** A thread that searches graphs. */
import { nodeClock } from '../../runtime/node-clock.js'
import { serveTasks } from '../../runtime/task-serving.js'
import { graphHandlers } from './graph-serving.js'

serveTasks((post) => graphHandlers(nodeClock, post))
