import { EmptyBTree } from 'sorted-btree'
import type {
  KeyValueEntry,
  KeyValueRange,
  KeyValueReader,
  KeyValueSnapshot,
  KeyValueWrite,
} from './key-value.js'
import { checkKey, closedError, plainBytes } from './key-value.js'

/** The part of a sorted-btree that is used here; `clone` is O(1), nodes are copied when first written. */
interface Tree {
  get(key: string): Uint8Array | undefined
  set(key: string, value: Uint8Array): boolean
  delete(key: string): boolean
  entries(lowestKey: string): Iterable<[string, Uint8Array]>
  entriesReversed(highestKey: string, reused: undefined, skipHighest: boolean): Iterable<[string, Uint8Array]>
  clone(): Tree
  readonly isEmpty: boolean
}

/**
 * One state of an in-memory key-value store. It never changes: every commit makes the next version, which shares all
 * nodes it did not touch. So a snapshot is a reference, and iterating while others write is safe.
 *
 * Keys are held as Latin-1 strings, whose code unit order is the byte order.
 */
export class KeyValueVersion implements KeyValueReader {
  /** The version without entries. */
  static readonly empty = new KeyValueVersion(EmptyBTree.clone(), 0)

  readonly #tree: Tree
  /** What keys and values hold together, in bytes, without what the tree needs for itself. */
  readonly bytes: number

  private constructor(tree: Tree, bytes: number) {
    this.#tree = tree
    this.bytes = bytes
  }

  get(key: Uint8Array): Uint8Array | undefined {
    checkKey(key)
    return this.#tree.get(toText(key))
  }

  *range(options: KeyValueRange): Generator<KeyValueEntry> {
    const start = toText(options.start)
    const end = toText(options.end)
    if (this.#tree.isEmpty || start >= end) return
    let left = options.limit ?? Number.POSITIVE_INFINITY
    const entries = options.reverse
      ? this.#tree.entriesReversed(end, undefined, true)
      : this.#tree.entries(start)
    for (const [key, value] of entries) {
      if ((options.reverse ? key < start : key >= end) || left-- <= 0) return
      yield { key: plainBytes(Buffer.from(key, 'latin1')), value }
    }
  }

  /** The version after `writes`, applied in order. The values are kept, not copied. */
  apply(writes: readonly KeyValueWrite[]): KeyValueVersion {
    const tree = this.#tree.clone()
    let bytes = this.bytes
    for (const write of writes) {
      const key = toText(write.key)
      const before = tree.get(key)
      if (before !== undefined) bytes -= key.length + before.byteLength
      if (write.value === undefined) tree.delete(key)
      else {
        tree.set(key, plainBytes(write.value))
        bytes += key.length + write.value.byteLength
      }
    }
    return new KeyValueVersion(tree, bytes)
  }
}

/** A version that someone holds on to until they close it. */
export class VersionSnapshot implements KeyValueSnapshot {
  #version: KeyValueReader | undefined
  readonly #onClose: (snapshot: VersionSnapshot) => void

  constructor(version: KeyValueReader, onClose: (snapshot: VersionSnapshot) => void) {
    this.#version = version
    this.#onClose = onClose
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return this.#reader().get(key)
  }

  range(options: KeyValueRange): Iterable<KeyValueEntry> {
    return whileOpen(this.#reader().range(options), () => this.#reader())
  }

  close(): void {
    this.#version = undefined
    this.#onClose(this)
  }

  #reader(): KeyValueReader {
    if (this.#version === undefined) throw closedError('snapshot')
    return this.#version
  }
}

/** Passes entries on until `check` throws, because their reader was closed. */
export function* whileOpen(entries: Iterable<KeyValueEntry>, check: () => void): Generator<KeyValueEntry> {
  check()
  for (const entry of entries) {
    yield entry
    check()
  }
}

function toText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}
