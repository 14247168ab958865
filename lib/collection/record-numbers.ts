import type { Bitmap } from '../bitmap.js'

/** Hands out record numbers: recycled ones first, so that bitmaps stay as small as the collection. */
export class RecordNumbers {
  #next: number
  #free: number[] | undefined
  readonly #used: Bitmap | undefined

  /** @param used - the numbers in use when the collection was opened */
  constructor(used: Bitmap) {
    this.#next = endOf(used)
    this.#used = used
  }

  take(): number {
    this.#free ??= this.#gaps()
    return this.#free.pop() ?? this.#next++
  }

  /** Gives back the number of a record that no reader can see any more. */
  giveBack(number: number): void {
    this.#free ??= this.#gaps()
    this.#free.push(number)
  }

  /** Found only when the first number is asked for: opening should not pay for it. */
  #gaps(): number[] {
    const gaps: number[] = []
    for (let number = this.#next - 1; number >= 0; number--) {
      if (!this.#used?.has(number)) gaps.push(number)
    }
    return gaps
  }
}

function endOf(used: Bitmap): number {
  const { words } = used
  for (let i = words.length - 1; i >= 0; i--) {
    const word = words[i] as number
    if (word !== 0) return i * 32 + 32 - Math.clz32(word)
  }
  return 0
}
