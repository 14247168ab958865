/** Beyond its vector and its strings a version takes about this many bytes. */
const VERSION_BYTES = 300

/** What a version holds, without its place among the others. */
export interface VersionContent {
  readonly id: string
  /** The record's number; an id that was deleted and comes back gets another. */
  readonly number: number
  /** The operation that made this version. */
  readonly seq: number
  readonly alive: boolean
  /** The record existed just before this version. */
  readonly replaces: boolean
  /** The record store knows nothing of the id until this version is applied. */
  readonly isNew: boolean
  /** The vector, or `undefined` when the record store holds it. */
  readonly vector: Float32Array | undefined
  /** The operation that wrote the vector; meaningful where `vector` is given. */
  readonly vectorSeq: number
  /** Encoded metadata, or `undefined` when the record store holds it. */
  readonly metadata: string | undefined
}

/** What one operation made of one record. Linked to the version before it, as long as a reader may need that. */
export class Version implements VersionContent {
  readonly id: string
  readonly number: number
  readonly seq: number
  readonly alive: boolean
  readonly replaces: boolean
  readonly isNew: boolean
  readonly vector: Float32Array | undefined
  readonly vectorSeq: number
  readonly metadata: string | undefined
  /** How much memory the version holds, for budgets. */
  readonly bytes: number
  older: Version | undefined
  newer: Version | undefined

  constructor(content: VersionContent) {
    const { id, vector, metadata } = content
    this.id = id
    this.number = content.number
    this.seq = content.seq
    this.alive = content.alive
    this.replaces = content.replaces
    this.isNew = content.isNew
    this.vector = vector
    this.vectorSeq = content.vectorSeq
    this.metadata = metadata
    const vectorBytes = vector && content.vectorSeq === content.seq ? vector.length * 4 : 0
    this.bytes = VERSION_BYTES + vectorBytes + id.length + (metadata === undefined ? 0 : metadata.length)
    this.older = undefined
    this.newer = undefined
  }
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

  /** Some version of a record number is here, visible or not. */
  hasNumber(number: number): boolean {
    return this.#byNumber.has(number)
  }

  /** @param older - the newest of its id until now */
  add(version: Version, older: Version | undefined): void {
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
