/** Ours, through its public API: a store on disk, filled, closed and opened again, with all vectors indexed. */
import { join } from 'node:path'
import { filledStore } from '../filled-store.mjs'
import { VectorStore } from '../../dist/index.js'
import { diskUsage } from '../disk-usage.mjs'
import { anotherFilterOf, filterOf } from '../filter-cases.mjs'
import { settled } from '../settled.mjs'

/** `null` leaves the width to the library. */
const EFFORTS = [null, 16, 32, 64, 128, 256]
const BATCH = 1_000

/**
 * @param {object} setting
 * @param {{ backend?: string, opened?: object, shift?: number }} setting.options - `opened` are options of the store; with
 *   `shift` a record has the vector that many rows on
 * @returns {Promise<import('../contender-process.mjs').Peer>}
 */
export async function open({
  data,
  metadata,
  directory,
  options: { backend = 'cpu', opened = {}, shift = 0 },
}) {
  // What this version has no option for is told before anything is filled.
  await (await VectorStore.open(opened)).close()
  const path = join(directory, 'store')
  const shifted = (by) => (row) => data.vector((row + by) % data.count)
  let store
  let packages
  const queryOf = (vector, topK, effort) =>
    effort === null ? { vector, topK } : { vector, topK, ef: effort }
  const search = (vector, k, effort) => packages.search(queryOf(vector, k, effort))
  return {
    version: `ours, '${backend}'`,
    effortName: 'ef',
    efforts: EFFORTS,
    async build() {
      const indexed = ['section', 'tags', 'installedSize', 'bucket']
      const options = { indexed, metadata, backend, opened }
      const filled = await filledStore(path, { ...data, vector: shifted(shift) }, options)
      store = filled.store
      packages = filled.packages
      await packages.flush()
    },
    search,
    inFlight: search,
    batch: (vectors, k, effort) => packages.searchBatch(vectors.map((vector) => queryOf(vector, k, effort))),
    filtered(condition) {
      const filter = filterOf(condition)
      return (vector, k, effort) => packages.search({ ...queryOf(vector, k, effort), filter })
    },
    freshlyFiltered(condition) {
      let asked = 0
      return (vector, k, effort) => {
        const filter = anotherFilterOf(condition, asked++)
        return packages.search({ ...queryOf(vector, k, effort), filter })
      }
    },
    stats: () => packages.getStats(),
    /** Writes every record again, with the vector `by` rows on. */
    async replaceAll(by) {
      for (let from = 0; from < data.count; from += BATCH) {
        const length = Math.min(BATCH, data.count - from)
        const batch = Array.from({ length }, (_, i) => {
          const row = from + i
          return { id: data.id(row), vector: shifted(by)(row), metadata: metadata(row) }
        })
        await packages.upsert(batch)
      }
    },
    settled: () => settled(packages),
    disk: () => ({ index: diskUsage(join(path, 'index')), store: diskUsage(path) }),
    /** Files of graphs where there are any, else what the index says of itself. */
    indexBytes() {
      const graphs = diskUsage(path, { named: 'graph.usearch' })
      const { disk, memory } = packages.getStats().bytes
      return graphs > 0
        ? { bytes: graphs, what: 'graph files' }
        : disk > 0
          ? { bytes: disk, what: 'index on disk' }
          : { bytes: memory, what: 'index in memory' }
    },
    close: () => store?.close(),
  }
}
