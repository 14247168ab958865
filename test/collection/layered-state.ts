import type { CollectionHost, StoreView } from '../../lib/collection/collection-host.js'
import type { IndexedField } from '../../lib/collection/collection-settings.js'
import { CollectionState } from '../../lib/collection/collection-state.js'
import { FilterCache } from '../../lib/collection/filter-cache.js'
import { LiveIndex } from '../../lib/collection/live-index.js'
import { RecordNumbers } from '../../lib/collection/record-numbers.js'
import type { Version } from '../../lib/collection/versions.js'
import { Bitmap } from '../../lib/bitmap.js'
import type { IndexBackend } from '../../lib/index/backend.js'
import { plainScan } from '../../lib/index/backends/plain-scan.js'
import { CollectionIndex } from '../../lib/index/collection-index.js'
import type { KeyValue } from '../../lib/records/key-value.js'
import { FieldIndexWriter } from '../../lib/records/field-index-writer.js'
import { memoryKeyValues } from '../../lib/records/memory-key-value.js'
import { decodeMetadata, encodeMetadata, type Metadata } from '../../lib/records/metadata.js'
import { RecordCache } from '../../lib/records/record-cache.js'
import { RecordBatch } from '../../lib/records/record-batch.js'
import { RecordReader } from '../../lib/records/record-reader.js'
import type { Clock } from '../../lib/runtime/clock.js'
import { nodeClock } from '../../lib/runtime/node-clock.js'

const COLLECTION = 1

/** A collection's state over a record store in memory, where a test says what is still overlay and what is stored. */
export class LayeredState {
  readonly state: CollectionState
  readonly host: CollectionHost
  readonly clock: Clock
  readonly #store: KeyValue
  readonly #fields: readonly IndexedField[]
  #staged: Version[] = []
  seq = 0

  private constructor(store: KeyValue, clock: Clock, indexed: readonly string[]) {
    this.#store = store
    this.clock = clock
    this.#fields = indexed.map((path, field) => ({ path, field, ready: true, builtBelow: 0 }))
    const records = new RecordReader(store)
    this.state = new CollectionState({
      ...{ number: COLLECTION, name: 'layers', dimensions: 2, metric: 'euclidean', backend: 'cpu', records },
      fields: this.#fields,
      nextField: indexed.length,
      numbers: new RecordNumbers(new Bitmap()),
      liveCount: 0,
      live: this.newIndex(),
      filters: new FilterCache().forCollection(),
      recordCache: new RecordCache(),
    })
    const pin = () => this.pin()
    const position = () => this.seq
    this.host = {
      ...{ clock, records, pin, spool: undefined },
      get visibleSeq() {
        return position()
      },
      assertOpen: () => {},
      assertUsable: () => {},
      commit: () => Promise.reject(new Error('not here')),
      configure: () => Promise.reject(new Error('not here')),
      waitUntilVisible: () => Promise.reject(new Error('not here')),
    }
  }

  static async open(indexed: readonly string[] = [], clock: Clock = nodeClock): Promise<LayeredState> {
    return new LayeredState(await memoryKeyValues().open('layers'), clock, indexed)
  }

  newIndex(backend: IndexBackend = plainScan): LiveIndex {
    const ignore = () => {}
    const options = { dimensions: 2, metric: 'euclidean', backend } as const
    const index = new CollectionIndex({ ...options, clock: this.clock, onSegment: ignore, onFailure: ignore })
    return new LiveIndex(index, undefined)
  }

  put(id: string, place: number, metadata: Metadata = {}): Version {
    this.seq += 1
    return this.#publish(
      this.state.stagePut(this.seq, id, Float32Array.of(place, 0), encodeMetadata(metadata)),
    )
  }

  move(id: string, place: number): Version {
    this.seq += 1
    return this.#publish(this.state.stageVector(this.seq, id, Float32Array.of(place, 0)) as Version)
  }

  patch(id: string, metadata: Metadata): Version {
    this.seq += 1
    return this.#publish(this.state.stageMetadata(this.seq, id, encodeMetadata(metadata), []) as Version)
  }

  remove(id: string): Version {
    this.seq += 1
    return this.#publish(this.state.stageDelete(this.seq, id) as Version)
  }

  /** One instant, to be read for as long as its versions are kept. */
  pin(): StoreView {
    const snapshot = this.#store.snapshot()
    return { seq: this.seq, records: new RecordReader(snapshot), release: () => snapshot.close() }
  }

  /** Writes everything so far to the record store; what `keep` is not told to keep leaves the overlay. */
  async apply(keep = false): Promise<void> {
    for (const version of this.#staged) {
      const batch = new RecordBatch(this.#store)
      this.#applyOne(batch, version)
      await this.#store.commit(await batch.finish())
      if (!keep) this.state.drop(version)
    }
    if (!keep) this.#staged = []
  }

  #publish(version: Version): Version {
    this.state.publish(version)
    this.#staged.push(version)
    return version
  }

  #applyOne(batch: RecordBatch, version: Version): void {
    const { id, number, seq } = version
    const stored = new RecordReader(this.#store).record(COLLECTION, number)
    const metadata = version.metadata ?? stored?.metadata ?? '{}'
    for (const field of this.#fields) {
      const writer = new FieldIndexWriter(batch, COLLECTION, field)
      if (stored) writer.remove(number, decodeMetadata(stored.metadata))
      if (version.alive) writer.add(number, decodeMetadata(metadata))
    }
    if (!version.alive) {
      batch.deleteRecord(COLLECTION, id, number)
      return
    }
    batch.putId(COLLECTION, id, number)
    batch.putRecord(COLLECTION, number, { id, seq, metadata })
    if (version.vector) batch.putVector(COLLECTION, number, version.vectorSeq, version.vector)
  }
}
