/** A growable set of small integers (record numbers, ordinals) as one dense run of 32-bit words. */
export class Bitmap {
  #words: Uint32Array

  /** @param words - the words to own, least significant bit first; not copied */
  constructor(words: Uint32Array = new Uint32Array(0)) {
    this.#words = words
  }

  /** A set of every number from 0 up to, not including, `end`. */
  static range(end: number): Bitmap {
    const words = new Uint32Array((end + 31) >>> 5)
    words.fill(0xffffffff)
    if (end & 31) words[words.length - 1] = (1 << (end & 31)) - 1
    return new Bitmap(words)
  }

  static of(numbers: Iterable<number>): Bitmap {
    const bitmap = new Bitmap()
    for (const number of numbers) bitmap.add(number)
    return bitmap
  }

  /** The words themselves, for code that reads or fills many bits at once. */
  get words(): Uint32Array {
    return this.#words
  }

  /** Makes room for numbers below `end`, so that `words` may be written directly. */
  reserve(end: number): void {
    const needed = (end + 31) >>> 5
    if (needed <= this.#words.length) return
    const grown = new Uint32Array(Math.max(needed, this.#words.length * 2))
    grown.set(this.#words)
    this.#words = grown
  }

  has(number: number): boolean {
    const word = this.#words[number >>> 5]
    return word !== undefined && (word & (1 << (number & 31))) !== 0
  }

  add(number: number): void {
    const index = number >>> 5
    if (index >= this.#words.length) this.reserve(number + 1)
    const words = this.#words
    words[index] = (words[index] as number) | (1 << (number & 31))
  }

  delete(number: number): void {
    const index = number >>> 5
    const words = this.#words
    if (index < words.length) words[index] = (words[index] as number) & ~(1 << (number & 31))
  }

  clone(): Bitmap {
    return new Bitmap(this.#words.slice())
  }

  /** Adds every number of `other`. */
  or(other: Bitmap): this {
    this.reserve(other.#words.length * 32)
    const words = this.#words
    const theirs = other.#words
    for (let i = 0; i < theirs.length; i++) words[i] = (words[i] as number) | (theirs[i] as number)
    return this
  }

  /** Keeps only the numbers that `other` has too. */
  and(other: Bitmap): this {
    const words = this.#words
    const theirs = other.#words
    const shared = Math.min(words.length, theirs.length)
    for (let i = 0; i < shared; i++) words[i] = (words[i] as number) & (theirs[i] as number)
    words.fill(0, shared)
    return this
  }

  /** Removes every number of `other`. */
  andNot(other: Bitmap): this {
    const words = this.#words
    const theirs = other.#words
    const shared = Math.min(words.length, theirs.length)
    for (let i = 0; i < shared; i++) words[i] = (words[i] as number) & ~(theirs[i] as number)
    return this
  }

  /** How many numbers are in the set. */
  count(): number {
    const words = this.#words
    let total = 0
    for (let i = 0; i < words.length; i++) {
      // Population count of one word: Warren, Hacker's Delight, 5-1.
      let v = words[i] as number
      v -= (v >>> 1) & 0x55555555
      v = (v & 0x33333333) + ((v >>> 2) & 0x33333333)
      total += Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
    }
    return total
  }

  isEmpty(): boolean {
    for (const word of this.#words) if (word !== 0) return false
    return true
  }

  /** Calls `visit` with every number of the set, ascending. */
  forEach(visit: (number: number) => void): void {
    const words = this.#words
    for (let i = 0; i < words.length; i++) {
      let word = words[i] as number
      while (word !== 0) {
        visit((i << 5) + 31 - Math.clz32(word & -word))
        word &= word - 1
      }
    }
  }

  toArray(): number[] {
    const numbers: number[] = []
    this.forEach((number) => numbers.push(number))
    return numbers
  }
}
