import { SimulatedClock } from '../../lib/testing/simulated-clock.js'

/** A clock on which everything takes so long that whoever yields after a while yields at every chance. */
export class RestlessClock extends SimulatedClock {
  #reads = 0
  #held: (() => void)[] | undefined

  override monotonic(): number {
    this.#reads += 1
    return super.monotonic() + this.#reads * 10
  }

  override async yield(): Promise<void> {
    if (this.#held) await new Promise<void>((resolve) => this.#held?.push(resolve))
    else await super.yield()
  }

  /** How many wait to go on. */
  get held(): number {
    return this.#held?.length ?? 0
  }

  /** Whoever yields from now on waits for `resume`. */
  hold(): void {
    this.#held = []
  }

  resume(): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const go of held) go()
  }
}
