/** The process one row runs in: `node row-process.mjs <row> <directory> <repetitions>`. */
import process, { argv } from 'node:process'

const [, , row, directory, repetitions] = argv
const { title, measure } = await import(`./rows/${row}.mjs`)
const started = performance.now()
const lines = await measure({ directory, repetitions: Number(repetitions) })
const seconds = (performance.now() - started) / 1_000
process.send({ row, title, lines, seconds }, () => process.disconnect())
