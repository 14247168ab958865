/** Searches in flight together and in batches, against one after another and against usearch's own batches. */
import { startContender } from '../contender.mjs'
import { loadDataset } from '../dataset.mjs'
import { groundTruth } from '../ground-truth.mjs'
import { curveText, measureCurves, ratesAtRecall, recallText } from '../recall-curve.mjs'

export const title = 'searches in flight and in batches, k = 10'
const K = 10
const QUERIES = 500
const IN_FLIGHT = 8
const BATCH = 64
/** What usearch is given at once: as many as keep its threads busy for many times what starting them takes. */
const NATIVE_BATCH = 256
/** A turn has many batches. */
const TURN_MS = 500

/** @returns {Promise<import('../line.mjs').Line[]>} */
export async function measure({ directory, repetitions }) {
  const truth = groundTruth(loadDataset(), { queries: QUERIES, k: K })
  const ours = await startContender('replivec', `${directory}/ours`)
  const usearch = await startContender('usearch', `${directory}/usearch`)
  for (const contender of [ours, usearch]) await contender.build()
  ours.assertPresent()
  const own = (mode) => ({ contender: ours, mode, efforts: [null] })
  const subjects = [
    own({ kind: 'one' }),
    own({ kind: 'inFlight', count: IN_FLIGHT }),
    own({ kind: 'batch', count: BATCH }),
    { contender: usearch, mode: { kind: 'batch', count: NATIVE_BATCH } },
  ]
  const options = { k: K, queries: QUERIES, repetitions, turnMs: TURN_MS }
  const [one, inFlight, batch, native] = await measureCurves(subjects, truth, options)
  for (const contender of [ours, usearch]) contender.close()
  const unit = 'queries/s'
  const [alone, together, batches] = [one, inFlight, batch].map(({ points }) => points[0])
  const baseline = {
    name: `one after another, recall ${recallText(alone.recall)}`,
    samples: alone.rates,
  }
  const name = `${IN_FLIGHT} in flight, recall ${recallText(together.recall)}`
  return [
    { name, unit, ours: together.rates, baseline, bars: [{ of: 'ratio', atLeast: 1.4 }] },
    {
      ...{ name, unit, ours: together.rates, baseline: nativeBatches(usearch, native, together.recall) },
      bars: [{ of: 'ratio', atLeast: 0.6 }],
      ...(native ? { note: `${usearch.name}: ${curveText(native)}` } : {}),
    },
    {
      name: `batches of ${BATCH}, recall ${recallText(batches.recall)}`,
      ...{ unit, ours: batches.rates, baseline, bars: [{ of: 'ratio', atLeast: 1.6 }] },
    },
  ]
}

function nativeBatches(usearch, curve, recall) {
  if (!curve) return { name: usearch.name, missing: usearch.missing }
  const { rates, reached } = ratesAtRecall(curve, recall)
  const where = reached ? 'at this recall' : 'at its best recall'
  return { name: `${usearch.name}, batches of ${NATIVE_BATCH} on 2 threads ${where}`, samples: rates }
}
