/**
 * usearch by itself, f32, all in memory: the graph that ours has inside, without a store around. Its settings are its own
 * defaults. Metadata comes from an array, which costs next to nothing.
 */
import { DIMENSIONS } from '../dataset.mjs'
import { diskUsage } from '../disk-usage.mjs'
import { meets } from '../filter-cases.mjs'
import { requirePeer } from './require-peer.mjs'

/** The processors of the machine that the rates are published from; what builds and searches in batches is given both. */
export const THREADS = 2
const EFFORTS = [16, 24, 32, 48, 64, 96, 128, 192, 256, 512]

/** Under a filter so many are asked for at first, and at most this share of all. */
const FIRST_ASKED = 64
const ASKED_SHARE_MAX = 0.1

/** @returns {import('../contender-process.mjs').Peer} */
export function open({ data, metadata, directory, options: { quantization = 'f32' } }) {
  const { library, version } = requirePeer('usearch')
  const file = `${directory}/graph.usearch`
  // How wide it searches is fixed when an index is made, so every effort has one of its own.
  const graphs = new Map()
  const all = Array.from({ length: data.count }, (_, row) => metadata(row))
  const ids = all.map((_, row) => data.id(row))
  const hitsOf = ({ keys, distances }) =>
    Array.from(keys, (key, i) => ({ id: ids[key], distance: distances[i], metadata: all[key] }))
  return {
    version: `${version} ${quantization}`,
    effortName: 'expansion_search',
    efforts: EFFORTS,
    build() {
      const index = newGraph(library, { quantization })
      index.add(
        BigUint64Array.from({ length: data.count }, (_, row) => BigInt(row)),
        data.vectors,
        THREADS,
      )
      index.save(file)
      for (const effort of EFFORTS) {
        const graph = newGraph(library, { quantization, effort })
        graph.load(file)
        graphs.set(effort, graph)
      }
    },
    search: (query, k, effort) => hitsOf(graphs.get(effort).search(query, k, 1)),
    batch(queries, k, effort) {
      const found = graphs.get(effort).search(queries, k, THREADS)
      return queries.map((_, i) => hitsOf(found.get(i)))
    },
    /**
     * The binding has no filter. What a host can do is to ask for more than wanted and to leave out what does not match, and
     * again for twice that until enough match; but not for most of everything.
     */
    filtered(condition) {
      const matches = meets(condition)
      const most = Math.max(FIRST_ASKED, Math.floor(data.count * ASKED_SHARE_MAX))
      return (query, k, effort) => {
        for (let asked = FIRST_ASKED; ; asked *= 2) {
          const found = graphs.get(effort).search(query, Math.min(asked, most), 1)
          const hits = hitsOf(found).filter(({ metadata: record }) => matches(record))
          if (hits.length >= k || asked >= most) return hits.slice(0, k)
        }
      }
    },
    fileBytes: () => diskUsage(file),
    close() {},
  }
}

/** An empty index; connectivity and expansion are what the library has by default. */
export function newGraph(library, { quantization = 'f32', effort = 0 } = {}) {
  return new library.Index({
    ...{ dimensions: DIMENSIONS, metric: 'cos', quantization },
    ...{ connectivity: 16, expansion_add: 128, expansion_search: effort, multi: false },
  })
}
