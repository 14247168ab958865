import type { StoreView } from '../collection/collection-host.js'
import type { KeyValue } from '../records/key-value.js'
import { RecordReader } from '../records/record-reader.js'

interface Pin {
  /** What the record store had applied when the view was pinned. */
  readonly appliedSeq: number
}

/** The views that are pinned, and how far back the overlay must reach for them. */
export class ViewRegistry {
  readonly #keyValues: KeyValue
  readonly #pins = new Set<Pin>()
  readonly #onRelease: () => void
  readonly #waiting: (() => void)[] = []
  #isEnded = false

  constructor(keyValues: KeyValue, onRelease: () => void) {
    this.#keyValues = keyValues
    this.#onRelease = onRelease
  }

  get size(): number {
    return this.#pins.size
  }

  /** Resolves when nobody reads, or nobody is waited for any more. */
  async allReleased(): Promise<void> {
    while (this.#pins.size > 0 && !this.#isEnded)
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  /** Whoever still reads is not waited for. */
  end(): void {
    this.#isEnded = true
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  /** @param appliedSeq - what the record store has applied; the overlay has what follows, up to `seq` */
  pin(seq: number, appliedSeq: number): StoreView {
    const snapshot = this.#keyValues.snapshot()
    const pin = { appliedSeq }
    this.#pins.add(pin)
    return {
      seq,
      records: new RecordReader(snapshot),
      release: () => {
        snapshot.close()
        if (this.#pins.delete(pin)) this.#onRelease()
        if (this.#pins.size === 0) for (const resolve of this.#waiting.splice(0)) resolve()
      },
    }
  }

  /** Versions up to this operation are in the record store as every reader sees it. */
  droppableSeq(appliedSeq: number): number {
    let seq = appliedSeq
    for (const pin of this.#pins) seq = Math.min(seq, pin.appliedSeq)
    return seq
  }
}
