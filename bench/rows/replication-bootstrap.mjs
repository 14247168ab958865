/** A new replica of a filled master: its snapshot against a copy of the same bytes, and what both sides take of memory for it. */
import {
  closeSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { loadDataset } from '../dataset.mjs'
import { openMaster, startReplica } from '../replicas.mjs'
import { watchMemory } from '../resident.mjs'

export const title = 'a new replica by snapshot'

/** @returns {Promise<import('../line.mjs').Line[]>} */
export async function measure({ directory, repetitions }) {
  const data = loadDataset()
  const path = join(directory, 'master')
  const snapshots = join(path, 'snapshots')
  await fill(path, data)
  const figures = { bootstrapMs: [], copyMs: [], masterMib: [], replicaMib: [], searchMs: [] }
  let bytes = 0
  for (let round = 0; round < repetitions; round++) {
    const { store, address } = await openMaster(path)
    const replica = startReplica(directory, `replica-${round}`)
    const openMs = await replica.ask('open')
    await replica.ask('beginMemory')
    const memory = watchMemory()
    const started = performance.now()
    await replica.ask('follow', address)
    await replica.ask('waitFor')
    figures.bootstrapMs.push(openMs + performance.now() - started)
    figures.masterMib.push(memory.end() / 2 ** 20)
    figures.replicaMib.push((await replica.ask('peakBytes')) / 2 ** 20)
    const { ms, hits } = await replica.ask('search', ['packages', data.query(0)])
    if (hits !== 10) throw new Error(`The new replica found ${hits} records.`)
    figures.searchMs.push(ms)
    const [name] = readdirSync(snapshots)
    const copy = copied(join(snapshots, name), join(directory, 'copy'))
    figures.copyMs.push(copy.ms)
    bytes = copy.bytes
    await replica.close()
    await store.close()
    // The next round makes its own.
    rmSync(snapshots, { recursive: true })
  }
  const note = `${data.count} × 256, ${(bytes / 2 ** 20).toFixed(1)} MiB: made, sent, put in place and open`
  const bars = [{ of: 'ours', atMost: 64 }]
  return [
    {
      ...{ name: 'until the replica has all', unit: 'ms', ours: figures.bootstrapMs, note },
      baseline: { name: 'copy + fsync of the same bytes', samples: figures.copyMs },
      bars: [{ of: 'ratio', atMost: 6 }],
    },
    { name: 'first search there, exact', unit: 'ms', ours: figures.searchMs },
    { name: 'memory of the master above before', unit: 'MiB', ours: figures.masterMib, bars },
    { name: 'memory of the replica above before', unit: 'MiB', ours: figures.replicaMib, bars },
  ]
}

async function fill(path, data) {
  const { store } = await openMaster(path)
  const collection = await store.createCollection('packages', { dimensions: 256, metric: 'cosine' })
  for (const batch of data.batches(1_000)) await collection.upsert(batch)
  await collection.flush()
  await store.close()
}

/** Reads a file, writes it and syncs it. */
function copied(from, to) {
  const started = performance.now()
  const content = readFileSync(from)
  const file = openSync(to, 'wx')
  writeSync(file, content)
  fsyncSync(file)
  closeSync(file)
  const ms = performance.now() - started
  unlinkSync(to)
  return { ms, bytes: content.byteLength }
}
