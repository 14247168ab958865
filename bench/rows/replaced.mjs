/**
 * What is left of a search when every vector was replaced once and nobody asked for any upkeep: against a store that was
 * filled with the new vectors at once.
 */
import { startContender } from '../contender.mjs'
import { loadDataset } from '../dataset.mjs'
import { groundTruth } from '../ground-truth.mjs'
import { RECALL_DIGITS } from '../recall-curve.mjs'
import { figure } from '../statistics.mjs'
import { ratesByTurns } from '../turns.mjs'

export const title = 'after every vector was replaced once'
const K = 10
const QUERIES = 500
const MIB = 1024 * 1024

/** @returns {Promise<import('../line.mjs').Line[]>} */
export async function measure({ directory, repetitions }) {
  const data = loadDataset()
  // Every record gets the vector of another one: the set of vectors, and so the truth, stays what it was.
  const shift = Math.max(1, Math.floor(data.count / 3))
  const replaced = await startContender('replivec', `${directory}/replaced`)
  const fresh = await startContender('replivec', `${directory}/fresh`, { shift })
  for (const contender of [replaced, fresh]) {
    await contender.build()
    contender.assertPresent()
  }
  await fresh.call('settled')
  await replaced.call('replaceAll', shift)
  const quiet = await replaced.call('settled')
  const disk = { replaced: await replaced.call('disk'), fresh: await fresh.call('disk') }
  const request = { effort: null, k: K, queries: QUERIES }
  const truth = groundTruth(data, { queries: QUERIES, k: K })
  const recallOf = async (contender) =>
    truth.meanRecall(
      (await contender.answers(request)).map((found) => found.map((row) => (row + shift) % data.count)),
    )
  const recalls = { replaced: await recallOf(replaced), fresh: await recallOf(fresh) }
  const works = [replaced, fresh].map((contender) => ({ contender, request }))
  const [ours, samples] = await ratesByTurns(works, repetitions)
  for (const contender of [replaced, fresh]) contender.close()
  const diskLine = (name, part, bars) => ({
    ...{ name, unit: 'MiB', ours: [disk.replaced[part] / MIB], bars },
    // Nothing is divided by nothing: an index that is not kept on disk takes none.
    ...(disk.fresh[part] > 0 ? { baseline: { name: 'fresh', samples: [disk.fresh[part] / MIB] } } : {}),
  })
  return [
    {
      ...{
        name: 'recall by distance',
        unit: `over ${QUERIES} queries`,
        digits: RECALL_DIGITS,
        ours: [recalls.replaced],
      },
      ...{ baseline: { name: 'fresh', samples: [recalls.fresh] }, bars: [{ of: 'ours', atLeast: 0.97 }] },
      note: noteOf(quiet),
    },
    {
      ...{ name: 'one search after another', unit: 'queries/s', ours, baseline: { name: 'fresh', samples } },
      bars: [{ of: 'ratio', atLeast: 0.9 }],
    },
    diskLine('disk of the whole store', 'store', [{ of: 'ratio', atMost: 2.5 }]),
    diskLine('disk of the index alone', 'index', []),
  ]
}

function noteOf({ ms, pending, dead, segments, done }) {
  const rest = `${segments} segments, ${pending} vectors pending and ${dead} dead`
  return done
    ? `left alone, nothing changed after ${figure(ms / 1_000)} s: ${rest}`
    : `left alone, it was still at work after ${figure(ms / 1_000)} s: ${rest}`
}
