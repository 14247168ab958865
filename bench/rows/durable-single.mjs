/** Single upserts, each acknowledged when it is on stable storage. */
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { VectorStore } from '../../dist/index.js'
import { bareWrites, loggedBytes } from '../bare-file.mjs'
import { DIMENSIONS, loadDataset } from '../dataset.mjs'
import { openSqliteVec } from '../sqlite-vec.mjs'

export const title = 'durable single upserts'
/** Short rounds, and two for each repetition: the speed of a disk changes by the second, a ratio within a round less. */
const SECONDS = 0.5
const ROUNDS = 2
/** Rounds that are not kept: measured, the compiler is done with this path after about two seconds of it. */
const WARM_UP = 4
const GROUP = 16

/** @returns {Promise<import('../line.mjs').Line[]>} */
export async function measure({ directory, repetitions }) {
  const data = loadDataset()
  const samples = { one: [], many: [], bareOne: [], bareMany: [], aheadOne: [], aheadMany: [], peer: [] }
  let recordBytes = 0
  let peerName = 'sqlite-vec'
  let missing
  for (let round = -WARM_UP; round < ROUNDS * repetitions; round++) {
    const keep = (name, value) => round >= 0 && samples[name].push(value)
    const place = join(directory, `round-${round}`)
    const one = await ours(join(place, 'one'), data, 1)
    const bare = (chunkBytes, ahead) => {
      const options = { path: join(place, 'bare'), bytes: one.bytes, sync: true, seconds: SECONDS }
      return bareWrites({ ...options, chunkBytes, ahead })
    }
    keep('one', one.rate)
    keep('bareOne', bare(one.recordBytes, false))
    keep('aheadOne', bare(one.recordBytes, true))
    recordBytes = one.recordBytes
    const many = await ours(join(place, 'many'), data, GROUP)
    keep('many', many.rate)
    keep('bareMany', GROUP * bare(many.recordBytes * GROUP, false))
    keep('aheadMany', GROUP * bare(many.recordBytes * GROUP, true))
    const peer = openSqliteVec(join(place, 'peer.sqlite'), DIMENSIONS)
    missing = peer.missing
    if (missing) continue
    peerName = peer.name
    keep('peer', upsertsInto(peer, data))
  }
  const unit = 'upserts/s'
  const peer = missing ? { name: peerName, missing } : { name: peerName, samples: samples.peer }
  const bytesNote = `${Math.round(recordBytes)} bytes of log per upsert`
  return [
    {
      name: '1 caller',
      unit,
      ours: samples.one,
      baseline: { name: 'write + fdatasync', samples: samples.bareOne },
      bars: [{ of: 'ratio', atLeast: 0.8 }],
      note: bytesNote,
    },
    {
      name: '1 caller',
      unit,
      ours: samples.one,
      baseline: { name: 'the same into zeros written ahead', samples: samples.aheadOne },
    },
    {
      name: '1 caller',
      unit,
      ours: samples.one,
      baseline: peer,
      bars: [{ of: 'ratio', above: 1 }],
      note: 'WAL, synchronous = FULL, a transaction each',
    },
    {
      name: '16 callers',
      unit,
      ours: samples.many,
      baseline: { name: 'write of 16 + fdatasync', samples: samples.bareMany },
      bars: [{ of: 'ratio', atLeast: 0.6 }],
    },
    {
      name: '16 callers',
      unit,
      ours: samples.many,
      baseline: { name: 'the same into zeros written ahead', samples: samples.aheadMany },
    },
    { name: '16 callers', unit, ours: samples.many, baseline: peer, bars: [{ of: 'ratio', above: 1 }] },
  ]
}

async function ours(path, data, callers) {
  const store = await VectorStore.open({ path })
  const packages = await store.createCollection('packages', { dimensions: DIMENSIONS, metric: 'cosine' })
  const before = store.getStats().log.bytes
  let next = 0
  const started = performance.now()
  const end = started + SECONDS * 1_000
  const caller = async () => {
    while (performance.now() < end) await packages.upsert(data.record(next++))
  }
  await Promise.all(Array.from({ length: callers }, caller))
  const rate = next / ((performance.now() - started) / 1_000)
  const recordBytes = (store.getStats().log.bytes - before) / next
  await store.close()
  return { rate, recordBytes, bytes: loggedBytes(path) }
}

function upsertsInto(peer, data) {
  let next = 0
  const started = performance.now()
  const end = started + SECONDS * 1_000
  while (performance.now() < end) peer.upsert(data.record(next++))
  const rate = next / ((performance.now() - started) / 1_000)
  peer.close()
  return rate
}
