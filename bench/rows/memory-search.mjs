/** What a fresh process holds in memory when it has reopened a store and answered many searches. */
import { join } from 'node:path'
import { runChild } from '../child-process.mjs'
import { DIMENSIONS, loadDataset } from '../dataset.mjs'
import { figure, median } from '../statistics.mjs'

export const title = 'memory after 10 000 searches'
const SEARCHES = 10_000
const MIB = 1024 * 1024

/** @returns {Promise<import('../line.mjs').Line[]>} */
export async function measure({ directory, repetitions }) {
  const { count } = loadDataset()
  const path = join(directory, 'store')
  await runChild('store-process.mjs', ['writeIndexed', path, String(count)])
  const bare = []
  const searched = []
  for (let round = 0; round < repetitions; round++) {
    bare.push(await runChild('memory-process.mjs', ['bare']))
    searched.push(await runChild('memory-process.mjs', ['search', path, String(SEARCHES)]))
  }
  const name = 'memory of its own, above a process that only loaded the library'
  if ([...bare, ...searched].some(({ held }) => held === null)) {
    return [{ name, unit: 'MiB', ours: [], missing: 'this system has no /proc/self/smaps_rollup' }]
  }
  const raw = (count * DIMENSIONS * 4) / MIB
  const above = (part) => searched.map((sample, round) => (sample.held[part] - bare[round].held[part]) / MIB)
  const unasked = searched.map((sample, round) => (sample.unasked.own - bare[round].held.own) / MIB)
  const [{ kind, pending }] = searched
  const baseline = { name: 'the vectors in f32', samples: searched.map(() => raw) }
  return [
    {
      ...{ name, unit: 'MiB', ours: above('own'), baseline, bars: [{ of: 'ratio', atMost: 1.6 }] },
      note: `after a collection; ${figure(median(unasked))} MiB before it; '${kind}' answered, ${pending} vectors pending`,
    },
    { name: 'mapped files, above the same', unit: 'MiB', ours: above('files'), baseline },
  ]
}
