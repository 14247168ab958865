/** Queries that were asked before, with a cache of answers and without. */
import { startContender } from '../contender.mjs'
import { ratesByTurns } from '../turns.mjs'

export const title = 'repeated queries'
const K = 10
/** Asked over and over; all of their answers fit. */
const QUERIES = 100
const ENTRIES_MAX = 1_000

/** @returns {Promise<import('../line.mjs').Line[]>} */
export async function measure({ directory, repetitions }) {
  const line = { name: `${QUERIES} queries over and over, cached`, unit: 'queries/s' }
  const bars = [{ of: 'ratio', atLeast: 10 }]
  const opened = { cache: { maxEntries: ENTRIES_MAX } }
  const cached = await startContender('replivec', `${directory}/cached`, { opened })
  if (cached.missing !== undefined) return [{ ...line, ours: [], missing: cached.missing, bars }]
  const plain = await startContender('replivec', `${directory}/plain`)
  for (const contender of [cached, plain]) {
    await contender.build()
    contender.assertPresent()
  }
  const request = { effort: null, k: K, queries: QUERIES }
  // The first time fills the cache; what comes out of it must be what went in. (Two stores have two graphs: theirs may differ.)
  const searched = await cached.answers(request)
  const kept = await cached.answers(request)
  await plain.answers(request)
  const same = JSON.stringify(kept) === JSON.stringify(searched)
  const works = [cached, plain].map((contender) => ({ contender, request }))
  const [ours, samples] = await ratesByTurns(works, repetitions)
  const { cache } = await cached.call('stats')
  for (const contender of [cached, plain]) contender.close()
  const note = `${cache.hits} hits and ${cache.misses} misses; the answers are ${same ? 'those' : 'NOT all those'} of the first searches`
  return [{ ...line, ours, baseline: { name: 'no cache', samples }, bars, note }]
}
