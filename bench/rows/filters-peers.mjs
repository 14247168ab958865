/** Search under a filter, as approximate as each is by itself, against peers with the filters they document. */
import { performance } from 'node:perf_hooks'
import { startContender, startContenders } from '../contender.mjs'
import { loadDataset } from '../dataset.mjs'
import { bucketed, filterCases, filterOf } from '../filter-cases.mjs'
import { groundTruth } from '../ground-truth.mjs'
import { RECALL_DIGITS, recallText } from '../recall-curve.mjs'
import { figure, median } from '../statistics.mjs'
import { ratesByTurns } from '../turns.mjs'

export const title = 'filtered search against peers, k = 10'
const K = 10
const QUERIES = 100
const RECALL_MIN = 0.99
const PATIENCE_MS = 5_000
const PEERS = ['usearch', 'hnswlib', 'zvec', 'lancedb', 'sqlite-vec']

/** @returns {Promise<import('../line.mjs').Measured>} */
export async function measure({ directory, repetitions }) {
  const data = loadDataset()
  const ours = await startContender('replivec', `${directory}/ours`)
  const peers = await startContenders(PEERS, directory)
  for (const contender of [ours, ...peers]) await contender.build()
  ours.assertPresent()
  const cases = []
  for (const { percent, condition, rows } of filterCases(data, bucketed(data))) {
    const truth = groundTruth(data, { queries: QUERIES, k: K, rows })
    const settings = []
    for (const contender of [ours, ...peers]) {
      // A user of ours sets nothing; a peer is given the least effort that finds enough.
      const efforts = contender === ours ? [null] : contender.efforts
      const request = { condition, k: K, queries: QUERIES }
      settings.push(await leastEffort(contender, efforts, request, truth, Math.min(K, rows.length)))
    }
    const works = settings.filter(({ contender }) => contender.missing === undefined)
    // A filter that is asked for over and over is found once; peers find it anew, as far as is known.
    const fresh = { contender: ours, request: { ...settings[0].request, mode: { kind: 'fresh' } } }
    const rates = await ratesByTurns([...works, fresh], repetitions)
    for (const [index, work] of [...works, fresh].entries()) work.rates = rates[index]
    ours.assertPresent()
    const [own, ...others] = settings
    cases.push({ percent, condition, matching: rows.length, own, fresh, others })
  }
  for (const contender of [ours, ...peers]) contender.close()
  return {
    lines: [...boundsOf(cases, peers), ...cases.flatMap((one) => linesOf(one, data.count))],
    filters: cases.map(({ percent, condition, matching, own, others }) => {
      const measured = [own, ...others].filter(isMeasured)
      return { percent, condition, matching, settings: measured.map(published) }
    }),
  }
}

/**
 * Tries efforts from the least on, until one finds enough; that one, or else the last, is raced. A greater effort than one that
 * takes this long wins no race.
 */
async function leastEffort(contender, efforts, request, truth, wanted) {
  let setting
  for (const effort of efforts) {
    const asked = { ...request, effort }
    const started = performance.now()
    const answers = await contender.attempt(() => contender.answers(asked))
    if (answers === undefined) break
    const fewest = Math.min(...answers.map((found) => found.length))
    setting = { contender, request: asked, recall: truth.meanRecall(answers), fewest, wanted }
    if (setting.recall >= RECALL_MIN || performance.now() - started > PATIENCE_MS) break
  }
  return setting ?? { contender }
}

/** What ours must keep in every case. */
function boundsOf(cases, peers) {
  const recalls = cases.map(({ own }) => own.recall)
  const shares = cases.map(({ own }) => own.fewest / own.wanted)
  const unit = `over ${cases.length} filters of ${QUERIES} queries`
  return [
    {
      ...{
        name: 'recall by distance, the lowest of a filter',
        unit,
        ours: [Math.min(...recalls)],
        digits: RECALL_DIGITS,
      },
      ...{ bars: [{ of: 'ours', atLeast: RECALL_MIN }], note: missingText(peers) },
    },
    {
      ...{ name: 'hits of those there are, the fewest of a query', unit, ours: [Math.min(...shares)] },
      bars: [{ of: 'ours', atLeast: 1 }],
    },
  ]
}

/**
 * Ours beside the fastest peer, so that it is faster than every one or the bar is missed, the others in the note; and ours
 * where no filter was asked for before.
 */
function linesOf({ percent, condition, matching, own, fresh, others }, count) {
  const measured = others.filter(isMeasured).sort((a, b) => median(b.rates) - median(a.rates))
  const [first, ...slower] = measured
  const notes = [
    `${matching} of ${count} match`,
    ...slower.map((peer) => `${settingText(peer)}: ${figure(median(peer.rates))}`),
  ]
  const baseline =
    first === undefined
      ? { name: 'peers', missing: 'none was measured' }
      : { name: settingText(first), samples: first.rates }
  const name = `${percent} % ${JSON.stringify(filterOf(condition))}`
  const unit = 'queries/s'
  return [
    {
      ...{ name: `${name}, recall ${recallText(own.recall)}`, unit, ours: own.rates, baseline },
      ...{ bars: [{ of: 'ratio', above: 1 }], note: notes.join('; ') },
    },
    { name: `${name}, asked for the first time`, unit, ours: fresh.rates, baseline },
  ]
}

function missingText(peers) {
  const missing = peers.filter((peer) => peer.missing !== undefined)
  return missing.map((peer) => `${peer.name}: ${peer.missing}`).join('; ')
}

function isMeasured({ contender }) {
  return contender.missing === undefined
}

function settingText({ contender, request: { effort }, recall, fewest, wanted }) {
  const setting = effort === null ? '' : `, ${contender.effortName} ${effort}`
  const short = fewest < wanted ? `, as few as ${fewest} hits` : ''
  return `${contender.name}${setting}, recall ${recallText(recall)}${short}`
}

/** What a plot needs of a setting. */
function published({ contender, request, recall, rates }) {
  return { name: contender.name, effort: request.effort, recall, rates }
}
