/** What a store answers, in the words of the model. */
import type { Collection } from '../../lib/collection/collection.js'
import type { VectorStore } from '../../lib/store/vector-store.js'
import { naiveMatches } from '../filter/naive-filter.js'
import {
  describeRecords,
  describeState,
  type ModelCollection,
  type ModelRecord,
  type ModelState,
  nearestIds,
} from './store-model.js'

/** All collections and records, as lines of text. */
export async function contentsOf(store: VectorStore): Promise<string[]> {
  const state = new Map<string, ModelCollection>()
  for (const { name, dimensions, metric, indexed } of store.listCollections()) {
    const records = await recordsOf(await store.openCollection(name), {})
    state.set(name, { createdBy: 0, dimensions, metric: metric as 'dot', indexed, records })
  }
  return describeState(state)
}

export async function recordsOf(
  collection: Collection,
  filter: Record<string, unknown>,
  pageSize = 1_000,
): Promise<Map<string, ModelRecord>> {
  const records = new Map<string, ModelRecord>()
  let last: string | undefined
  const isAll = Object.keys(filter).length === 0
  const scan = collection.scan({ pageSize, includeVector: true, ...(isAll ? {} : { filter }) })
  for await (const { id, vector, metadata } of scan) {
    if (last !== undefined && last >= id) throw new Error(`a scan gave ${id} after ${last}`)
    last = id
    records.set(id, { vector: [...vector], metadata })
  }
  return records
}

const FILTERS: readonly Record<string, unknown>[] = [
  { group: 1 },
  { tags: 'x' },
  { tags: null },
  { call: { $gte: 100 } },
  { group: { $ne: 2 } },
]

/** Compares every way to read with the model: indexes, ids, search, counts. Returns what differs. */
export async function readingProblems(store: VectorStore, state: ModelState): Promise<string[]> {
  const problems: string[] = []
  const compare = (what: string, found: unknown, expected: unknown): void => {
    const [a, b] = [JSON.stringify(found), JSON.stringify(expected)]
    if (a !== b) problems.push(`${what}: ${a} instead of ${b}`)
  }
  const { collections } = store.getStats()
  compare(
    'live records',
    collections.map(({ name, records }) => [name, records.live]),
    [...state].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, { records }]) => [name, records.size]),
  )
  for (const [name, model] of state) {
    const collection = await store.openCollection(name)
    const ids = [...model.records.keys(), 'absent']
    const got = await collection.getMany(ids, { includeVector: true })
    const present = new Map(
      got.flatMap((record) =>
        record ? [[record.id, { vector: [...record.vector], metadata: record.metadata }]] : [],
      ),
    )
    compare(`${name}, get`, describeRecords(present), describeRecords(model.records))
    for (const filter of FILTERS) {
      const matching = [...model.records].filter(([, { metadata }]) => naiveMatches(filter, metadata))
      const what = `${name}, ${JSON.stringify(filter)}`
      compare(`${what}, count`, await collection.count(filter), matching.length)
      const scanned = [...(await recordsOf(collection, filter)).keys()]
      compare(`${what}, scan`, scanned, matching.map(([id]) => id).sort())
      const vector = [50, 1, -2]
      const hits = await collection.search({ vector, topK: 7, filter })
      compare(
        `${what}, search`,
        hits.map(({ id }) => id),
        nearestIds(model, vector, 7, filter),
      )
    }
  }
  return problems
}
