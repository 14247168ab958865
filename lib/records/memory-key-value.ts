import type {
  KeyValue,
  KeyValueEntry,
  KeyValueFactory,
  KeyValueRange,
  KeyValueSnapshot,
  KeyValueWrite,
} from './key-value.js'
import { checkWrites, closedError } from './key-value.js'
import { KeyValueVersion, VersionSnapshot, whileOpen } from './key-value-version.js'

/** Key-value stores that live in memory: every open starts empty, and closing forgets. The directory means nothing. */
export function memoryKeyValues(): KeyValueFactory {
  return {
    open: async () => new MemoryKeyValue(),
    discard: async () => {},
  }
}

class MemoryKeyValue implements KeyValue {
  readonly keepsWrites = true
  #version = KeyValueVersion.empty
  #closed = false
  #lastCommit: Promise<void> = Promise.resolve()
  readonly #snapshots = new Set<VersionSnapshot>()

  get(key: Uint8Array): Uint8Array | undefined {
    this.#checkOpen()
    return this.#version.get(key)
  }

  range(options: KeyValueRange): Iterable<KeyValueEntry> {
    return whileOpen(this.#version.range(options), () => this.#checkOpen())
  }

  snapshot(): KeyValueSnapshot {
    this.#checkOpen()
    const snapshot = new VersionSnapshot(this.#version, (closed) => this.#snapshots.delete(closed))
    this.#snapshots.add(snapshot)
    return snapshot
  }

  async commit(writes: readonly KeyValueWrite[]): Promise<void> {
    this.#checkOpen()
    checkWrites(writes)
    // Never visible inside the call: code that works here must not rely on what a store on disk cannot do.
    this.#lastCommit = Promise.resolve().then(() => {
      this.#version = this.#version.apply(writes)
    })
    await this.#lastCommit
  }

  async flushed(): Promise<void> {
    this.#checkOpen()
    await this.#lastCommit
  }

  get bytes(): { memory: number; disk: number } {
    return { memory: this.#version.bytes, disk: 0 }
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#lastCommit
    for (const snapshot of this.#snapshots) snapshot.close()
    this.#version = KeyValueVersion.empty
  }

  #checkOpen(): void {
    if (this.#closed) throw closedError('record store')
  }
}
