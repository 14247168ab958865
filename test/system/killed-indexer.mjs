/**
 * A process that writes points, and has them indexed, until it is killed. Its argument is JSON: `{ path, seed, run, durability }`.
 * Each line of output is either the answer to a call, its number and the count, or `segment` and what happened to one.
 */
import { writeSync } from 'node:fs'
import { VectorStore } from '../../dist/index.js'
import { SeededRandom } from '../../dist/testing/seeded-random.js'
import { callOf, DIMENSIONS } from './killed-points.mjs'

const { path, seed, run, durability } = JSON.parse(process.argv[2])

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

const store = await VectorStore.open({ path, durability })
store.on('index', ({ kind }) => say(`segment ${kind}`))
store.on('warning', ({ code, message }) => {
  throw new Error(`${code}: ${message}`)
})
const points = await store.getOrCreateCollection('points', { dimensions: DIMENSIONS, metric: 'euclidean' })

function make(call) {
  if (call.kind === 'upsert') return points.upsert(call.records)
  if (call.kind === 'move') return points.updateVector(call.id, call.vector)
  return points.delete(call.ids)
}

async function write() {
  for (let index = 0; ; index++) {
    try {
      const { count } = await make(callOf(seed, run, index))
      say(`${index} ${count}`)
    } catch (error) {
      if (error.code !== 'ID_NOT_FOUND') throw error
      say(`${index} 0`)
    }
    // As fast as this it would write more than anybody wants to compare.
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

async function maintain() {
  const random = new SeededRandom(`${seed}/${run}/maintain`)
  for (;;) {
    if (random.chance(0.3)) await points.compact()
    else await points.flush()
    await new Promise((resolve) => setTimeout(resolve, random.int(60)))
  }
}

async function search() {
  for (;;) {
    await points.search({ vector: new Float32Array(DIMENSIONS).fill(4), topK: 10 })
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

await Promise.all([write(), maintain(), search()])
