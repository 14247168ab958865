/** Ours, through its public API: a store on disk, filled, closed and opened again, with all vectors indexed. */
import { join } from 'node:path'
import { filledStore } from '../filled-store.mjs'
import { filterOf } from '../filter-cases.mjs'

/** `null` leaves the width to the library. */
const EFFORTS = [null, 16, 32, 64, 128, 256]

/** @returns {import('../contender-process.mjs').Peer} */
export function open({ data, metadata, directory, options: { backend = 'cpu', cache } }) {
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
      const options = { indexed, metadata, backend, cache }
      const filled = await filledStore(join(directory, 'store'), data, options)
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
    stats: () => packages.getStats(),
    close: () => store?.close(),
  }
}
