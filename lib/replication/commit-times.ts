/** How many times of commits are kept. */
const ENTRIES_MAX = 2_048

/** When operations were committed, by a time that never goes back: exactly for the last ones, by and by more coarsely. */
export class CommitTimes {
  #entries: { lastSeq: number; readonly atMs: number }[] = []
  /** Commits closer together than this share an entry, with the time of the first. */
  #spacingMs = 0

  add(lastSeq: number, atMs: number): void {
    const newest = this.#entries.at(-1)
    if (newest && atMs - newest.atMs <= this.#spacingMs) newest.lastSeq = lastSeq
    else this.#entries.push({ lastSeq, atMs })
    if (this.#entries.length > ENTRIES_MAX) this.#thin()
  }

  /** When the first operation after `seq` was committed; `undefined` when there is none. Earlier rather than later. */
  after(seq: number): number | undefined {
    let low = 0
    let high = this.#entries.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#entries[middle] as { lastSeq: number }).lastSeq <= seq) low = middle + 1
      else high = middle
    }
    return this.#entries[low]?.atMs
  }

  /** Nobody asks about operations up to this one any more. */
  release(throughSeq: number): void {
    const kept = this.#entries.findIndex(({ lastSeq }) => lastSeq > throughSeq)
    if (kept === 0) return
    this.#entries = kept === -1 ? [] : this.#entries.slice(kept)
    if (this.#entries.length < ENTRIES_MAX / 8) this.#spacingMs = 0
  }

  /** Every other entry goes, into the one before it. */
  #thin(): void {
    const spanMs = (this.#entries.at(-1)?.atMs ?? 0) - (this.#entries[0]?.atMs ?? 0)
    this.#spacingMs = (2 * spanMs) / ENTRIES_MAX
    this.#entries = this.#entries.flatMap((entry, at) => {
      const next = this.#entries[at + 1]
      return at % 2 === 0 ? [{ lastSeq: next?.lastSeq ?? entry.lastSeq, atMs: entry.atMs }] : []
    })
  }
}
