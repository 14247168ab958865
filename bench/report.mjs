/** The result as an aligned table for a terminal and as a table for a page. */
import { cellsOf } from './line.mjs'

const COLUMNS = ['case', 'ours', 'baseline', 'ratio', 'bar']

/** One row as text, columns aligned, notes below their line. */
export function asText({ title, lines, seconds }) {
  const rows = lines.map(cellsOf)
  const width = (column) => Math.max(column.length, ...rows.map((cells) => cells[column].length))
  const widths = Object.fromEntries(COLUMNS.map((column) => [column, width(column)]))
  const padded = (cells) =>
    `  ${COLUMNS.map((column) => cells[column].padEnd(widths[column])).join('  ')}`.trimEnd()
  const header = padded(Object.fromEntries(COLUMNS.map((column) => [column, column])))
  const body = rows.flatMap((cells) => [padded(cells), ...(cells.note === '' ? [] : [`      ${cells.note}`])])
  return [`${title} (${seconds.toFixed(0)} s)`, header, ...body].join('\n')
}

/** All rows as Markdown, and the plots drawn from them, which lie in a folder beside the page. */
export function asMarkdown({ machine, dataset, date, repetitions, loadAverage, rows }, plots) {
  const { processor, cores, memoryGib, system, node, fileSystem } = machine
  const intro = [
    `Run of ${date}: Node ${node}, ${system}, ${processor}, ${cores} cores, ${memoryGib} GiB, ${fileSystem}.`,
    `Data: ${dataset}. Median [least–most] of ${repetitions} repetitions.
Load average of the machine: ${loadAverage.before.toFixed(1)} before, ${loadAverage.after.toFixed(1)} after.`,
  ]
  const tables = rows.map(({ title, lines, again }) => {
    const header = '| case | ours | baseline | ratio | bar |\n| --- | --- | --- | --- | --- |'
    const body = lines.map(cellsOf).map((cells) => {
      const name = cells.note === '' ? cells.case : `${cells.case}<br>${cells.note}`
      return `| ${[name, cells.ours, cells.baseline, cells.ratio, cells.bar].map(escaped).join(' | ')} |`
    })
    const when = again === undefined ? '' : `Run by itself on ${again}, after the others.\n\n`
    return `### ${title}\n\n${when}${header}\n${body.join('\n')}`
  })
  const images = plots.map(({ name, title }) => `![${title}](plots/${name})`)
  return [intro.join('\n'), ...images, ...tables].join('\n\n')
}

function escaped(cell) {
  return cell.replaceAll('|', '\\|')
}
