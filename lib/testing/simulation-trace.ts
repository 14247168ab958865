import { createHash } from 'node:crypto'
import type { SharedTime } from './shared-time.js'

/** What a failed simulation shows of its end. */
const LINES_KEPT = 60
const LINE_CHARACTERS_MAX = 200

/** What happened in a simulation: the last lines, for people, and a digest of all of it, for comparing two runs. */
export class SimulationTrace {
  readonly #time: SharedTime
  readonly #hash = createHash('sha256')
  readonly #print: ((line: string) => void) | undefined
  #lines: string[] = []
  /** How many lines there were. */
  count = 0

  /** @param print - told every line */
  constructor(time: SharedTime, print?: (line: string) => void) {
    this.#time = time
    this.#print = print
  }

  note(node: string, what: string): void {
    const text = what.length > LINE_CHARACTERS_MAX ? `${what.slice(0, LINE_CHARACTERS_MAX)}…` : what
    const line = `${(this.#time.monotonic() / 1_000).toFixed(3).padStart(9)} s  ${node.padEnd(8)} ${text}`
    this.count += 1
    this.#hash.update(what)
    this.#print?.(line)
    this.#lines.push(line)
    if (this.#lines.length > 2 * LINES_KEPT) this.#lines = this.#lines.slice(-LINES_KEPT)
  }

  /** Counts in the digest, and is not shown. */
  mix(what: string): void {
    this.#hash.update(what)
  }

  get lastLines(): string[] {
    return this.#lines.slice(-LINES_KEPT)
  }

  /** Ends it. */
  digest(): string {
    return this.#hash.digest('hex')
  }
}
