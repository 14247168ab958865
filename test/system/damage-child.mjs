/**
 * Builds small stores and opens damaged copies of them. It is a process of its own because what it looks for is a
 * crash, and because one way to build is to be killed.
 *
 * Arguments: `build` or `crash`, a directory and a seed; `trim` and a directory; or `check` and a JSON file of
 * `{ base, other, cases: [{ name, edits }] }`, which prints one line of JSON per case.
 */
import * as fs from 'node:fs'
import { dirname, join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { VectorStore } from '../../dist/index.js'
import { encodeCommitFrame } from '../../dist/log/frame.js'
import { OpLog } from '../../dist/log/op-log.js'
import { nodeClock } from '../../dist/runtime/node-clock.js'
import { nodeFiles } from '../../dist/runtime/node-files.js'
import { SeededRandom } from '../../dist/testing/seeded-random.js'

const SHAPES = {
  notes: { dimensions: 8, metric: 'cosine', indexed: ['kind', 'tags'] },
  points: { dimensions: 4, metric: 'euclidean' },
  wide: { dimensions: 700, metric: 'dot', indexed: ['kind'] },
}
const KINDS = ['red', 'green', 'blue']
/** Small, so that a small store has several segments. */
const SEGMENT_BYTES = 48 * 1024
/** The last operations of a killed store, which only its log has. */
const UNAPPLIED = 12

/**
 * What was done, one operation each: the collections first, then records written, changed and deleted. Seeds that
 * agree up to a slash make stores whose files have the same sizes and that differ in their vectors.
 */
function workload(seed) {
  const random = new SeededRandom(seed.split('/')[0])
  const numbers = new SeededRandom(seed)
  const operations = Object.keys(SHAPES).map((collection) => ({ collection, create: true }))
  for (let at = 0; at < 150; at++) {
    const collection = random.pick(Object.keys(SHAPES))
    const id = `id-${random.int(60)}`
    if (random.chance(0.15)) {
      operations.push({ collection, id, remove: true })
      continue
    }
    const { dimensions } = SHAPES[collection]
    const vector = Array.from({ length: dimensions }, () => Math.fround(numbers.next() + 0.01))
    const tags = KINDS.filter(() => random.chance(0.4))
    operations.push({ collection, id, vector, metadata: { at, kind: random.pick(KINDS), tags } })
  }
  return operations
}

/** What is done after that to have the log trimmed. */
const LATER = [
  { collection: 'notes', id: 'id-0', remove: true },
  {
    collection: 'notes',
    id: 'id-0',
    vector: [1, 0, 0, 0, 0, 0, 0, 0],
    metadata: { at: 1_000, kind: 'red', tags: [] },
  },
]

/** What a store holds after operation `seq`: by collection and id. Deletes of what is not there take no operation. */
function contentAt(seed, seq) {
  const content = {}
  let done = 0
  for (const { collection, create, id, remove, vector, metadata } of [...workload(seed), ...LATER]) {
    if (done === seq) break
    if (create) content[collection] = new Map()
    else if (!remove) content[collection].set(id, { id, metadata, vector: Float32Array.from(vector) })
    else if (!content[collection].delete(id)) continue
    done += 1
  }
  return content
}

async function perform(store, operations) {
  for (const { collection, create, id, remove, vector, metadata } of operations) {
    if (create) {
      await store.createCollection(collection, SHAPES[collection])
      continue
    }
    const records = await store.openCollection(collection)
    if (remove) await records.delete(id)
    else await records.upsert({ id, vector, metadata })
  }
}

/** Writes the log anew in small segments: a store makes them much larger than a test wants to copy. */
async function resegment(path, end) {
  const options = { files: nodeFiles, clock: nodeClock, segmentBytes: Number.MAX_SAFE_INTEGER, durableSeq: 0 }
  const whole = await OpLog.open({ ...options, directory: join(path, 'log') })
  const small = await OpLog.open({
    ...options,
    directory: join(path, 'small'),
    segmentBytes: SEGMENT_BYTES,
    create: () => ({ identity: whole.identity, start: { epoch: 1, seq: 0 } }),
  })
  for await (const { commit, lastSeq } of whole.read(1)) {
    await small.append([encodeCommitFrame(commit)], { epoch: 1, seq: lastSeq }, 'on a thread')
  }
  await small[end]()
  await whole.abandon()
  fs.rmSync(join(path, 'log'), { recursive: true })
  fs.renameSync(join(path, 'small'), join(path, 'log'))
}

/** How a read went: `'right'`, the code of a typed error, or what was wrong. */
async function outcomeOf(read, expected) {
  try {
    const found = await read()
    return isDeepStrictEqual(found, expected)
      ? 'right'
      : `WRONG: ${describe(found)} instead of ${describe(expected)}`
  } catch (error) {
    return error.name === 'ReplivecError' ? error.code : `UNTYPED: ${error.stack}`
  }
}

function describe(value) {
  return JSON.stringify(value, (_, inner) => (inner instanceof Float32Array ? inner.length : inner))?.slice(
    0,
    400,
  )
}

async function all(iterable) {
  const items = []
  for await (const item of iterable) items.push(item)
  return items
}

function byId(records) {
  return records.sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** Only what a scan of each collection says. */
async function scanEverything(store, content) {
  const outcomes = []
  for (const [name, records] of Object.entries(content)) {
    const scan = async () => all((await store.openCollection(name)).scan({ includeVector: true }))
    outcomes.push(await outcomeOf(scan, byId([...records.values()])))
  }
  return [...new Set(outcomes)].join(' ')
}

async function readEverything(store, content, outcomes) {
  const names = Object.keys(content).sort()
  outcomes.push(await outcomeOf(() => store.listCollections().map(({ name }) => name), names))
  for (const name of names) {
    const collection = await store.openCollection(name).catch(() => undefined)
    if (!collection) {
      outcomes.push(`WRONG: ${name} is not there`)
      continue
    }
    const records = byId([...content[name].values()])
    const ids = Array.from({ length: 60 }, (_, at) => `id-${at}`)
    const includeVector = true
    outcomes.push(await outcomeOf(() => all(collection.scan({ includeVector })), records))
    for (const id of ids) {
      outcomes.push(await outcomeOf(() => collection.get(id, { includeVector }), content[name].get(id)))
    }
    outcomes.push(await outcomeOf(() => collection.count(), records.length))
    const vector = new Array(SHAPES[name].dimensions).fill(1)
    const hits = async (filter) => {
      const found = await collection.search({
        vector,
        topK: 100,
        includeVector,
        ...(filter ? { filter } : {}),
      })
      return byId(found.map(({ id, metadata, vector }) => ({ id, metadata, vector })))
    }
    outcomes.push(await outcomeOf(() => hits(undefined), records))
    for (const kind of KINDS) {
      const matching = records.filter(({ metadata }) => metadata.kind === kind)
      outcomes.push(await outcomeOf(() => hits({ kind }), matching))
      outcomes.push(await outcomeOf(() => collection.count({ kind }), matching.length))
      const tagged = records.filter(({ metadata }) => metadata.tags.includes(kind))
      outcomes.push(await outcomeOf(() => hits({ tags: kind }), tagged))
    }
  }
}

/** Opens a store, reads all of it in every way, verifies, writes, closes, and looks again. */
async function check(path, seed) {
  const summary = { open: '', message: '', seq: null, warnings: [], reads: {}, verify: '', again: '' }
  let store
  const warnings = []
  try {
    store = await VectorStore.open({ path, logger: { ...console, warn: ({ code }) => warnings.push(code) } })
    summary.open = 'opened'
  } catch (error) {
    summary.open = error.name === 'ReplivecError' ? error.code : `UNTYPED: ${error.stack}`
    summary.message = error.message
    // A refusal must not make the next open any bolder.
    summary.again = await VectorStore.open({ path }).then(
      (opened) => opened.close().then(() => 'opened'),
      (again) => (again.name === 'ReplivecError' ? again.code : `UNTYPED: ${again.stack}`),
    )
    return summary
  }
  summary.warnings = warnings
  summary.seq = store.getStats().position.seq
  const outcomes = []
  const content = contentAt(seed, summary.seq)
  await readEverything(store, content, outcomes)
  for (const outcome of outcomes) summary.reads[outcome] = (summary.reads[outcome] ?? 0) + 1
  try {
    const { ok, damage } = await store.verify()
    summary.verify = ok ? 'ok' : `damage in ${damage.map(({ file }) => file.split('/').at(-1)).join(', ')}`
  } catch (error) {
    summary.verify = error.name === 'ReplivecError' ? error.code : `UNTYPED: ${error.stack}`
  }
  try {
    await store.close()
    store = await VectorStore.open({ path })
    summary.again = await scanEverything(store, content)
    await store.close()
  } catch (error) {
    summary.again = error.name === 'ReplivecError' ? error.code : `UNTYPED: ${error.stack}`
  }
  return summary
}

function apply(root, other, { kind, file, position, byte, size, length, bytes, from }) {
  const path = join(root, file)
  const patch = (content, at) => {
    const descriptor = fs.openSync(path, 'r+')
    fs.writeSync(descriptor, content, 0, content.length, at)
    fs.closeSync(descriptor)
  }
  if (kind === 'flip') patch(Uint8Array.of(byte), position)
  else if (kind === 'zero') patch(new Uint8Array(length), position)
  else if (kind === 'cut') fs.truncateSync(path, size)
  else if (kind === 'delete') fs.rmSync(path, { recursive: true })
  else {
    fs.rmSync(path, { recursive: true, force: true })
    fs.mkdirSync(dirname(path), { recursive: true })
    if (kind === 'directory') fs.mkdirSync(path)
    else if (kind === 'foreign') fs.copyFileSync(join(other, from ?? file), path)
    else fs.writeFileSync(path, Buffer.from(bytes, 'base64'))
  }
}

const [mode, target, seed] = process.argv.slice(2)
const modes = {
  async build() {
    const store = await VectorStore.open({ path: target })
    await perform(store, workload(seed))
    await store.close()
    await resegment(target, 'close')
  },
  async crash() {
    const store = await VectorStore.open({ path: target })
    const operations = workload(seed)
    await perform(store, operations.slice(0, -UNAPPLIED))
    // Verifying waits until all of this is in the record store.
    await store.verify()
    await perform(store, operations.slice(-UNAPPLIED))
    process.kill(process.pid, 'SIGKILL')
  },
  async resegment() {
    await resegment(target, 'abandon')
  },
  async trim() {
    const replication = { role: 'standalone', retention: { bytes: 0 } }
    const store = await VectorStore.open({ path: target, replication })
    await perform(store, LATER)
    await store.close()
  },
  async check() {
    const { base, other, cases } = JSON.parse(fs.readFileSync(target, 'utf8'))
    const copy = join(dirname(target), 'copy')
    for (const { name, edits } of cases) {
      fs.rmSync(copy, { recursive: true, force: true })
      fs.cpSync(base, copy, { recursive: true })
      for (const edit of edits) apply(copy, other, edit)
      process.stdout.write(`${JSON.stringify({ name, ...(await check(copy, seed)) })}\n`)
    }
  },
}
await modes[mode]()
