/**
 * One line of the result: our samples, perhaps a baseline's samples from the same repetitions, and perhaps bars.
 *
 * @typedef {object} Line
 * @property {string} name - the case within its row
 * @property {string} unit - of the samples
 * @property {number[]} ours - one sample per repetition; none where `missing` says why
 * @property {string} [missing]
 * @property {number} [digits] - behind the point of samples, where three that signify are too few: recall is near 1
 * @property {{ name: string, samples: number[] } | { name: string, missing: string }} [baseline] - what ours is divided
 *   by, repetition by repetition, or why it could not be measured
 * @property {Bar[]} [bars]
 * @property {string} [note]
 *
 * @typedef {Line[] | { lines: Line[], curves?: object[], filters?: object[] }} Measured what a row returns: with what
 *   plot.mjs draws, where it draws the row
 *
 * @typedef {{ of: 'ratio' | 'ours', atLeast?: number, above?: number, atMost?: number, below?: number }} Bar
 */
import { figure, median, ratios, spread } from './statistics.mjs'

/**
 * The cells of a line: case, ours, baseline, ratio, bar.
 *
 * @param {Line} line
 */
export function cellsOf(line) {
  const { name, unit, ours, missing, digits, baseline, bars = [], note = '' } = line
  const theirs = baseline && !baseline.missing && !missing ? baseline.samples : undefined
  return {
    case: name,
    ours: missing ?? `${spread(ours, digits)} ${unit}`,
    baseline: theirs
      ? `${baseline.name}: ${spread(theirs, digits)}`
      : baseline?.missing
        ? `${baseline.name}: ${baseline.missing}`
        : '',
    ratio: theirs ? `${spread(ratios(ours, theirs))}×` : '',
    bar: bars.map((bar) => `${barText(bar)} ${verdictOf(bar, ours, theirs)}`).join('; '),
    note,
  }
}

function barText(bar) {
  const suffix = bar.of === 'ratio' ? '×' : ''
  if (bar.atLeast !== undefined) return `≥ ${figure(bar.atLeast)}${suffix}`
  if (bar.above !== undefined) return `> ${figure(bar.above)}${suffix}`
  if (bar.below !== undefined) return `< ${figure(bar.below)}${suffix}`
  return `≤ ${figure(bar.atMost)}${suffix}`
}

/** Whether the median meets the bar. */
function verdictOf(bar, ours, theirs) {
  if (ours.length === 0 || (bar.of === 'ratio' && !theirs)) return 'not measured'
  const value = median(bar.of === 'ratio' ? ratios(ours, theirs) : ours)
  const { atLeast = -Infinity, above = -Infinity, atMost = Infinity, below = Infinity } = bar
  return value >= atLeast && value > above && value <= atMost && value < below ? 'met' : 'MISSED'
}
