/** The plots of docs/plots, from the result of a run: how fast each is at which recall, and under filters. */
import { median } from './statistics.mjs'
import { element, GREY, leftAxis, line, picture, roundSteps, scale, text } from './svg.mjs'

/** Middle tones, told apart also without red and green; ours is the strong one. */
const COLOURS = {
  "ours, 'cpu'": '#d95f0e',
  "ours, 'quantized'": '#f0a35e',
  usearch: '#3182bd',
  'hnswlib-node': '#31a06b',
  '@zvec/zvec': '#9e6ab8',
  '@lancedb/lancedb': '#b59a1e',
  'sqlite-vec': '#8a8a8a',
}
/** A search that finds less than this under a filter is drawn hollow. */
const RECALL_MIN = 0.99

/**
 * @param {{ rows: { curves?: import('./recall-curve.mjs').Curve[], filters?: object[] }[] }} result
 * @returns {{ name: string, title: string, svg: string }[]} one for each kind that the result has numbers for
 */
export function plots({ rows }) {
  const curves = rows.flatMap((row) => row.curves ?? [])
  const filters = rows.flatMap((row) => row.filters ?? [])
  const drawn = []
  if (curves.length > 0) {
    const title = 'Queries per second at recall, for ours and each peer: higher and farther right is better'
    drawn.push({ name: 'recall-speed.svg', title, svg: recallPlot(curves, title) })
  }
  if (filters.length > 0) {
    const title = 'Queries per second under filters of falling shares of matches: higher is better'
    drawn.push({ name: 'filters.svg', title, svg: filterPlot(filters, title) })
  }
  return drawn
}

/** What is missed counts on the way to 1: the step from 0.99 to 0.999 is as wide as that from 0.9 to 0.99. */
const MISSED_MIN = 0.0005
const missed = (recall) => -Math.log10(Math.max(1 - recall, MISSED_MIN))
const RECALLS = [0.8, 0.9, 0.95, 0.97, 0.98, 0.99, 0.995, 0.999]

function recallPlot(curves, description) {
  const [width, height] = [860, 480]
  const [left, right, top, bottom] = [80, 640, 24, 420]
  const points = curves.flatMap((curve) => curve.points)
  const lowest = Math.min(...points.map(({ recall }) => recall))
  const first = RECALLS.findLast((recall) => recall <= lowest) ?? lowest
  const x = scale([first, 1], [left, right], missed)
  const steps = roundSteps(points.map(({ rates }) => median(rates)))
  const y = scale([steps[0], steps.at(-1)], [bottom, top], Math.log10)
  const drawn = curves.map((curve) => {
    const places = [...curve.points]
      .sort((a, b) => a.recall - b.recall)
      .map(({ recall, rates }) => ({ x: x(recall), y: y(median(rates)) }))
    return { name: curve.name, colour: colourOf(curve.name), places, end: places.at(-1) }
  })
  return picture({ width, height, description }, [
    leftAxis(steps, y, [left, right], { title: 'queries per second' }),
    [...RECALLS.filter((recall) => recall >= first), 1].map((recall) => [
      line(x(recall), top, x(recall), bottom, { opacity: 0.25 }),
      text(x(recall), bottom + 20, recall, { anchor: 'middle' }),
    ]),
    text((left + right) / 2, bottom + 44, 'recall at 10, by distance', { anchor: 'middle' }),
    drawn.map(({ places, colour, name }) => curveOf(places, colour, isOurs(name) ? 3 : 1.5)),
    labels(drawn, right + 28, [top, bottom]),
  ])
}

function curveOf(places, colour, width) {
  const points = places.map((place) => `${place.x.toFixed(1)},${place.y.toFixed(1)}`).join(' ')
  return [
    element('polyline', { points, fill: 'none', stroke: colour, 'stroke-width': width }),
    ...places.map(({ x, y }) => element('circle', { cx: x, cy: y, r: width + 1, fill: colour })),
  ]
}

/** Names beside the ends of their curves, moved apart where two would meet. */
function labels(drawn, x, [top, bottom]) {
  const gap = 18
  const sorted = [...drawn].sort((a, b) => a.end.y - b.end.y)
  let free = top
  const wanted = sorted.map(({ end }) => {
    const y = Math.max(end.y, free)
    free = y + gap
    return y
  })
  const over = Math.max(0, free - gap - bottom)
  return sorted.map(({ name, colour, end }, index) => {
    const y = wanted[index] - over
    return [
      line(end.x, end.y, x - 6, y, { stroke: colour, opacity: 0.5 }),
      text(x, y + 4, name, { fill: colour, weight: isOurs(name) ? 'bold' : undefined }),
    ]
  })
}

/** A panel for each field, in it a group of bars for each share of matches. */
function filterPlot(filters, description) {
  const [width, height] = [860, 650]
  const names = [...new Set(filters.flatMap(({ settings }) => settings.map(({ name }) => name)))]
  const steps = roundSteps(filters.flatMap(({ settings }) => settings.map(({ rates }) => median(rates))))
  const fields = [...new Set(filters.map(({ condition }) => condition.field))]
  const panels = fields.map((field, index) => {
    const [left, top] = [80 + (index % 2) * 410, 84 + Math.floor(index / 2) * 280]
    const cases = filters.filter(({ condition }) => condition.field === field)
    return panel(cases, names, steps, {
      left,
      right: left + 350,
      top,
      bottom: top + 220,
      first: index % 2 === 0,
    })
  })
  return picture({ width, height, description }, [
    names.map((name, index) => legend(name, 80 + (index % 3) * 260, 16 + Math.floor(index / 3) * 20)),
    panels,
    text(
      80,
      height - 16,
      `Matching records by field and share. Hollow: recall below ${RECALL_MIN} at the widest setting.`,
    ),
  ])
}

function panel(cases, names, steps, { left, right, top, bottom, first }) {
  const y = scale([steps[0], steps.at(-1)], [bottom, top], Math.log10)
  const group = (right - left) / cases.length
  const bar = (group - 12) / names.length
  return [
    leftAxis(steps, y, [left, right], first ? { title: 'queries per second' } : {}),
    cases.map(({ percent, condition, settings }, index) => {
      const start = left + index * group + 6
      const middle = start + (group - 12) / 2
      return [
        settings.map(({ name, recall, rates }) => {
          const colour = colourOf(name)
          const height = bottom - y(median(rates))
          return element('rect', {
            ...{ x: start + names.indexOf(name) * bar, y: bottom - height, width: bar - 1, height },
            ...(recall < RECALL_MIN ? { fill: 'none', stroke: colour } : { fill: colour }),
          })
        }),
        text(middle, bottom + 18, `${percent} %`, { anchor: 'middle' }),
        index === 0 ? text(left, top - 8, titleOf(condition)) : [],
      ]
    }),
    line(left, bottom, right, bottom, { stroke: GREY }),
  ]
}

function titleOf({ field, operator }) {
  return `${field} ${{ $eq: 'is', $lt: 'is below', $gte: 'is at least' }[operator]} …`
}

function legend(name, x, y) {
  return [
    element('rect', { ...{ x, y, width: 12, height: 12 }, fill: colourOf(name) }),
    text(x + 18, y + 11, name, { weight: isOurs(name) ? 'bold' : undefined }),
  ]
}

function colourOf(name) {
  const key = Object.keys(COLOURS).find((start) => name.startsWith(start))
  return COLOURS[key] ?? GREY
}

function isOurs(name) {
  return name.startsWith('ours')
}
