/** The process one row runs in: `node row-process.mjs <row> <directory> <repetitions>`. */
import process, { argv } from 'node:process'

const [, , row, directory, repetitions] = argv
const { title, measure } = await import(`./rows/${row}.mjs`)
const started = performance.now()
const measured = await measure({ directory, repetitions: Number(repetitions) })
const { lines, ...more } = Array.isArray(measured) ? { lines: measured } : measured
const seconds = (performance.now() - started) / 1_000
process.send({ row, title, lines, ...more, seconds }, () => process.disconnect())
