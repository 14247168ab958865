/**
 * The speeds of a contender at several efforts, each with its recall: what a search costs is only known together with how
 * much it finds.
 *
 * @typedef {{ effort: unknown, recall: number, rates: number[] }} Point `rates` has a sample per repetition
 *
 * @typedef {{ name: string, effortName: string, points: Point[] }} Curve
 */
import { figure, median } from './statistics.mjs'
import { ratesByTurns } from './turns.mjs'

/** Behind the point: what is missed counts, and that is little. */
export const RECALL_DIGITS = 4

/** So much less is as good, for the peer: a few thousand hits tell recalls apart no better. */
const EQUAL = 0.001

/**
 * What is measured: a contender, how its queries are asked, and with which efforts where not with all.
 *
 * @typedef {{ contender: import('./contender.mjs').Contender, mode?: import('./contender.mjs').Mode, efforts?: unknown[] }} Subject
 */

/**
 * Measures subjects at their efforts: recall first, which also warms up, then the speed of all of them turn by turn.
 *
 * @param {Subject[]} subjects
 * @param {ReturnType<typeof import('./ground-truth.mjs').groundTruth>} truth
 * @param {object} options
 * @param {number} options.k
 * @param {number} options.queries
 * @param {number} options.repetitions
 * @param {number} [options.turnMs]
 * @returns {Promise<(Curve | undefined)[]>} a curve for each subject that is not missing
 */
export async function measureCurves(subjects, truth, { k, queries, repetitions, turnMs }) {
  const works = []
  const curves = []
  for (const { contender, mode, efforts = contender.efforts } of subjects) {
    const { name, effortName } = contender
    const curve = { name, effortName, points: [] }
    curves.push(curve)
    for (const effort of efforts) {
      const request = { mode, effort, k, queries }
      const answers = await contender.attempt(() => contender.answers(request))
      if (answers === undefined) break
      const point = { effort, recall: truth.meanRecall(answers), rates: [] }
      curve.points.push(point)
      works.push({ contender, request, point })
    }
  }
  const rates = await ratesByTurns(works, repetitions, { turnMs })
  for (const [index, { point }] of works.entries()) point.rates = rates[index]
  return curves.map((curve, index) => (subjects[index].contender.missing === undefined ? curve : undefined))
}

/**
 * How fast a contender is where it finds as much as asked for: between the two settings around that recall, in the logarithm
 * of the speed. One that always finds more counts with its fastest setting, one that never finds so much with its best one,
 * and then `reached` is false: it would be slower still.
 *
 * @param {Curve} curve
 * @param {number} found - the recall that ours has
 * @returns {{ rates: number[], reached: boolean }}
 */
export function ratesAtRecall({ points }, found) {
  const recall = found - EQUAL
  const sorted = [...points].sort((a, b) => a.recall - b.recall)
  const above = sorted.filter((point) => point.recall >= recall)
  const below = sorted.filter((point) => point.recall < recall).at(-1)
  if (above.length === 0) return { rates: below.rates, reached: false }
  if (below === undefined) return { rates: fastest(above).rates, reached: true }
  const [next] = above
  const share = (recall - below.recall) / (next.recall - below.recall)
  const rates = below.rates.map(
    (slower, repetition) => slower ** (1 - share) * next.rates[repetition] ** share,
  )
  return { rates, reached: true }
}

/** The fastest of some points, by the median. */
export function fastest(points) {
  return points.reduce((best, point) => (median(point.rates) > median(best.rates) ? point : best))
}

/** `ef 16: 5 000 @ 0.941; …` for a note. */
export function curveText({ effortName, points }) {
  const settings = points.map(
    ({ effort, recall, rates }) =>
      `${effort === null ? '' : `${effort}: `}${figure(median(rates))} @ ${recallText(recall)}`,
  )
  return `${effortName} ${settings.join('; ')}`
}

export function recallText(recall) {
  return recall.toFixed(RECALL_DIGITS)
}
