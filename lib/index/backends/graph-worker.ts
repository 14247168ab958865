/** The worker thread that builds graphs. */
import { runInBackground } from '../../runtime/platform.js'
import { answerRequests } from '../../runtime/worker-answers.js'
import { buildGraph } from './graph-build.js'

runInBackground()
answerRequests(buildGraph)
