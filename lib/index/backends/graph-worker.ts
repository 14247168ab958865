/** The worker thread that builds graphs. */
import { answerRequests } from '../../runtime/worker-answers.js'
import { buildGraph } from './graph-build.js'

answerRequests(buildGraph)
