/** A store with one collection that holds all records of a data set, applied and indexed. */
import { VectorStore } from '../dist/index.js'
import { DIMENSIONS } from './dataset.mjs'

const BATCH = 1_000

/**
 * @param {string} path
 * @param {ReturnType<typeof import('./dataset.mjs').loadDataset>} data
 * @param {{ indexed?: string[], metadata?: (row: number) => object, backend?: string, opened?: object }} options - other
 *   metadata than the set's own; `opened` are options of the store that comes back
 */
export async function filledStore(
  path,
  data,
  { indexed = [], metadata = data.metadata, backend = 'cpu', opened = {} } = {},
) {
  const writing = await VectorStore.open({ path })
  const options = { dimensions: DIMENSIONS, metric: 'cosine', backend, indexed }
  const target = await writing.createCollection('packages', options)
  for (let from = 0; from < data.count; from += BATCH) {
    const length = Math.min(BATCH, data.count - from)
    const batch = Array.from({ length }, (_, i) => {
      const row = from + i
      return { id: data.id(row), vector: data.vector(row), metadata: metadata(row) }
    })
    await target.upsert(batch)
  }
  // A close applies everything; what is searched is then what any later open finds.
  await writing.close()
  const store = await VectorStore.open({ path, ...opened })
  return { store, packages: await store.openCollection('packages') }
}
