import type { Collection } from '../collection/collection.js'
import type { WriteConcern } from '../collection/collection-host.js'
import type { VectorStore } from '../store/vector-store.js'
import type { ModelCommit, ModelRecord } from './cluster-model.js'
import { describeRecord } from './cluster-model.js'
import type { ClusterPlan } from './cluster-plan.js'
import type { SeededRandom } from './seeded-random.js'

const NAMES = ['a', 'b', 'c']
const FIELDS = ['call', 'group', 'tags']
const TAGS = ['x', 'y', 'z']

/** One call that writes. */
export interface WriteCall {
  readonly what: string
  readonly concern: WriteConcern | undefined
  /** Makes it; a creation gives its handle to `created`. */
  run(store: VectorStore, created: (handle: Collection) => void): Promise<WriteAnswer | undefined>
  /** Whether its commit is what was asked for; says what is wrong. */
  problem(commit: ModelCommit): string | undefined
}

export interface WriteAnswer {
  readonly position: { readonly epoch: number; readonly seq: number }
  readonly count: number
  readonly acks: number
}

type NewRecord = ModelRecord & { readonly id: string }

/** Random calls that write. */
export class ClusterCalls {
  readonly #random: SeededRandom
  readonly #plan: ClusterPlan
  #number = 0

  constructor(random: SeededRandom, plan: ClusterPlan) {
    this.#random = random
    this.#plan = plan
  }

  /** @param handles - of collections, dropped ones perhaps included */
  next(handles: readonly Collection[]): WriteCall {
    const random = this.#random
    const kind = random.int(100)
    const concern = this.#concern()
    const handle = handles.length > 0 ? random.pick(handles) : undefined
    this.#number += 1
    if (!handle || kind < 6) return this.#create(concern)
    if (kind < 9) return this.#drop(concern)
    if (kind < 13) return this.#configure(handle, concern)
    if (kind < 55) return this.#upsert(handle, concern)
    if (kind < 62) return this.#updateVector(handle, concern)
    if (kind < 72) return this.#update(handle, concern)
    if (kind < 77) return this.#updateMatching(handle, concern)
    if (kind < 95) return this.#delete(handle, concern)
    return this.#deleteMatching(handle, concern)
  }

  #concern(): WriteConcern | undefined {
    const random = this.#random
    if (random.chance(0.65)) return undefined
    const w = random.pick([1, 2, 2, 3, 'majority', 'all'] as const)
    const level = random.pick(['received', 'durable', 'applied', undefined] as const)
    return { w, level, timeoutMs: random.pick([50, 500, 3_000]) }
  }

  #create(concern: WriteConcern | undefined): WriteCall {
    const name = this.#random.pick(NAMES)
    const metric = this.#random.pick(['euclidean', 'dot'] as const)
    const options = { dimensions: 3, metric, indexed: this.#fields() }
    return {
      what: `creates ${name}`,
      concern,
      run: async (store, created) => {
        created(await store.createCollection(name, { ...options, writeConcern: concern }))
        return undefined
      },
      problem: () => undefined,
    }
  }

  #drop(concern: WriteConcern | undefined): WriteCall {
    const name = this.#random.pick(NAMES)
    return {
      what: `drops ${name}`,
      concern,
      run: (store) => store.dropCollection(name, { writeConcern: concern }),
      problem: ({ state }) =>
        [...state.values()].some((collection) => collection.name === name) ? `${name} is there` : undefined,
    }
  }

  #configure(handle: Collection, concern: WriteConcern | undefined): WriteCall {
    const indexed = this.#fields()
    const backend = this.#random.pick(['cpu', 'cpu', 'quantized'] as const)
    return {
      what: `configures ${handle.name}`,
      concern,
      run: () => handle.configure({ indexed, backend, writeConcern: concern }),
      problem: (commit) => {
        const settings = collectionOf(commit, handle.name)?.settings ?? ''
        const wanted = JSON.stringify([...indexed].sort())
        return settings.includes(wanted) && settings.includes(backend)
          ? undefined
          : `its settings are ${settings}`
      },
    }
  }

  #upsert(handle: Collection, concern: WriteConcern | undefined): WriteCall {
    const random = this.#random
    const length = random.chance(0.5) ? 1 : 1 + random.int(this.#plan.batchMax)
    const records: NewRecord[] = Array.from({ length }, () => ({
      ...{ id: this.#id(), vector: this.#vector(), metadata: this.#metadata() },
    }))
    const last = new Map(records.map((record) => [record.id, record]))
    return {
      what: `puts ${records.map(({ id }) => id).join()} into ${handle.name}`,
      concern,
      run: () => handle.upsert(records, { writeConcern: concern }),
      problem: (commit) => {
        const stored = collectionOf(commit, handle.name)?.records
        for (const [id, record] of last) {
          const found = stored?.get(id)
          const text = found && describeRecord(id, found)
          if (text !== describeRecord(id, record)) return `${id} is ${text}`
        }
        return undefined
      },
    }
  }

  #updateVector(handle: Collection, concern: WriteConcern | undefined): WriteCall {
    const [id, vector] = [this.#id(), this.#vector()]
    return {
      what: `gives ${id} of ${handle.name} a vector`,
      concern,
      run: () => handle.updateVector(id, vector, { writeConcern: concern }),
      problem: (commit) => {
        const found = collectionOf(commit, handle.name)?.records.get(id)
        return found?.vector.join() === vector.join() ? undefined : `its vector is ${found?.vector}`
      },
    }
  }

  #update(handle: Collection, concern: WriteConcern | undefined): WriteCall {
    const random = this.#random
    const id = this.#id()
    const call = this.#number
    const vector = random.chance(0.3) ? { vector: this.#vector() } : {}
    const unset = random.chance(0.3) ? ['tags'] : []
    return {
      what: `updates ${id} of ${handle.name}`,
      concern,
      run: () => handle.update(id, { ...vector, metadata: { call }, unset }, { writeConcern: concern }),
      problem: (commit) => {
        const found = collectionOf(commit, handle.name)?.records.get(id)
        return found?.metadata.call === call ? undefined : `it has ${JSON.stringify(found?.metadata)}`
      },
    }
  }

  #updateMatching(handle: Collection, concern: WriteConcern | undefined): WriteCall {
    const filter = this.#filter()
    const metadata = { call: this.#number }
    return {
      what: `updates ${JSON.stringify(filter)} of ${handle.name}`,
      concern,
      run: () => handle.update({ filter }, { metadata }, { writeConcern: concern }),
      problem: () => undefined,
    }
  }

  #delete(handle: Collection, concern: WriteConcern | undefined): WriteCall {
    const ids = Array.from({ length: 1 + this.#random.int(3) }, () => this.#id())
    return {
      what: `deletes ${ids.join()} from ${handle.name}`,
      concern,
      run: () => handle.delete(ids, { writeConcern: concern }),
      problem: (commit) => {
        const left = ids.find((id) => collectionOf(commit, handle.name)?.records.has(id))
        return left === undefined ? undefined : `${left} is still there`
      },
    }
  }

  #deleteMatching(handle: Collection, concern: WriteConcern | undefined): WriteCall {
    const filter = this.#filter()
    return {
      what: `deletes ${JSON.stringify(filter)} from ${handle.name}`,
      concern,
      run: () => handle.delete({ filter }, { writeConcern: concern }),
      problem: () => undefined,
    }
  }

  #filter(): Record<string, unknown> {
    const random = this.#random
    return random.pick<Record<string, unknown>>([
      { group: random.int(4) },
      { tags: random.pick(TAGS) },
      { call: { $lt: random.int(this.#number + 1) } },
    ])
  }

  #metadata(): Record<string, unknown> {
    const random = this.#random
    const tags = TAGS.filter(() => random.chance(0.4))
    const padding = 'p'.repeat(random.int(this.#plan.paddingMax + 1))
    return {
      ...(tags.length > 0 ? { tags } : {}),
      ...(padding === '' ? {} : { padding }),
      ...{ call: this.#number, group: random.int(4) },
    }
  }

  /** Small whole numbers are the same in every precision. */
  #vector(): number[] {
    return [this.#number, this.#random.int(19) - 9, this.#random.int(19) - 9]
  }

  #id(): string {
    return `r${this.#random.int(this.#plan.ids)}`
  }

  #fields(): string[] {
    return FIELDS.filter(() => this.#random.chance(0.5))
  }
}

function collectionOf({ state }: ModelCommit, name: string) {
  return [...state.values()].find((collection) => collection.name === name)
}
