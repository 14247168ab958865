import type { SeededRandom } from './seeded-random.js'

/** How likely each fault is to befall a frame: from 0, the default, which is never, to 1, which is always. */
export interface FaultProbabilities {
  /** The frame is lost. Its `send` resolves all the same. */
  readonly drop?: number | undefined
  /** One bit of it is flipped. An empty frame stays as it is. */
  readonly corrupt?: number | undefined
  /** Its end is missing: all of it at most, one byte at least. */
  readonly truncate?: number | undefined
  /** It comes twice. */
  readonly duplicate?: number | undefined
  /** It comes after the frame that follows. Where none follows, it comes before a clean end. */
  readonly reorder?: number | undefined
  /** It comes later, and what follows too. */
  readonly delay?: number | undefined
  /** The link breaks instead of carrying it. */
  readonly cut?: number | undefined
}

export const FAULTS = ['drop', 'corrupt', 'truncate', 'duplicate', 'reorder', 'delay', 'cut'] as const

/** What becomes of a frame. */
export interface FrameFate {
  /** What comes out now, in this order. */
  readonly frames: Uint8Array[]
  readonly delayMs: number
  readonly isCut: boolean
}

/** Decides what befalls the frames of one direction. The same seed decides the same. */
export class FrameFaults {
  readonly #random: SeededRandom
  readonly #probabilities: FaultProbabilities
  readonly #delayMsMax: number
  #held: Uint8Array | undefined

  constructor(random: SeededRandom, probabilities: FaultProbabilities, delayMsMax: number) {
    this.#random = random
    this.#probabilities = probabilities
    this.#delayMsMax = delayMsMax
  }

  /** The frame itself is left as it is. */
  next(frame: Uint8Array): FrameFate {
    // All are drawn for every frame, so that changing one probability leaves the other faults where they are.
    const falls = Object.fromEntries(
      FAULTS.map((fault) => [fault, this.#random.chance(this.#probabilities[fault] ?? 0)]),
    ) as Record<(typeof FAULTS)[number], boolean>
    const at = this.#random.next()
    const bit = this.#random.int(8)
    const delayMs = falls.delay ? at * this.#delayMsMax : 0
    if (falls.cut) return { frames: [], delayMs, isCut: true }
    if (falls.drop) return { frames: [], delayMs, isCut: false }
    let spoiled = frame
    if (falls.corrupt && spoiled.byteLength > 0) {
      spoiled = new Uint8Array(spoiled)
      const index = Math.floor(at * spoiled.byteLength)
      spoiled[index] = (spoiled[index] as number) ^ (1 << bit)
    }
    if (falls.truncate) spoiled = spoiled.subarray(0, Math.floor(at * spoiled.byteLength))
    const frames = falls.duplicate ? [spoiled, spoiled] : [spoiled]
    return { frames: this.#inOrder(frames, falls.reorder), delayMs, isCut: false }
  }

  /** What was held back for a frame that did not follow. */
  rest(): Uint8Array[] {
    const held = this.#held
    this.#held = undefined
    return held ? [held] : []
  }

  #inOrder(frames: Uint8Array[], isLate: boolean): Uint8Array[] {
    if (!isLate || this.#held) return [...frames, ...this.rest()]
    const [first, ...others] = frames
    // A copy: its sender may use the memory again before it goes out.
    this.#held = new Uint8Array(first as Uint8Array)
    return others
  }
}
