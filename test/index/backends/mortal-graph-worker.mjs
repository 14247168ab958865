/** A thread that builds graphs and dies at some requests, which it counts in a file: another thread comes after each death. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { buildGraph } from '../../../dist/index/backends/graph-build.js'
import { answerRequests } from '../../../dist/runtime/worker-answers.js'

/**
 * @param counterPath - where requests are counted
 * @param deaths - at which of them it dies, counted from 1: `'early'`, or `'late'`, when the graph is written
 */
export function buildUntilDeath(counterPath, deaths) {
  answerRequests((build) => {
    const request = existsSync(counterPath) ? Number(readFileSync(counterPath, 'utf8')) + 1 : 1
    writeFileSync(counterPath, String(request))
    if (deaths[request] === 'early') process.exit(4)
    const built = buildGraph(build)
    if (deaths[request] === 'late') process.exit(5)
    return built
  })
}
