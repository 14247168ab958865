/**
 * One of those that are compared, ours or a peer, in a process of its own: no one's threads, garbage or crash reach another.
 * The parent gives out the turns, so that whatever else the machine does meets all alike.
 */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/**
 * Starts one and lets it load its library.
 *
 * @param {string} peer - a module of bench/peers
 * @param {string} directory - a new one for its files
 * @param {object} [options] - for the module
 * @returns {Promise<Contender>}
 */
export async function startContender(peer, directory, options = {}) {
  const contender = new Contender(peer)
  await contender.load(directory, options)
  return contender
}

/** Several, one after another; each says itself why it is missing. */
export async function startContenders(peers, directory) {
  const contenders = []
  for (const peer of peers) contenders.push(await startContender(peer, `${directory}/${peer}`))
  return contenders
}

export class Contender {
  /** What it is called in a result: with its version, once it is loaded. */
  name
  /** Its efforts, from the least; only with a library loaded. */
  efforts = []
  /** How it calls its effort. */
  effortName = ''
  /** Why nothing of it can be measured, in words for a table. */
  missing
  #child
  #waiting = []

  constructor(peer) {
    this.name = peer
    const module = fileURLToPath(new URL('./contender-process.mjs', import.meta.url))
    this.#child = fork(module, [peer], { execArgv: ['--expose-gc', '--no-warnings'] })
    running.add(this.#child)
    this.#child.on('message', ({ answer, error }) => {
      const { resolve, reject } = this.#waiting.shift()
      if (error === undefined) resolve(answer)
      else reject(new Error(error))
    })
    const lost = (reason) => {
      running.delete(this.#child)
      for (const { reject } of this.#waiting.splice(0)) reject(reason)
    }
    this.#child.on('exit', (code, signal) =>
      lost(new Error(`it ended with ${signal ?? `exit code ${code}`}`)),
    )
    // It could not be started, or died while it was told something.
    this.#child.on('error', lost)
  }

  /** What cannot be loaded, also what dies of it, is missing. */
  async load(directory, options) {
    await this.attempt(async () => {
      const { version, efforts, effortName, missing } = await this.#ask({ do: 'load', directory, options })
      if (missing !== undefined) throw new Error(missing)
      this.name = version
      this.efforts = efforts
      this.effortName = effortName
    })
  }

  /** Fills it with the data set and waits until all is indexed. */
  async build() {
    await this.attempt(() => this.#ask({ do: 'build' }))
  }

  /**
   * Does something with it; nothing once it is missing. One that fails is missing from then on, with the reason: no peer
   * ends a run.
   */
  async attempt(work) {
    if (this.missing !== undefined) return undefined
    try {
      return await work()
    } catch (error) {
      this.missing = error.message.split('\n', 1)[0]
      this.close()
      return undefined
    }
  }

  /** For ours, without which there is nothing to compare. */
  assertPresent() {
    if (this.missing !== undefined) throw new Error(`${this.name}: ${this.missing}`)
  }

  /**
   * Asks the first queries of the set and returns the rows found for each. Untimed.
   *
   * @param {{ mode?: Mode, effort?: unknown, condition?: object, k: number, queries: number }} request
   * @returns {Promise<number[][]>}
   */
  answers(request) {
    return this.#ask({ do: 'answers', ...request })
  }

  /**
   * Asks queries for a while, `leadMs` of it uncounted, and counts.
   *
   * @param {{ mode?: Mode, effort?: unknown, condition?: object, k: number, queries: number, from: number, leadMs: number, ms: number }} request
   * @returns {Promise<{ done: number, ms: number }>}
   */
  turn(request) {
    return this.#ask({ do: 'turn', ...request })
  }

  /** Anything else its module does: `call('stats')`. */
  call(name, ...parameters) {
    return this.#ask({ do: 'call', name, parameters })
  }

  /** Lets go of everything; the process ends. */
  close() {
    if (this.#child.connected) this.#child.disconnect()
  }

  #ask(message) {
    return new Promise((resolve, reject) => {
      if (!this.#child.connected) {
        reject(new Error('it is not running'))
        return
      }
      this.#waiting.push({ resolve, reject })
      this.#child.send(message)
    })
  }
}

/**
 * How queries are asked.
 *
 * @typedef {{ kind: 'one' } | { kind: 'inFlight', count: number } | { kind: 'batch', count: number }} Mode
 */

const running = new Set()

/** A child whose parent is gone would go on. */
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})
