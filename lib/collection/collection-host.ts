import type { Position } from '../log/position.js'
import type { Operation } from '../log/frame.js'
import type { RecordReader } from '../records/record-reader.js'
import type { Clock } from '../runtime/clock.js'
import type { Files } from '../runtime/files.js'
import type { Abortable } from '../abortable.js'
import type { ConfigureOptions } from './collection-settings.js'
import type { Version } from './versions.js'

/**
 * How many nodes must have a write, and how safely, before the call resolves. One that is not met in time is
 * `WRITE_CONCERN_TIMEOUT`, and the write stays.
 *
 * @example
 * ```ts
 * import { VectorStore } from 'replivec'
 *
 * const store = await VectorStore.open({ path: './data', durability: 'buffered' })
 * const notes = await store.getOrCreateCollection('notes', { dimensions: 2, metric: 'cosine' })
 * const { acks } = await notes.upsert({ id: 'x', vector: [1, 0] }, { writeConcern: { w: 1, level: 'durable' } })
 * console.log(acks) // 1, and it is on stable storage
 * await store.close()
 * ```
 */
export interface WriteConcern {
  /**
   * Nodes, this one included, of those that are linked; 1 by default. `'majority'` is more than half of `replication.members`, `'all'` is
   * this store and every replica it knows, also those that are away.
   */
  readonly w?: number | 'majority' | 'all' | undefined
  /**
   * What a replica must have done: have it in memory (`'received'`), on stable storage (`'durable'`), or where its reads find it
   * (`'applied'`, the default). `'durable'` also has this store sync where it is `'buffered'`.
   */
  readonly level?: 'received' | 'durable' | 'applied' | undefined
  /** Milliseconds; 5 000 by default. */
  readonly timeoutMs?: number | undefined
}

export interface WriteOptions extends Abortable {
  readonly writeConcern?: WriteConcern | undefined
}

export interface WriteResult {
  /** Where the write is in the history; give it to `after` to read your write elsewhere. */
  readonly position: Position
  /** Records changed. */
  readonly count: number
  /** Nodes that have the write, this one included. */
  readonly acks: number
}

/** What a change event says happened to the records. */
export type ChangeKind = 'upsert' | 'update' | 'delete'

/** Operations with the versions they stage, one to one, not yet visible. */
export interface Staged {
  readonly operations: Operation[]
  readonly versions: Version[]
}

/** A write on its way to the commit path. */
export interface WriteCall {
  readonly kind: ChangeKind
  readonly options: WriteOptions
  /** About how many records it changes. */
  readonly size: number
  /**
   * Resolves the call against the pending state and stages its versions, from sequence number `firstSeq` on. Runs in
   * one tick; it must throw before it stages anything or not at all.
   */
  stage(firstSeq: number): Staged
}

/** One instant of the whole store; it must be released. */
export interface StoreView {
  /** The newest visible operation. */
  readonly seq: number
  readonly records: RecordReader
  release(): void
}

/** What a collection needs of the store it is part of. */
export interface CollectionHost {
  readonly clock: Clock
  /** Where temporary files go; absent for a store in memory. */
  readonly spool: { readonly files: Files; readonly path: () => string } | undefined
  /** The newest operation reads find now. */
  readonly visibleSeq: number
  /** The record store now; only for reads within one tick. */
  readonly records: RecordReader
  /** @throws `CLOSED`, or `COLLECTION_NOT_FOUND` once the collection was dropped */
  assertUsable(collection: number): void
  /** @throws `CLOSED` */
  assertOpen(): void
  pin(): StoreView
  commit(collection: number, call: WriteCall): Promise<WriteResult>
  configure(collection: number, options: ConfigureOptions & WriteOptions): Promise<WriteResult>
  /** Resolves when reads find everything up to `position`. */
  waitUntilVisible(
    position: Position,
    options: { readonly timeoutMs: number | undefined; readonly signal: AbortSignal | undefined },
  ): Promise<void>
}
