/** Writes plots as SVG: elements as text, scales and axes. Neutral greys and middle tones stand on light and dark pages. */

export const GREY = '#808080'
const FONT = 'font-family="system-ui, sans-serif" font-size="13"'

/** A whole picture, described for those who do not see it. */
export function picture({ width, height, description }, elements) {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(description)}" ${FONT}>`,
    ...elements.flat(Infinity),
    '</svg>',
    '',
  ].join('\n')
}

/** `<name a="1"/>`; members that are `undefined` are left out. */
export function element(name, attributes, content) {
  const text = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? rounded(value) : escaped(value)}"`)
    .join('')
  return content === undefined ? `<${name}${text}/>` : `<${name}${text}>${escaped(content)}</${name}>`
}

export function text(x, y, content, { anchor = 'start', fill = GREY, rotate, weight } = {}) {
  const transform = rotate === undefined ? undefined : `rotate(${rotate} ${rounded(x)} ${rounded(y)})`
  return element('text', { x, y, 'text-anchor': anchor, fill, transform, 'font-weight': weight }, content)
}

export function line(x1, y1, x2, y2, { stroke = GREY, opacity = 1, width = 1 } = {}) {
  return element('line', { x1, y1, x2, y2, stroke, 'stroke-opacity': opacity, 'stroke-width': width })
}

/** Maps values from `low` to `high`, as `along` bends them, to pixels. */
export function scale([low, high], [from, to], along = (value) => value) {
  const start = along(low)
  const span = along(high) - start
  return (value) => from + ((along(value) - start) / span) * (to - from)
}

/** Powers of ten, and twice and five times them, that cover some values; with two of them at least. */
export function roundSteps(values) {
  const steps = []
  for (let power = -3; power < 9; power++) for (const of of [1, 2, 5]) steps.push(of * 10 ** power)
  const first = Math.max(
    0,
    steps.findLastIndex((step) => step <= Math.min(...values)),
  )
  const last = steps.findIndex((step) => step >= Math.max(...values))
  return steps.slice(first, Math.max(last, first + 1) + 1)
}

/** A scale from below with a faint line for each step. */
export function leftAxis(steps, y, [left, right], { title } = {}) {
  const top = Math.min(...steps.map(y))
  const bottom = Math.max(...steps.map(y))
  return [
    ...steps.map((step) => line(left, y(step), right, y(step), { opacity: 0.25 })),
    ...steps.map((step) => text(left - 8, y(step) + 4, thousands(step), { anchor: 'end' })),
    title === undefined ? [] : text(left - 62, (top + bottom) / 2, title, { anchor: 'middle', rotate: -90 }),
  ]
}

function thousands(value) {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ' ')
}

function rounded(value) {
  return String(Math.round(value * 10) / 10)
}

function escaped(value) {
  return String(value)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
