/**
 * The process of a contender: `node contender-process.mjs <peer>`. Parents send one message at a time and get one back.
 *
 * @typedef {object} Peer what a module of bench/peers returns from `open({ data, metadata, directory, options })`
 * @property {string} version - its name, with what it is
 * @property {string} effortName - how it calls what makes a search wider and slower
 * @property {unknown[]} efforts - from the least
 * @property {() => Promise<void>} build
 * @property {(query: Float32Array) => unknown} [prepare] - a query as it takes it, outside the clock
 * @property {(query: unknown, k: number, effort: unknown) => Hits} search
 * @property {(queries: unknown[], k: number, effort: unknown) => Hits[]} [batch]
 * @property {(query: unknown, k: number, effort: unknown) => Hits} [inFlight] - a search that lets others run beside it
 * @property {(condition: object) => ((query: unknown, k: number, effort: unknown) => Hits)} [filtered] - prepares a search of
 *   the records that meet a condition of filter-cases.mjs; what it throws says why it has none
 * @property {(condition: object) => ((query: unknown, k: number, effort: unknown) => Hits)} [freshlyFiltered] - as `filtered`,
 *   by a filter that is another one at every search
 * @property {() => Promise<void> | void} close
 *
 * @typedef {{ id: string, distance: number, metadata: object }[]} Hits nearest first; all of it may be promised
 */
import { mkdirSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import process, { argv } from 'node:process'
import { loadDataset } from './dataset.mjs'
import { bucketed } from './filter-cases.mjs'

const [, , name] = argv
let data
let peer
let prepared
let rows
const actions = { load, build, answers, turn, call }
/** Conditions by their text, as the peer prepared them. */
const conditions = new Map()

process.on('message', async (message) => {
  try {
    process.send({ answer: await actions[message.do](message) })
  } catch (error) {
    process.send({ error: error.message })
  }
})
process.on('disconnect', async () => {
  // A library that hangs in its close is none of ours.
  setTimeout(() => process.exit(), 5_000).unref()
  await peer?.close()
  process.exit()
})

async function load({ directory, options }) {
  const { open } = await import(`./peers/${name}.mjs`)
  data = loadDataset()
  rows = new Map(Array.from({ length: data.count }, (_, row) => [data.id(row), row]))
  mkdirSync(directory, { recursive: true })
  try {
    peer = await open({ data, metadata: bucketed(data), directory, options })
  } catch (error) {
    return { missing: error.message.split('\n', 1)[0] }
  }
  const { prepare = (query) => query } = peer
  prepared = Array.from({ length: data.queryCount }, (_, index) => prepare(data.query(index).slice()))
  return { version: peer.version, efforts: peer.efforts, effortName: peer.effortName }
}

async function build() {
  await peer.build()
  globalThis.gc()
}

async function call({ name: method, parameters }) {
  return (await peer[method](...parameters)) ?? null
}

/** Rows found for the first queries, with the metadata checked to be there: a hit without it would be cheaper. */
async function answers({ mode = { kind: 'one' }, effort, condition, k, queries }) {
  const found = []
  const ask = asking(mode, effort, condition, k, (index, hits) => {
    for (const { id, metadata } of hits) {
      const { name: expected } = data.metadata(rows.get(id))
      if (metadata.name !== expected) throw new Error(`${id} came without its metadata`)
    }
    found[index] = hits.map(({ id }) => rows.get(id))
  })
  const next = counter(0, queries)
  await ask(next)
  return found
}

async function turn({ mode = { kind: 'one' }, effort, condition, k, queries, from, leadMs, ms }) {
  let done = 0
  let index = from
  const ask = asking(mode, effort, condition, k, () => {
    done++
  })
  const until = (end) => () => (performance.now() < end ? index++ % queries : undefined)
  await ask(until(performance.now() + leadMs))
  done = 0
  const started = performance.now()
  await ask(until(started + ms))
  return { done, ms: performance.now() - started }
}

/** A loop that asks for the queries that `next` names until it names none. */
function asking({ kind, count = 1 }, effort, condition, k, answered) {
  const search = searchOf(kind, condition)
  const loop = async (next) => {
    for (let index = next(); index !== undefined; index = next()) {
      answered(index, await search(query(index), k, effort))
    }
  }
  if (kind === 'one' || kind === 'fresh') return loop
  if (kind === 'inFlight') {
    return (next) => Promise.all(Array.from({ length: count }, () => loop(next)))
  }
  return async (next) => {
    for (let first = next(); first !== undefined; first = next()) {
      const indexes = [first]
      while (indexes.length < count) {
        const index = next()
        if (index === undefined) break
        indexes.push(index)
      }
      const asked = indexes.map(query)
      const all = await peer.batch(asked, k, effort)
      for (const [i, hits] of all.entries()) answered(indexes[i], hits)
    }
  }
}

/** The set's queries, over and over where more are asked for. */
function query(index) {
  return prepared[index % prepared.length]
}

function searchOf(kind, condition) {
  if (condition === undefined) {
    return (kind === 'inFlight' && peer.inFlight) || peer.search
  }
  const method = kind === 'fresh' ? 'freshlyFiltered' : 'filtered'
  const key = `${method} ${JSON.stringify(condition)}`
  if (!conditions.has(key)) {
    if (peer[method] === undefined) throw new Error('it has no filter')
    conditions.set(key, peer[method](condition))
  }
  return conditions.get(key)
}

/** Names the numbers from `index` to below `end`, once each. */
function counter(index, end) {
  let next = index
  return () => (next < end ? next++ : undefined)
}
