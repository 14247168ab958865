/** How far a file that is written and read at the same time has come. */

interface Waiting {
  readonly bytes: number
  resolve(): void
  reject(error: unknown): void
}

/** How much there is of a file that others read while it is written. */
export class FileGrowth {
  #bytes: number
  #isWhole: boolean
  #failure: { readonly error: unknown } | undefined
  #waiting: Waiting[] = []

  /** @param wholeBytes - of a file that is there already; absent: there is nothing yet */
  constructor(wholeBytes?: number) {
    this.#bytes = wholeBytes ?? 0
    this.#isWhole = wholeBytes !== undefined
  }

  /** How much can be read. */
  get bytes(): number {
    return this.#bytes
  }

  /** Nothing comes any more. */
  get isWhole(): boolean {
    return this.#isWhole
  }

  /** Resolves when there is so much, or all there will be; rejects with what ended the writing. */
  reaches(bytes: number): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure.error)
    if (this.#isWhole || this.#bytes >= bytes) return Promise.resolve()
    return new Promise((resolve, reject) => this.#waiting.push({ bytes, resolve, reject }))
  }

  /** @param isWhole - these are all */
  grown(bytes: number, isWhole: boolean): void {
    this.#bytes = bytes
    this.#isWhole = isWhole
    const waiting = this.#waiting
    this.#waiting = waiting.filter((one) => !isWhole && one.bytes > bytes)
    for (const one of waiting) if (isWhole || one.bytes <= bytes) one.resolve()
  }

  /** No more is written, and what is there is of no use. */
  failed(error: unknown): void {
    this.#failure = { error }
    for (const { reject } of this.#waiting.splice(0)) reject(error)
  }
}
