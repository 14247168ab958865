/**
 * Search under a filter, at falling shares of matching records, against the native scan of everything. What our own
 * search takes without a filter is stated too: it compares codes first, so it is no scan of everything any more.
 */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { DIMENSIONS, loadDataset } from '../dataset.mjs'
import { filledStore } from '../filled-store.mjs'
import { bucketed, filterCases, filterOf } from '../filter-cases.mjs'
import { assertNearest } from '../naive-search.mjs'
import { percentile } from '../statistics.mjs'

export const title = 'filtered search, k = 10'
const K = 10
const QUERIES = 40
/** A search without a field index reads all metadata, so fewer of them say as much. */
const QUERIES_UNINDEXED = 10

/** @returns {Promise<import('../line.mjs').Line[]>} */
export async function measure({ directory, repetitions }) {
  const data = loadDataset()
  // `plain` is `bucket` without an index.
  const withBucket = bucketed(data)
  const metadata = (row) => {
    const record = withBucket(row)
    return { ...record, plain: record.bucket }
  }
  const indexed = ['section', 'tags', 'installedSize', 'bucket']
  const { store, packages } = await filledStore(join(directory, 'store'), data, { indexed, metadata })
  await packages.flush()
  const cases = casesOf(data, metadata)
  const { exactSearch } = createRequire(import.meta.url)('usearch')
  const scan = {
    search: (query) => exactSearch(data.vectors, query.slice(), DIMENSIONS, K, 'ip', 1),
    queries: QUERIES,
  }
  const unfiltered = {
    search: (query) => packages.search({ vector: query, topK: K, exact: true }),
    queries: QUERIES,
  }
  const contenders = [scan, unfiltered]
  const samples = { scan: [], unfiltered: [] }
  for (const one of cases) {
    one.search = (query) => packages.search({ vector: query, topK: K, exact: true, filter: one.filter })
    one.samples = []
    one.latencies = []
    contenders.push(one)
    const { filter } = await packages.explain({ vector: data.query(0), filter: one.filter })
    one.usesIndex = filter.indexes.length > 0
    if (one.usesIndex !== one.indexed) throw new Error(`${one.name}: indexes used: ${filter.indexes}`)
    for (let index = 0; index < one.queries; index++) {
      const hits = await one.search(data.query(index))
      assertNearest(data, data.query(index), hits, one.rowsById, K, one.name)
    }
  }
  for (let round = -1; round < repetitions; round++) {
    const rates = []
    for (const { search, queries, latencies } of contenders) {
      const started = performance.now()
      for (let index = 0; index < queries; index++) {
        const asked = performance.now()
        await search(data.query(index))
        if (round >= 0) latencies?.push(performance.now() - asked)
      }
      rates.push(queries / ((performance.now() - started) / 1_000))
    }
    if (round < 0) continue
    const [scanned, found, ...filtered] = rates
    samples.scan.push(scanned)
    samples.unfiltered.push(found)
    for (const [index, one] of cases.entries()) one.samples.push(filtered[index])
  }
  await store.close()
  const baseline = { name: "usearch exactSearch 'ip' of everything", samples: samples.scan }
  const unit = 'queries/s'
  const own = { name: 'ours without a filter', samples: samples.unfiltered }
  const againstOwn = cases
    .filter(({ bars }) => bars)
    .map(({ name, samples: ours }) => ({ name, unit, ours, baseline: own }))
  const lines = cases.map(({ name, samples: ours, bars, rowsById, latencies, queries }) => ({
    ...{ name, unit, ours, baseline },
    ...(bars ? { bars } : {}),
    note: `${rowsById.size} of ${data.count} match; p50 ${percentile(latencies, 0.5).toFixed(2)} ms, p99 ${percentile(latencies, 0.99).toFixed(2)} ms; ${queries} queries equal a naive scan`,
  }))
  return [{ name: 'no filter', unit, ours: samples.unfiltered, baseline }, ...lines, ...againstOwn]
}

/** The cases of filter-cases.mjs, each with the rows that match by id; and one by a field without an index. */
function casesOf(data, metadata) {
  const caseOf = ({ percent, condition, rows }, more) => ({
    name: `${percent} % ${JSON.stringify(filterOf(condition))}`,
    ...{ filter: filterOf(condition), rowsById: new Map(rows.map((row) => [data.id(row), row])) },
    ...{ indexed: true, queries: QUERIES, ...(percent === 1 ? { bars: [{ of: 'ratio', atLeast: 5 }] } : {}) },
    ...more,
  })
  const cases = filterCases(data, metadata)
  const bucket = cases.find(({ percent, condition }) => percent === 1 && condition.field === 'bucket')
  const plain = { ...bucket, condition: { ...bucket.condition, field: 'plain' } }
  return [
    ...cases.map((one) => caseOf(one)),
    caseOf(plain, { indexed: false, queries: QUERIES_UNINDEXED, bars: undefined }),
  ]
}
