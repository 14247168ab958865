/** Random calls on a store, each as the model sees it and as it is made. */
import type { Collection } from '../../lib/collection/collection.js'
import type { VectorStore } from '../../lib/store/vector-store.js'
import type { SeededRandom } from '../../lib/testing/seeded-random.js'
import type { ModelCall, NewRecord } from './store-model.js'

const NAMES = ['a', 'b', 'c']
const FIELDS = ['call', 'group', 'tags']
const TAGS = ['x', 'y', 'z']

/** What the calls of one run have in common. */
export interface Flavour {
  readonly ids: number
  readonly batchMax: number
  /** Characters of padding that a record carries at most. */
  readonly paddingMax: number
}

export type WriteInput = ModelCall['write']

export class RandomCalls {
  readonly #random: SeededRandom
  readonly #flavour: Flavour

  constructor(random: SeededRandom, flavour: Flavour) {
    this.#random = random
    this.#flavour = flavour
  }

  /** @param collections - the collections there are handles of, dropped ones included, by the call that created them */
  write(number: number, collections: readonly number[]): WriteInput {
    const random = this.#random
    const kind = random.int(100)
    const collection = collections.length > 0 ? random.pick(collections) : undefined
    if (collection === undefined || kind < 5) {
      const indexed = this.#fields()
      const metric = random.pick(['euclidean', 'dot'] as const)
      return { kind: 'create', name: random.pick(NAMES), options: { dimensions: 3, metric, indexed } }
    }
    if (kind < 8) return { kind: 'drop', name: random.pick(NAMES) }
    if (kind < 15) return { kind: 'configure', collection, indexed: this.#fields() }
    if (kind < 48) return { kind: 'upsert', collection, records: this.#records(number) }
    if (kind < 58) return { kind: 'insert', collection, records: this.#records(number) }
    if (kind < 68) return { kind: 'update', collection, target: this.#id(), ...this.#patch(number) }
    if (kind < 76) {
      const vector = this.#vector(number)
      return { kind: 'update', collection, target: this.#id(), vector, set: {}, unset: [] }
    }
    if (kind < 82) {
      const { set, unset } = this.#patch(number)
      return { kind: 'update', collection, target: { filter: this.filter(number) }, set, unset }
    }
    if (kind < 94) {
      const ids = Array.from({ length: 1 + random.int(4) }, () => this.#id())
      return { kind: 'delete', collection, target: ids }
    }
    return { kind: 'delete', collection, target: { filter: this.filter(number) } }
  }

  filter(number: number): Record<string, unknown> {
    const random = this.#random
    const group = random.int(4)
    return random.pick<Record<string, unknown>>([
      { group },
      { tags: random.pick(TAGS) },
      { call: { $gte: random.int(number + 1) } },
      { group: { $ne: group } },
      { group: { $in: [group, 7] }, tags: random.pick(TAGS) },
      { $or: [{ group }, { tags: { $exists: false } }] },
      { tags: null },
    ])
  }

  query(): { vector: number[]; topK: number; exact: boolean } {
    return { vector: this.#vector(0), topK: 1 + this.#random.int(12), exact: this.#random.chance(0.5) }
  }

  #records(number: number): NewRecord[] {
    const length = 1 + this.#random.int(this.#flavour.batchMax)
    return Array.from({ length }, () => ({
      id: this.#id(),
      vector: this.#vector(number),
      metadata: this.#metadata(number),
    }))
  }

  #metadata(number: number): Record<string, unknown> {
    const random = this.#random
    const tags = TAGS.filter(() => random.chance(0.4))
    const padding = 'p'.repeat(random.int(this.#flavour.paddingMax + 1))
    return {
      call: number,
      group: random.int(4),
      ...(tags.length > 0 ? { tags } : {}),
      ...(padding === '' ? {} : { padding }),
    }
  }

  #patch(number: number): { vector?: number[]; set: Record<string, unknown>; unset: string[] } {
    const random = this.#random
    const unset = random.chance(0.3) ? ['tags'] : []
    const set = { call: number, ...(random.chance(0.5) ? { group: random.int(4) } : {}) }
    return random.chance(0.3) ? { vector: this.#vector(number), set, unset } : { set, unset }
  }

  #vector(number: number): number[] {
    return [number, this.#random.int(19) - 9, this.#random.int(19) - 9]
  }

  #id(): string {
    return `r${this.#random.int(this.#flavour.ids)}`
  }

  #fields(): string[] {
    return FIELDS.filter(() => this.#random.chance(0.5))
  }
}

/** Makes a call; a creation gives its handle to `created`. */
export async function makeCall(
  store: VectorStore,
  handles: ReadonlyMap<number, Collection>,
  write: WriteInput,
  created: (handle: Collection) => void,
): Promise<ModelCall['result']> {
  if (write.kind === 'create') {
    created(await store.createCollection(write.name, write.options))
    return undefined
  }
  const { position, count } = await (write.kind === 'drop'
    ? store.dropCollection(write.name)
    : onHandle(handles.get(write.collection) as Collection, write))
  return { seq: position.seq, count }
}

function onHandle(
  handle: Collection,
  write: Exclude<WriteInput, { kind: 'create' | 'drop' }>,
): Promise<{ position: { seq: number }; count: number }> {
  switch (write.kind) {
    case 'configure':
      return handle.configure({ indexed: write.indexed })
    case 'upsert':
      return handle.upsert(write.records)
    case 'insert':
      return handle.insert(write.records)
    case 'delete':
      return handle.delete(write.target)
    case 'update': {
      const { target, vector, set, unset } = write
      if (typeof target !== 'string') return handle.update(target, { metadata: set, unset })
      const isVectorOnly = vector && Object.keys(set).length === 0
      if (isVectorOnly) return handle.updateVector(target, vector)
      return handle.update(target, { ...(vector ? { vector } : {}), metadata: set, unset })
    }
  }
}
