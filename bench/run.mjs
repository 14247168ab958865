/**
 * Runs the benchmarks: `npm run bench`, or `npm run bench -- <row> …` for some of them. Each row has a process of its own.
 * A complete run writes bench/results.json, the tables of docs/BENCHMARKS.md and docs/plots; one of some rows only prints, or
 * with `--update` puts them in the place of theirs, or beside them, which then say so.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { arch, cpus, loadavg, platform, release, totalmem } from 'node:os'
import { join } from 'node:path'
import process, { argv, env } from 'node:process'
import { fileURLToPath } from 'node:url'
import { runChild } from './child-process.mjs'
import { loadDataset } from './dataset.mjs'
import { plots } from './plot.mjs'
import { asMarkdown, asText } from './report.mjs'

const root = fileURLToPath(new URL('../', import.meta.url))
const REPETITIONS = Number(env.REPLIVEC_BENCH_REPETITIONS ?? 3)
const ORDER = [
  'pieces',
  'durable-single',
  'buffered-single',
  'bulk-upsert',
  'event-loop',
  'exact-search',
  'filtered-search',
  'reopen',
  'memory',
  'peers',
  'concurrent',
  'filters-peers',
  'quantized',
  'ingest',
  'event-loop-index',
  'update-vector',
  'replaced',
  'reopen-search',
  'memory-search',
  'cache',
  'replication-burst',
  'replication-single',
  'replication-lag',
  'replication-processor',
  'replication-status',
  'replication-bootstrap',
  'replication-catch-up',
  'replication-stalled',
  'replication-links',
  'replication-compression',
]
/** File systems by the number that statfs gives. */
const FILE_SYSTEMS = {
  61267: 'ext4',
  1481003842: 'xfs',
  2435016766: 'btrfs',
  16914836: 'tmpfs',
  2035054128: 'overlayfs',
}

const UPDATE = '--update'
const isUpdate = argv.includes(UPDATE)
const names = argv.slice(2).filter((name) => name !== UPDATE)
const unknown = names.find((name) => !ORDER.includes(name))
if (unknown !== undefined) throw new Error(`There is no row ${unknown}; there are ${ORDER.join(', ')}.`)
const chosen = ORDER.filter((name) => names.length === 0 || names.includes(name))

// On the file system of the repository: a temporary folder of the system may be memory.
mkdirSync(join(root, '.tmp'), { recursive: true })
const directory = mkdtempSync(join(root, '.tmp', 'bench-'))
const removeDirectory = () => rmSync(directory, { recursive: true, force: true })
process.once('exit', removeDirectory)
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))

const result = {
  date: new Date().toISOString().slice(0, 10),
  machine: machine(),
  dataset: loadDataset().description,
  repetitions: REPETITIONS,
  rows: [],
}
/** Processes that wanted a core in the last minute: above the number of cores, others disturbed the run. */
result.loadAverage = { before: loadavg()[0] }
console.log(`data: ${result.dataset}; ${REPETITIONS} repetitions, median [least–most]\n`)
const failed = []
for (const name of chosen) {
  const place = join(directory, name)
  mkdirSync(place)
  try {
    const row = await runChild('row-process.mjs', [name, place, String(REPETITIONS)])
    result.rows.push(row)
    console.log(`${asText(row)}\n`)
  } catch (error) {
    failed.push(name)
    console.error(`${name} failed: ${error.message}\n`)
  }
  rmSync(place, { recursive: true, force: true })
}
result.loadAverage.after = loadavg()[0]
if (failed.length > 0) {
  console.error(`Failed: ${failed.join(', ')}. Nothing was written.`)
  process.exitCode = 1
} else if (names.length === 0) publish(result)
else if (isUpdate) publish(updated())

/** The last complete run with the rows of this one. */
function updated() {
  const last = JSON.parse(readFileSync(join(root, 'bench', 'results.json'), 'utf8'))
  for (const key of ['machine', 'dataset', 'repetitions']) {
    const [was, is] = [last[key], result[key]].map((value) => JSON.stringify(value))
    if (was !== is) throw new Error(`The last complete run has another ${key}: ${was}, not ${is}.`)
  }
  const rows = new Map(last.rows.map((row) => [row.row, row]))
  for (const row of result.rows) rows.set(row.row, { ...row, again: result.date })
  return { ...last, rows: ORDER.flatMap((name) => rows.get(name) ?? []) }
}

function publish(result) {
  const folder = join(root, 'docs', 'plots')
  mkdirSync(folder, { recursive: true })
  const drawn = plots(result)
  for (const { name, svg } of drawn) writeFileSync(join(folder, name), svg)
  writeFileSync(join(root, 'bench', 'results.json'), `${JSON.stringify(result, null, 2)}\n`)
  const page = join(root, 'docs', 'BENCHMARKS.md')
  const text = readFileSync(page, 'utf8')
  const between = /(<!-- results -->\n)[\s\S]*(<!-- end of results -->)/
  if (!between.test(text)) throw new Error('docs/BENCHMARKS.md has lost its markers for the results.')
  writeFileSync(
    page,
    text.replace(between, (_, open, close) => `${open}\n${asMarkdown(result, drawn)}\n\n${close}`),
  )
}

function machine() {
  const [first] = cpus()
  const type = statfsSync(root).type
  return {
    processor: first?.model.trim() ?? 'unknown processor',
    cores: cpus().length,
    memoryGib: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release().split('.', 2).join('.')} ${arch()}`,
    node: process.version,
    fileSystem: FILE_SYSTEMS[type] ?? `file system ${type}`,
  }
}
