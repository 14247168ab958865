import { ReplivecError } from '../errors.js'
import type { Random } from '../runtime/random.js'

/** A random source that gives the same numbers for the same seed. Not for secrets. */
export class SeededRandom implements Random {
  /** What it was made from, to print when a test fails. */
  readonly seed: number | string
  readonly #state: Uint32Array

  /** @param seed - a number, of which the low 32 bits count, or any string */
  constructor(seed: number | string) {
    this.seed = seed
    let hash = typeof seed === 'number' ? seed | 0 : fnv1a(seed)
    // splitmix32 spreads the seed over the state; its increment is the golden ratio.
    this.#state = Uint32Array.from({ length: 4 }, () => {
      hash = (hash + 0x9e3779b9) | 0
      let word = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
      word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35)
      return word ^ (word >>> 16)
    })
  }

  /** An independent source, so that one use of randomness does not shift the numbers of another. */
  fork(label: string): SeededRandom {
    return new SeededRandom(`${this.seed}/${label}`)
  }

  /** A number from 0 up to, not including, 1, with 53 random bits. */
  next(): number {
    return ((this.#word() >>> 5) * 2 ** 26 + (this.#word() >>> 6)) / 2 ** 53
  }

  /** A whole number from 0 up to, not including, `below`. */
  int(below: number): number {
    if (!Number.isSafeInteger(below) || below < 1) {
      throw new ReplivecError('OPTIONS_INVALID', `int needs a positive whole number, not ${below}.`)
    }
    return Math.floor(this.next() * below)
  }

  /** True with the given probability, 0 to 1. */
  chance(probability: number): boolean {
    return this.next() < probability
  }

  /** One of the elements, all equally likely. */
  pick<T>(array: readonly T[]): T {
    if (array.length === 0) throw new ReplivecError('OPTIONS_INVALID', 'pick needs at least one element.')
    return array[this.int(array.length)] as T
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length)
    for (let i = 0; i < length; i += 4) {
      let word = this.#word()
      for (let j = i; j < Math.min(i + 4, length); j++, word >>>= 8) bytes[j] = word & 0xff
    }
    return bytes
  }

  /** sfc32, Chris Doty-Humphrey's small fast counting generator (PractRand). */
  #word(): number {
    const state = this.#state
    const [a, b, c, counter] = [state[0]!, state[1]!, state[2]!, state[3]!]
    const word = (a + b + counter) >>> 0
    state[3] = counter + 1
    state[0] = b ^ (b >>> 9)
    state[1] = c + (c << 3)
    state[2] = ((c << 21) | (c >>> 11)) + word
    return word
  }
}

/** The 32-bit FNV-1a hash over UTF-16 code units. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash
}
