import type { Epoch } from './protocol/messages.js'
import type { ReplicationEvent } from './replication.js'

/** Tells of each epoch that a history goes on in, once. */
export class EpochNotices {
  readonly #emit: (event: ReplicationEvent) => void
  #epoch: number | undefined

  /** @param known - the table so far */
  constructor(known: readonly Epoch[], emit: (event: ReplicationEvent) => void) {
    this.#epoch = known.at(-1)?.epoch
    this.#emit = emit
  }

  /** @param epochs - the table as it is now */
  note(epochs: readonly Epoch[]): void {
    const row = epochs.at(-1)
    if (!row || this.#epoch === row.epoch) return
    const { epoch, nodeId, firstSeq } = row
    this.#epoch = epoch
    this.#emit({ kind: 'epoch', epoch, nodeId, firstSeq })
  }
}
