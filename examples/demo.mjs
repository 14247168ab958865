/**
 * A tour in one minute: loads 3 600 Debian packages as vectors, builds their graph, searches it, closes the store, opens it again from
 * disk, finds the same, filters, and has every byte verified. `npm run demo` builds the package and runs it.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stdout } from 'node:process'
import { VectorStore } from 'replivec'

const DIMENSIONS = 256
const BATCH = 150

const packages = readSample('packages')
const psi = readSample('queries').find(({ id }) => id === 'psi')
const directory = mkdtempSync(join(tmpdir(), 'replivec-demo-'))
try {
  await tour(join(directory, 'store'))
} finally {
  rmSync(directory, { recursive: true, force: true })
}

async function tour(path) {
  heading(`Load ${packages.length} Debian packages, ${DIMENSIONS} dimensions, every batch synced to disk`)
  let store = await VectorStore.open({ path })
  const options = { dimensions: DIMENSIONS, metric: 'cosine', indexed: ['section', 'tags'] }
  let collection = await store.createCollection('packages', options)
  let started = performance.now()
  for (let from = 0; from < packages.length; from += BATCH) {
    await collection.upsert(packages.slice(from, from + BATCH), {
      onProgress: ({ done, phase }) => phase === 'commit' && showProgress(from + done, packages.length),
    })
  }
  console.log(`${packages.length} records in ${since(started)}`)

  heading('Build the graph that searches ask; it would be built by itself, in the background')
  started = performance.now()
  await collection.flush()
  const { indexed, segments, forms } = collection.getStats().index
  console.log(`${indexed} vectors in ${segments} segment, components as ${forms}, in ${since(started)}`)

  const query = { vector: psi.vector, topK: 5 }
  heading(`Search: packages like psi, "${psi.metadata.summary}"`)
  const before = await show(collection, query)

  heading('Close, open again from disk, and search once more')
  await store.close()
  started = performance.now()
  store = await VectorStore.open({ path })
  collection = await store.openCollection('packages')
  console.log(`${await collection.count()} records, open after ${since(started)}`)
  started = performance.now()
  assert.deepEqual(await collection.search(query), before)
  console.log(`The same hits, in ${since(started)}: the first search reads vectors and index back`)

  heading('Filter: the same, but only in the section "admin"')
  await show(collection, { ...query, filter: { section: 'admin' } })

  heading('Filter: the same, but small programs for the terminal, written in C')
  const tags = { $all: ['interface::text-mode', 'implemented-in::c'] }
  await show(collection, { ...query, filter: { tags, installedSize: { $lt: 1000 } } })

  heading('Verify every file, value and checksum')
  started = performance.now()
  const { ok, commits, values, records, damage } = await store.verify()
  assert.ok(ok, JSON.stringify(damage))
  console.log(`${commits} commits, ${values} values, ${records} records: no damage, in ${since(started)}`)
  await store.close()
}

/** Searches, prints the plan and the hits as a table, and returns the hits. */
async function show(collection, query) {
  const { reason } = await collection.explain(query)
  const started = performance.now()
  const hits = await collection.search(query)
  const took = since(started)
  console.log('  score  package             section     KiB  summary')
  for (const { id, score, metadata } of hits) {
    const { section, installedSize, summary } = metadata
    const columns = [score.toFixed(4), cell(id, 18), cell(section, 8), String(installedSize).padStart(6)]
    console.log(`  ${columns.join('  ')}  ${cut(summary, 32)}`)
  }
  console.log(`${hits.length} hits in ${took}. ${reason.replace(': ', ':\n')}`)
  return hits
}

/** A bar that grows in place on a terminal; a few plain lines in a file or a pipe. */
function showProgress(done, total) {
  const percent = Math.round((done / total) * 100)
  if (stdout.isTTY) {
    const bar = '█'.repeat(Math.round(percent * 0.4)).padEnd(40, '░')
    stdout.write(`\r${bar} ${String(percent).padStart(3)} %${done === total ? '\n' : ''}`)
  } else if (done % (total / 4) < BATCH) console.log(`${percent} % written`)
}

function heading(text) {
  console.log(stdout.isTTY ? `\n\x1b[1m${text}\x1b[0m` : `\n${text}`)
}

function since(started) {
  return `${(performance.now() - started).toFixed(1)} ms`
}

function cell(text, width) {
  return cut(text, width).padEnd(width)
}

function cut(text, width) {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text
}

/** Rows of examples/data as records: `data/README.md` describes the files. */
function readSample(name) {
  const read = (extension) => readFileSync(new URL(`data/${name}.${extension}`, import.meta.url))
  const { buffer } = Uint8Array.from(read('f32'))
  const lines = read('jsonl').toString().trim().split('\n')
  return lines.map((line, row) => {
    const metadata = JSON.parse(line)
    const vector = new Float32Array(buffer, row * DIMENSIONS * 4, DIMENSIONS)
    return { id: metadata.name, vector, metadata }
  })
}
