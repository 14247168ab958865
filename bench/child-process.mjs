/** Runs a module of the benchmarks in a process of its own and hands back the one message it sends. */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/**
 * @param {string} name - a module in this folder
 * @param {string[]} parameters
 * @param {{ diesBy?: NodeJS.Signals }} options - the signal it is expected to die by, then there is no message
 */
export function runChild(name, parameters, { diesBy } = {}) {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(new URL(name, import.meta.url)), parameters)
    running.add(child)
    let answer
    child.on('message', (message) => {
      answer = message
    })
    child.on('error', reject)
    child.on('exit', (code, signal) => {
      running.delete(child)
      if (diesBy !== undefined && signal === diesBy) resolve(undefined)
      else if (code === 0 && answer !== undefined) resolve(answer)
      else reject(new Error(`${name} ${parameters.join(' ')} ended with ${signal ?? `exit code ${code}`}.`))
    })
  })
}

const running = new Set()

/** A child whose parent is gone would go on writing. */
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})
