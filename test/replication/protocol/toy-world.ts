/** What the nodes of a scenario share: one clock, one chance, and a trace of what happens. */
export interface ToyWorld {
  /** A time that never goes back, in milliseconds. */
  readonly nowMs: number
  /** From 0 up to, not including, 1, for every draw until the scenario says otherwise. */
  readonly chance: number
  /** Adds a line to the trace. */
  say(line: string): void
}

/** The wall clock of every node, which shares nothing with the other time but its pace. */
export function wallMs(world: ToyWorld): number {
  return 1_000_000_000 + world.nowMs
}

/** Work that is done at once, unless a scenario holds it back. */
export class Works {
  readonly #waiting: (() => void)[] = []
  #isHeld = false
  #isRunning = false

  get size(): number {
    return this.#waiting.length
  }

  get isHeld(): boolean {
    return this.#isHeld
  }

  do(work: () => void): void {
    this.#waiting.push(work)
    this.#run()
  }

  hold(): void {
    this.#isHeld = true
  }

  release(): void {
    this.#isHeld = false
    this.#run()
  }

  /** Nobody waits for it any more. */
  forget(): void {
    this.#waiting.length = 0
  }

  #run(): void {
    if (this.#isRunning) return
    this.#isRunning = true
    try {
      while (!this.#isHeld) {
        const next = this.#waiting.shift()
        if (!next) return
        next()
      }
    } finally {
      this.#isRunning = false
    }
  }
}
