import { readCommitHead } from './commit-head.js'
import { FRAME_HEADER_BYTES } from './frame.js'

/** A place is kept every so many bytes: what has to be passed over to find an operation. */
const SPACING_BYTES = 256 * 1024
/** Of more places every other one is dropped, and they are kept twice as far apart. */
const PLACES_MAX = 1_024

/** Where a commit begins. */
export interface SeqOffset {
  readonly firstSeq: number
  readonly offset: number
}

/** Where some of the commits of one segment lie, as far as they were written or read by this process. */
export class SeqOffsets {
  #spacingBytes = SPACING_BYTES
  /** In order. */
  #places: SeqOffset[] = []

  /** The last known commit that begins at an operation or before it. */
  before(seq: number): SeqOffset | undefined {
    return this.#places[this.#count(({ firstSeq }) => firstSeq <= seq) - 1]
  }

  /** Takes note of a commit, if none is known nearby. */
  note(firstSeq: number, offset: number): void {
    if (this.#isKnownNear(offset)) return
    const at = this.#count((place) => place.offset < offset)
    this.#places.splice(at, 0, { firstSeq, offset })
    if (this.#places.length <= PLACES_MAX) return
    this.#places = this.#places.filter((_, index) => index % 2 === 0)
    this.#spacingBytes *= 2
  }

  /**
   * Takes note of commits that were just written.
   *
   * @param offset - where the first of the frames begins
   */
  noteFrames(frames: readonly Uint8Array[], offset: number): void {
    let at = offset
    for (const frame of frames) {
      if (!this.#isKnownNear(at)) {
        const head = readCommitHead(frame.subarray(FRAME_HEADER_BYTES))
        if (head) this.note(head.firstSeq, at)
      }
      at += frame.byteLength
    }
  }

  #isKnownNear(offset: number): boolean {
    const last = this.#places.at(-1)
    // Nearly always at the end.
    if (!last || last.offset <= offset) return offset - (last?.offset ?? 0) < this.#spacingBytes
    const at = this.#count((place) => place.offset <= offset)
    const [before, after] = [this.#places[at - 1], this.#places[at] as SeqOffset]
    return Math.min(offset - (before?.offset ?? 0), after.offset - offset) < this.#spacingBytes
  }

  /** How many places come before the first that is not `wanted`. */
  #count(wanted: (place: SeqOffset) => boolean): number {
    let [from, to] = [0, this.#places.length]
    while (from < to) {
      const middle = (from + to) >>> 1
      if (wanted(this.#places[middle] as SeqOffset)) from = middle + 1
      else to = middle
    }
    return from
  }
}
