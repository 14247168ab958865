/** The backend 'quantized': how much it finds, and how many bytes its graph takes beside one of f32. */
import { startContender } from '../contender.mjs'
import { loadDataset } from '../dataset.mjs'
import { groundTruth } from '../ground-truth.mjs'
import { measureCurves, RECALL_DIGITS, ratesAtRecall, recallText } from '../recall-curve.mjs'

export const title = "backend 'quantized'"
const K = 10
const QUERIES = 500
const MIB = 1024 * 1024

/** @returns {Promise<import('../line.mjs').Measured>} */
export async function measure({ directory, repetitions }) {
  const truth = groundTruth(loadDataset(), { queries: QUERIES, k: K })
  const ours = await startContender('replivec', `${directory}/ours`, { backend: 'quantized' })
  const usearch = await startContender('usearch', `${directory}/usearch`)
  for (const contender of [ours, usearch]) {
    await contender.build()
    contender.assertPresent()
  }
  const subjects = [{ contender: ours }, { contender: usearch }]
  const [own, graph] = await measureCurves(subjects, truth, { k: K, queries: QUERIES, repetitions })
  const { bytes, what } = await ours.call('indexBytes')
  const graphBytes = await usearch.call('fileBytes')
  const { index, fallbackReason } = await ours.call('stats')
  for (const contender of [ours, usearch]) contender.close()
  const [asItComes] = own.points
  const { rates, reached } = ratesAtRecall(graph, asItComes.recall)
  const lines = [
    {
      ...{
        name: 'recall by distance',
        unit: `over ${QUERIES} queries`,
        digits: RECALL_DIGITS,
        ours: [asItComes.recall],
      },
      bars: [{ of: 'ours', atLeast: 0.97 }],
      note: `'${index.kind}' answered${fallbackReason === undefined ? '' : `: ${fallbackReason}`}`,
    },
    {
      ...{ name: `bytes of the index: ${what}`, unit: 'MiB', ours: [bytes / MIB] },
      baseline: { name: 'file of a usearch f32 graph', samples: [graphBytes / MIB] },
      bars: [{ of: 'ratio', atMost: 0.35 }],
    },
    {
      ...{ name: `one search after another, recall ${recallText(asItComes.recall)}`, unit: 'queries/s' },
      ...{ ours: asItComes.rates },
      baseline: { name: `${usearch.name} at ${reached ? 'this' : 'its best'} recall`, samples: rates },
    },
  ]
  return { lines, curves: [own] }
}
