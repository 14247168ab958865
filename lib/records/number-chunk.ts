/** How many record numbers one chunk covers. */
export const CHUNK_NUMBERS = 65_536
const WORDS = CHUNK_NUMBERS / 32
/** A list of 16-bit numbers is smaller than the 8 KiB of bits up to this many. */
const LIST_MAX = 4_096

const LIST = 1
const BITS = 2

/**
 * The members of one run of 65 536 record numbers, as a sorted list while few and as bits when many: the containers
 * of Roaring bitmaps (Lemire et al., "Roaring Bitmaps: Implementation of an Optimized Software Library", 2018).
 */
export class NumberChunk {
  #list: number[] | undefined = []
  #words: Uint32Array | undefined

  /** Reads a stored chunk; absent means empty. */
  static decode(payload: Uint8Array | undefined): NumberChunk {
    const chunk = new NumberChunk()
    if (!payload) return chunk
    if (payload[0] === BITS) {
      chunk.#list = undefined
      chunk.#words = readWords(payload)
    } else {
      const list: number[] = []
      for (let i = 1; i < payload.byteLength; i += 2) {
        list.push((payload[i] as number) | ((payload[i + 1] as number) << 8))
      }
      chunk.#list = list
    }
    return chunk
  }

  /** Adds the members of a stored chunk to a bitmap's words, of which word 0 stands for the chunk's number 0. */
  static decodeInto(payload: Uint8Array, words: Uint32Array, firstWord: number): void {
    if (payload[0] === BITS) {
      const bits = readWords(payload)
      for (let i = 0; i < bits.length; i++) {
        words[firstWord + i] = (words[firstWord + i] as number) | (bits[i] as number)
      }
      return
    }
    for (let i = 1; i < payload.byteLength; i += 2) {
      const number = (payload[i] as number) | ((payload[i + 1] as number) << 8)
      const at = firstWord + (number >>> 5)
      words[at] = (words[at] as number) | (1 << (number & 31))
    }
  }

  add(number: number): void {
    if (this.#words) {
      const at = number >>> 5
      this.#words[at] = (this.#words[at] as number) | (1 << (number & 31))
      return
    }
    const list = this.#list as number[]
    if (list.length === 0 || (list[list.length - 1] as number) < number) list.push(number)
    else {
      const at = lowerBound(list, number)
      if (list[at] === number) return
      list.splice(at, 0, number)
    }
    if (list.length > LIST_MAX) this.#toBits(list)
  }

  delete(number: number): void {
    if (this.#words) {
      const at = number >>> 5
      this.#words[at] = (this.#words[at] as number) & ~(1 << (number & 31))
      return
    }
    const list = this.#list as number[]
    const at = lowerBound(list, number)
    if (list[at] === number) list.splice(at, 1)
  }

  /** The stored form, or `undefined` when nothing is left to store. */
  encode(): Uint8Array | undefined {
    const list = this.#list ?? sparseList(this.#words as Uint32Array)
    if (list) {
      if (list.length === 0) return undefined
      const payload = new Uint8Array(1 + list.length * 2)
      payload[0] = LIST
      for (let i = 0; i < list.length; i++) {
        payload[1 + i * 2] = (list[i] as number) & 0xff
        payload[2 + i * 2] = (list[i] as number) >>> 8
      }
      return payload
    }
    const payload = new Uint8Array(1 + WORDS * 4)
    payload[0] = BITS
    payload.set(new Uint8Array((this.#words as Uint32Array).buffer), 1)
    return payload
  }

  #toBits(list: readonly number[]): void {
    const words = new Uint32Array(WORDS)
    for (const number of list) words[number >>> 5] = (words[number >>> 5] as number) | (1 << (number & 31))
    this.#words = words
    this.#list = undefined
  }
}

function readWords(payload: Uint8Array): Uint32Array {
  const words = new Uint32Array(WORDS)
  new Uint8Array(words.buffer).set(payload.subarray(1))
  return words
}

/** The members as a list when few enough, else `undefined`. */
function sparseList(words: Uint32Array): number[] | undefined {
  const list: number[] = []
  for (let i = 0; i < words.length; i++) {
    let word = words[i] as number
    while (word !== 0) {
      if (list.length === LIST_MAX) return undefined
      list.push((i << 5) + 31 - Math.clz32(word & -word))
      word &= word - 1
    }
  }
  return list
}

function lowerBound(list: readonly number[], number: number): number {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((list[middle] as number) < number) low = middle + 1
    else high = middle
  }
  return low
}
