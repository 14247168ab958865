/** Exact search of everything, metadata returned, against the native scan of the same bytes. */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { DIMENSIONS, loadDataset } from '../dataset.mjs'
import { naiveDistances, recallByDistance } from '../naive-search.mjs'
import { median, percentile } from '../statistics.mjs'
import { filledStore } from '../filled-store.mjs'

export const title = 'exact search, k = 10'
const QUERIES = 200
const K = 10
/** usearch starts its own threads otherwise; a lone search of ours runs on one. */
const THREADS = 1

/** @returns {Promise<import('../line.mjs').Line[]>} */
export async function measure({ directory, repetitions }) {
  const data = loadDataset()
  const { exactSearch } = createRequire(import.meta.url)('usearch')
  const { store, packages } = await filledStore(join(directory, 'store'), data)
  await packages.flush()
  const rows = Uint32Array.from({ length: data.count }, (_, row) => row)
  const recalls = []
  const ours = async (query, _index, check) => {
    const hits = await packages.search({ vector: query, topK: K, exact: true })
    if (check) recalls.push(recallByDistance(hits, naiveDistances(data, query, K, rows)))
  }
  const native = (metric) => (query) => exactSearch(data.vectors, query, DIMENSIONS, K, metric, THREADS)
  const contenders = { ours, ip: native('ip'), cos: native('cos') }
  const rates = { ours: [], ip: [], cos: [] }
  const latencies = { ours: [], ip: [], cos: [] }
  for (let index = 0; index < QUERIES; index++) await ours(data.query(index), index, true)
  for (let round = -1; round < repetitions; round++) {
    const spent = { ours: 0, ip: 0, cos: 0 }
    // Turn by turn with every query: whatever else the machine does meets all alike.
    for (let index = 0; index < QUERIES; index++) {
      const query = data.query(index).slice()
      for (const [name, search] of Object.entries(contenders)) {
        const started = performance.now()
        await search(query, index)
        const ms = performance.now() - started
        spent[name] += ms
        if (round >= 0) latencies[name].push(ms)
      }
    }
    if (round < 0) continue
    for (const name of Object.keys(rates)) rates[name].push(QUERIES / (spent[name] / 1_000))
  }
  await store.close()
  const unit = 'queries/s'
  const describe = (name) =>
    `p50 ${percentile(latencies[name], 0.5).toFixed(2)} ms, p99 ${percentile(latencies[name], 0.99).toFixed(2)} ms`
  return [
    {
      name: `${data.count} × ${DIMENSIONS}`,
      unit,
      ours: rates.ours,
      baseline: { name: "usearch exactSearch 'ip'", samples: rates.ip },
      bars: [{ of: 'ratio', atLeast: 0.9 }],
      note: `ours ${describe('ours')}; usearch ${describe('ip')}`,
    },
    {
      name: `${data.count} × ${DIMENSIONS}`,
      unit,
      ours: rates.ours,
      baseline: { name: "usearch exactSearch 'cos'", samples: rates.cos },
    },
    {
      name: 'recall by distance',
      unit: `over ${QUERIES} queries`,
      ours: [recalls.reduce((sum, recall) => sum + recall, 0) / recalls.length],
      bars: [{ of: 'ours', atLeast: 1 }],
      note: `lowest of one query ${Math.min(...recalls)}, median ${median(recalls)}`,
    },
  ]
}
