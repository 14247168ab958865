/**
 * The records and queries the benchmarks run over: the folder that REPLIVEC_BENCH_DATA names (`vectors.f32`,
 * `metadata.jsonl`, `queries.f32`), else the packaged sample, repeated until there are enough records.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { env } from 'node:process'
import { fileURLToPath } from 'node:url'

export const DIMENSIONS = 256
const COUNT = 50_000
/** How far a repeated vector is moved, so that no two are equal: each component by at most this share of the mean one. */
const JITTER = 0.1

/** Reads as many records as asked for; REPLIVEC_BENCH_RECORDS makes everything smaller, for a quick look. */
export function loadDataset(count = Number(env.REPLIVEC_BENCH_RECORDS ?? COUNT)) {
  const folder = env.REPLIVEC_BENCH_DATA
  const source = folder
    ? readSource(folder, 'vectors.f32', 'metadata.jsonl')
    : readSource(
        fileURLToPath(new URL('../examples/data', import.meta.url)),
        'packages.f32',
        'packages.jsonl',
      )
  const { rows, metadata, queries } = source
  const vectors = new Float32Array(count * DIMENSIONS)
  vectors.set(source.vectors.subarray(0, Math.min(vectors.length, source.vectors.length)))
  for (let row = rows; row < count; row++) repeat(vectors, row, row % rows)
  const round = (row) => Math.floor(row / rows)
  return {
    count,
    description:
      rows >= count
        ? `${count} records of ${folder ? 'the folder in REPLIVEC_BENCH_DATA' : 'the packaged sample'}`
        : `${folder ? 'the folder in REPLIVEC_BENCH_DATA' : 'the packaged sample'} of ${rows} records, repeated with slightly moved vectors to ${count}`,
    vectors,
    queries,
    queryCount: queries.length / DIMENSIONS,
    metadata: (row) => metadata[row % rows],
    id: (row) => (round(row) === 0 ? metadata[row].name : `${metadata[row % rows].name}~${round(row)}`),
    vector: (row) => vectors.subarray(row * DIMENSIONS, (row + 1) * DIMENSIONS),
    query(index) {
      const at = (index % this.queryCount) * DIMENSIONS
      return queries.subarray(at, at + DIMENSIONS)
    },
    record(row) {
      const at = row % count
      return { id: this.id(at), vector: this.vector(at), metadata: this.metadata(at) }
    },
    /** Records in batches, made before anything is timed. */
    batches(size) {
      const batches = []
      for (let from = 0; from < count; from += size) {
        batches.push(Array.from({ length: Math.min(size, count - from) }, (_, i) => this.record(from + i)))
      }
      return batches
    },
  }
}

function readSource(folder, vectorsName, metadataName) {
  const metadata = readFileSync(join(folder, metadataName), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  const vectors = readFloats(join(folder, vectorsName))
  const queries = readFloats(join(folder, 'queries.f32'))
  const rows = vectors.length / DIMENSIONS
  if (rows !== metadata.length) {
    throw new Error(
      `${vectorsName} has ${rows} rows of ${DIMENSIONS} and ${metadataName} ${metadata.length} lines; they must agree.`,
    )
  }
  return { rows, metadata, vectors, queries }
}

/** The queries alone, for a process that must not hold the records. */
export function loadQueries() {
  const folder = env.REPLIVEC_BENCH_DATA ?? fileURLToPath(new URL('../examples/data', import.meta.url))
  const queries = readFloats(join(folder, 'queries.f32'))
  return Array.from({ length: queries.length / DIMENSIONS }, (_, index) =>
    queries.slice(index * DIMENSIONS, (index + 1) * DIMENSIONS),
  )
}

/** Copied, so that the floats begin at offset 0 of their own buffer. */
function readFloats(path) {
  const bytes = readFileSync(path)
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
}

/** Copies a row, moved a little by a seeded generator and scaled to unit length again. */
function repeat(vectors, row, original) {
  let state = (row * 2_654_435_761) >>> 0
  let squares = 0
  const to = row * DIMENSIONS
  for (let i = 0; i < DIMENSIONS; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    const moved =
      vectors[original * DIMENSIONS + i] + ((state / 2 ** 31 - 1) * JITTER) / Math.sqrt(DIMENSIONS)
    vectors[to + i] = moved
    squares += moved * moved
  }
  const scale = 1 / Math.sqrt(squares)
  for (let i = 0; i < DIMENSIONS; i++) vectors[to + i] *= scale
}
