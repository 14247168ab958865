/** What one operation made of one record. Linked to the version before it, as long as a reader may need that. */
export interface Version {
  readonly id: string
  /** The record's number; an id that was deleted and comes back gets another. */
  readonly number: number
  /** The operation that made this version. */
  readonly seq: number
  readonly alive: boolean
  /** The record existed just before this version. */
  readonly replaces: boolean
  /** The vector, or `undefined` when the record store holds it. */
  readonly vector: Float32Array | undefined
  /** The operation that wrote the vector; meaningful where `vector` is given. */
  readonly vectorSeq: number
  /** Encoded metadata, or `undefined` when the record store holds it. */
  readonly metadata: string | undefined
  older: Version | undefined
  newer: Version | undefined
}

/** Beyond its vector and its strings a version takes about this many bytes. */
const VERSION_BYTES = 300

/** How much memory a version holds, for budgets. */
export function versionBytes(version: Version): number {
  const { vector, vectorSeq, seq, metadata } = version
  const vectorBytes = vector && vectorSeq === seq ? vector.byteLength : 0
  return VERSION_BYTES + vectorBytes + version.id.length + (metadata?.length ?? 0)
}

/**
 * The overlay of a collection: versions that are sequenced but not yet in the record store, or that a pinned view
 * still needs from before the record store moved on. Reading at operation `seq` finds the newest version up to it;
 * where there is none, the record store is right.
 */
export class Versions {
  readonly #byId = new Map<string, Version>()
  readonly #byNumber = new Map<number, Version>()

  get size(): number {
    return this.#byId.size
  }

  /** The newest version of an id, visible or not. */
  newest(id: string): Version | undefined {
    return this.#byId.get(id)
  }

  /** The version of an id that a read at `seq` sees. */
  at(id: string, seq: number): Version | undefined {
    let version = this.#byId.get(id)
    while (version && version.seq > seq) version = version.older
    return version
  }

  /** The version of a record number that a read at `seq` sees; a dead one when the number's record is gone. */
  ofNumber(number: number, seq: number): Version | undefined {
    let version = this.#byNumber.get(number)
    while (version && version.seq > seq) version = version.older
    return version?.number === number ? version : undefined
  }

  add(version: Version): void {
    const older = this.#byId.get(version.id)
    version.older = older
    if (older) older.newer = version
    this.#byId.set(version.id, version)
    this.#byNumber.set(version.number, version)
  }

  /** Drops a version that the record store now holds for every reader. Versions are dropped oldest first. */
  drop(version: Version): void {
    if (version.newer) version.newer.older = undefined
    if (this.#byId.get(version.id) === version) this.#byId.delete(version.id)
    if (this.#byNumber.get(version.number) === version) this.#byNumber.delete(version.number)
  }

  /** The version of every touched id that a read at `seq` sees, dead ones included. */
  *visible(seq: number): Generator<Version> {
    for (const id of this.#byId.keys()) {
      const version = this.at(id, seq)
      if (version) yield version
    }
  }
}
