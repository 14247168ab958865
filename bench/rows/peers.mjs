/** Approximate search, one query after another, metadata returned, against what else runs inside a Node process. */
import { startContender, startContenders } from '../contender.mjs'
import { loadDataset } from '../dataset.mjs'
import { groundTruth } from '../ground-truth.mjs'
import { curveText, measureCurves, RECALL_DIGITS, ratesAtRecall, recallText } from '../recall-curve.mjs'

export const title = 'approximate search, one after another, k = 10'
const K = 10
const QUERIES = 500
/** What an answer must find to be worth a comparison. */
const RECALL_MIN = 0.97
const PEERS = ['usearch', 'hnswlib', 'zvec', 'lancedb', 'sqlite-vec']

/** @returns {Promise<import('../line.mjs').Measured>} */
export async function measure({ directory, repetitions }) {
  const truth = groundTruth(loadDataset(), { queries: QUERIES, k: K })
  const ours = await startContender('replivec', `${directory}/ours`)
  const peers = await startContenders(PEERS, directory)
  const all = [ours, ...peers]
  for (const contender of all) await contender.build()
  ours.assertPresent()
  const subjects = all.map((contender) => ({ contender }))
  const curves = await measureCurves(subjects, truth, { k: K, queries: QUERIES, repetitions })
  ours.assertPresent()
  for (const contender of all) contender.close()
  const [own, ...theirs] = curves
  const [usearch, ...others] = peers.map((peer, index) => ({ peer, curve: theirs[index] }))
  const lines = [
    recallLine(own.points[0]),
    ...own.points.map((point) => againstUsearch(point, usearch)),
    ...others.map((other) => againstPeer(own.points[0], other)),
  ]
  return { lines, curves: curves.filter((curve) => curve !== undefined) }
}

/** By itself a search looks as widely as the library thinks right: that setting is `null`, the first. */
function recallLine({ recall }) {
  return {
    name: `recall by distance, ${settingOf(null)}`,
    unit: `over ${QUERIES} queries`,
    digits: RECALL_DIGITS,
    ours: [recall],
    bars: [{ of: 'ours', atLeast: RECALL_MIN }],
  }
}

function againstUsearch({ effort, recall, rates }, { peer: usearch, curve }) {
  const line = { name: `${settingOf(effort)}, recall ${recallText(recall)}`, unit: 'queries/s', ours: rates }
  if (!curve) return { ...line, baseline: { name: usearch.name, missing: usearch.missing } }
  const { rates: samples, reached } = ratesAtRecall(curve, recall)
  const best = Math.max(...curve.points.map((point) => point.recall))
  const name = `${usearch.name} at ${reached ? 'this recall' : `its best recall, ${recallText(best)}`}`
  return {
    ...line,
    baseline: { name, samples },
    // Below it would be a race of guesses; where the peer cannot follow, only what users get by themselves is held to it.
    ...(effort === null || (recall >= RECALL_MIN && reached) ? { bars: [{ of: 'ratio', atLeast: 1 }] } : {}),
    ...(effort === null ? { note: `${usearch.name}: ${curveText(curve)}` } : {}),
  }
}

function againstPeer({ effort, recall, rates }, { peer, curve }) {
  const line = { name: `${settingOf(effort)}, recall ${recallText(recall)}`, unit: 'queries/s', ours: rates }
  const bars = [{ of: 'ratio', above: 1 }]
  if (!curve) return { ...line, baseline: { name: peer.name, missing: peer.missing }, bars }
  const { rates: samples, reached } = ratesAtRecall(curve, recall)
  const name = `${peer.name} at ${reached ? 'this recall or above' : 'its best recall'}`
  return { ...line, baseline: { name, samples }, bars, note: `${peer.name}: ${curveText(curve)}` }
}

function settingOf(effort) {
  return effort === null ? 'as it comes' : `ef ${effort}`
}
