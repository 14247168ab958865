/** hnswlib-node, all in memory, with its documented settings. Metadata comes from an array. */
import { DIMENSIONS } from '../dataset.mjs'
import { meets } from '../filter-cases.mjs'
import { requirePeer } from './require-peer.mjs'

const EFFORTS = [10, 20, 40, 80, 160, 320]

/** @returns {import('../contender-process.mjs').Peer} */
export function open({ data, metadata }) {
  const { library, version } = requirePeer('hnswlib-node')
  const index = new library.HierarchicalNSW('cosine', DIMENSIONS)
  const all = Array.from({ length: data.count }, (_, row) => metadata(row))
  const ids = all.map((_, row) => data.id(row))
  let ef
  const search = (query, k, effort, filter) => {
    if (effort !== ef) index.setEf(effort)
    ef = effort
    const { neighbors, distances } = index.searchKnn(query, k, filter)
    return neighbors.map((row, i) => ({ id: ids[row], distance: distances[i], metadata: all[row] }))
  }
  return {
    version,
    effortName: 'ef',
    efforts: EFFORTS,
    // It takes arrays of numbers only; turning them into one is not its search.
    prepare: (query) => Array.from(query),
    build() {
      index.initIndex({ maxElements: data.count, m: 16, efConstruction: 200 })
      for (let row = 0; row < data.count; row++) index.addPoint(Array.from(data.vector(row)), row)
    },
    search: (query, k, effort) => search(query, k, effort),
    /** Its filter is a function, called in the middle of a search. */
    filtered(condition) {
      const matches = meets(condition)
      const filter = (row) => matches(all[row])
      return (query, k, effort) => search(query, k, effort, filter)
    },
    close() {},
  }
}
