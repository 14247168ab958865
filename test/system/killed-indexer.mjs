/**
 * A process that writes points, and has them indexed, until it is killed. Its argument is JSON:
 * `{ path, seed, run, durability, metric, from, aim }`.
 *
 * Each line of output is one of these: the answer to a call, its number and the count; `segment` and what happened to
 * one; `begin` and what a graph is built for (`build`, `merge` or `change`), and `end` when that graph is built;
 * `asked` and `has`, and the backend that was asked for and that was answered.
 */
import { writeSync } from 'node:fs'
import { VectorStore } from '../../dist/index.js'
import { WorkerThread } from '../../dist/runtime/worker-thread.js'
import { SeededRandom } from '../../dist/testing/seeded-random.js'
import { callOf, DIMENSIONS } from './killed-points.mjs'

const { path, seed, run, durability, metric, from, aim } = JSON.parse(process.argv[2])
/** So many that a graph takes a while. */
const ROWS_MIN = 3_000
const BACKENDS = ['cpu', 'quantized']

/** On the pipe before anything else happens: a line that was handed over outlives this process. */
function say(line) {
  const bytes = Buffer.from(`${line}\n`)
  for (let written = 0; written < bytes.length; ) {
    try {
      written += writeSync(1, bytes, written)
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error
    }
  }
}

/** What the next graph is built for, and whom to tell that it has begun; `undefined` when nobody knows. */
let expected
const request = WorkerThread.prototype.request
WorkerThread.prototype.request = async function (message, stop) {
  const kind = expected?.kind
  if (kind) say(`begin ${kind}`)
  expected?.begun()
  expected = undefined
  try {
    return await request.call(this, message, stop)
  } finally {
    if (kind) say('end')
  }
}

const store = await VectorStore.open({ path, durability })
store.on('index', ({ kind }) => say(`segment ${kind}`))
store.on('warning', ({ code, message }) => {
  throw new Error(`${code}: ${message}`)
})
const points = await store.getOrCreateCollection('points', { dimensions: DIMENSIONS, metric })

function make(call) {
  if (call.kind === 'upsert') return points.upsert(call.records)
  if (call.kind === 'move') return points.updateVector(call.id, call.vector)
  return points.delete(call.ids)
}

let index = 0
async function step() {
  const call = index++
  try {
    const { count } = await make(callOf(seed, run, call, from))
    say(`${call} ${count}`)
  } catch (error) {
    if (error.code !== 'ID_NOT_FOUND') throw error
    say(`${call} 0`)
  }
}

/** Nobody writes while it is there. */
let paused
let writing = Promise.resolve()

async function write() {
  for (;;) {
    while (paused) await paused
    writing = step()
    await writing
    // As fast as this it would write more than anybody wants to compare.
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** Has a graph built of which it is known what for, because until it begins nothing is written. */
async function maintain(kind, random) {
  let resume
  paused = new Promise((resolve) => {
    resume = () => {
      paused = undefined
      resolve()
    }
  })
  await writing
  await points.flush()
  while (points.getStats().records.live < ROWS_MIN) await step()
  if (kind === 'build') while (points.getStats().index.pending < 500) await step()
  else await points.flush()
  expected = { kind, begun: resume }
  if (kind === 'build') await points.flush()
  if (kind === 'merge') await points.compact()
  if (kind === 'change') {
    const backend = random.pick(BACKENDS.filter((each) => each !== points.backend))
    say(`asked ${backend}`)
    await points.configure({ backend })
    say(`has ${backend}`)
    await points.flush()
  }
  expected = undefined
  resume()
}

async function maintainAll() {
  const random = new SeededRandom(`${seed}/${run}/maintain`)
  for (let kind = aim; ; kind = random.pick(['build', 'merge', 'change'])) {
    if (kind !== undefined) await maintain(kind, random)
    await new Promise((resolve) => setTimeout(resolve, random.int(60)))
  }
}

async function search() {
  for (;;) {
    await points.search({ vector: new Float32Array(DIMENSIONS).fill(from + 1), topK: 10 })
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

await Promise.all([write(), maintainAll(), search()])
