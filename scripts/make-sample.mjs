/**
 * Cuts `examples/data` from a folder of Debian packages as vectors: `node scripts/make-sample.mjs <folder>`. The same
 * folder gives the same bytes. `examples/data/README.md` describes both.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'

const DIMENSIONS = 256
const RECORDS = 3_600
const QUERIES = 20
/** Of each query's true nearest records so many are kept, so that a search finds something worth showing. */
const NEIGHBORS_KEPT = 30
const NEIGHBORS_KNOWN = 100
/** No section fills the sample: a filter by any of the larger ones keeps a similar share. */
const SECTION_MAX = 240
const SEED = 20_260_101

const source = argv[2]
if (source === undefined)
  throw new Error('Name the folder to cut from: node scripts/make-sample.mjs <folder>')

const records = readLines('metadata.jsonl')
const vectors = readFileSync(join(source, 'vectors.f32'))
const queries = readLines('queries.jsonl')
const queryVectors = readFileSync(join(source, 'queries.f32'))
const neighbors = readFileSync(join(source, 'neighbors.i32'))

const random = mulberry32(SEED)
const chosenQueries = chooseQueries()
const chosenRecords = chooseRecords()
const target = fileURLToPath(new URL('../examples/data/', import.meta.url))
mkdirSync(target, { recursive: true })
write('packages', chosenRecords, records, vectors)
write('queries', chosenQueries, queries, queryVectors)

/** One query per section, and only such with enough tags to make a filter from. */
function chooseQueries() {
  const sections = new Set()
  const chosen = []
  for (const row of shuffled(queries.length)) {
    const { section, tags } = queries[row]
    if (chosen.length === QUERIES || tags.length < 3 || sections.has(section)) continue
    sections.add(section)
    chosen.push(row)
  }
  return chosen.sort((a, b) => a - b)
}

/** The queries' neighbours first, then whatever comes; a record without tags has to be lucky. */
function chooseRecords() {
  const chosen = new Set()
  const inSection = new Map()
  const add = (row) => {
    const { section } = records[row]
    const count = inSection.get(section) ?? 0
    if (chosen.size === RECORDS || chosen.has(row) || count === SECTION_MAX) return
    inSection.set(section, count + 1)
    chosen.add(row)
  }
  for (const query of chosenQueries) {
    for (let i = 0; i < NEIGHBORS_KEPT; i++) add(neighbors.readInt32LE((query * NEIGHBORS_KNOWN + i) * 4))
  }
  for (const row of shuffled(records.length)) if (records[row].tags.length > 0 || random() < 0.3) add(row)
  return [...chosen].sort((a, b) => a - b)
}

/** Line i of the .jsonl belongs to row i of the .f32; the running number of the source is dropped for the name. */
function write(name, rows, metadata, floats) {
  const lines = rows.map((row) => {
    const { id: _row, ...rest } = metadata[row]
    return `${JSON.stringify(rest)}\n`
  })
  const bytes = DIMENSIONS * 4
  writeFileSync(join(target, `${name}.jsonl`), lines.join(''))
  writeFileSync(
    join(target, `${name}.f32`),
    Buffer.concat(rows.map((row) => floats.subarray(row * bytes, (row + 1) * bytes))),
  )
  console.log(`${name}: ${rows.length}, ${new Set(rows.map((row) => metadata[row].section)).size} sections`)
}

function readLines(name) {
  return readFileSync(join(source, name), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

/** The numbers below `count` in random order (Fisher and Yates). */
function shuffled(count) {
  const rows = Array.from({ length: count }, (_, row) => row)
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    ;[rows[i], rows[j]] = [rows[j], rows[i]]
  }
  return rows
}

/** A small seeded generator of numbers in [0, 1), by Tommy Ettinger; in the public domain. */
function mulberry32(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
