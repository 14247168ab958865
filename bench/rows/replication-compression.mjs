/** Records with a kilobyte of metadata, replicated with compression and without, over a slow link and over the loopback. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { BATCH, burstOf, DIMENSIONS, writeBurst } from '../burst.mjs'
import { loadDataset } from '../dataset.mjs'
import { openMaster, startReplica } from '../replicas.mjs'

export const title = 'replication of records with 1 KB of metadata'
const SLOW_OPERATIONS = 60_000
const FAST_OPERATIONS = 100_000
/** Before the time counts. */
const WARM_UP = 10_000
const BYTES_A_SECOND = 10_000_000
const METADATA_BYTES = 1_000
/** They repeat after so many: five megabytes, which is further than any codec looks back. */
const DIFFERENT = 5_000

/** @returns {Promise<import('../line.mjs').Line[]>} */
export async function measure({ directory, repetitions }) {
  const data = loadDataset()
  const metadataOf = kilobytes(data, (id, count) => id + 1 + 7 * count)
  const slow = { off: [], on: [], ratio: [], offFromStart: [], onFromStart: [] }
  const fast = { off: [], on: [] }
  const strange = { off: [], on: [], ratio: [], offFromStart: [], onFromStart: [] }
  let codec
  const [slowBurst, strangeBurst, fastBurst] = [
    burstOf(SLOW_OPERATIONS + WARM_UP, metadataOf),
    burstOf(SLOW_OPERATIONS + WARM_UP, kilobytes(data, scattered())),
    burstOf(FAST_OPERATIONS + WARM_UP, metadataOf),
  ]
  for (let round = 0; round < repetitions; round++) {
    for (const compression of [false, true]) {
      const name = compression ? 'on' : 'off'
      const place = join(directory, `${name}-${round}`)
      const limited = await rateOf(join(place, 'slow'), {
        ...{ compression, operations: SLOW_OPERATIONS, batchOf: slowBurst, bytesPerSecond: BYTES_A_SECOND },
      })
      slow[name].push(limited.rate)
      slow[`${name}FromStart`].push(limited.rateFromStart)
      if (compression) slow.ratio.push(limited.ratio)
      const apart = await rateOf(join(place, 'strange'), {
        ...{
          compression,
          operations: SLOW_OPERATIONS,
          batchOf: strangeBurst,
          bytesPerSecond: BYTES_A_SECOND,
        },
      })
      strange[name].push(apart.rate)
      strange[`${name}FromStart`].push(apart.rateFromStart)
      if (compression) strange.ratio.push(apart.ratio)
      codec ??= apart.codec
      const free = await rateOf(join(place, 'fast'), {
        ...{ compression, operations: FAST_OPERATIONS, batchOf: fastBurst },
      })
      fast[name].push(free.rate)
    }
  }
  const unit = 'operations/s'
  return [
    {
      name: `over a link of ${BYTES_A_SECOND / 1e6} MB/s, ${codec}`,
      ...{ unit, ours: slow.on, baseline: { name: 'uncompressed', samples: slow.off } },
      bars: [{ of: 'ratio', atLeast: 2.5 }],
    },
    {
      name: 'the same from its beginning, when nothing is known of the link',
      ...{ unit, ours: slow.onFromStart, baseline: { name: 'uncompressed', samples: slow.offFromStart } },
      bars: [{ of: 'ratio', atLeast: 2.5 }],
    },
    { name: 'bytes of what was compressed, before over after', unit: '', ours: slow.ratio },
    {
      name: `over a link of ${BYTES_A_SECOND / 1e6} MB/s, records that share no text`,
      ...{ unit, ours: strange.on, baseline: { name: 'uncompressed', samples: strange.off } },
      bars: [{ of: 'ratio', atLeast: 2.5 }],
    },
    {
      name: 'the same from its beginning, records that share no text',
      ...{
        unit,
        ours: strange.onFromStart,
        baseline: { name: 'uncompressed', samples: strange.offFromStart },
      },
    },
    { name: 'bytes of theirs, before over after', unit: '', ours: strange.ratio },
    {
      name: 'over the loopback',
      ...{ unit, ours: fast.on, baseline: { name: 'uncompressed', samples: fast.off } },
      bars: [{ of: 'ratio', atLeast: 0.9 }],
    },
  ]
}

/** Operations a second until reads find them at the replica, and how much smaller compression made what it compressed. */
async function rateOf(directory, { compression, operations, batchOf, bytesPerSecond }) {
  // What is measured is the link: neither side waits for its disk.
  const options = { durability: 'buffered', replication: { compression } }
  const { store, address } = await openMaster(join(directory, 'master'), options)
  const slowed = bytesPerSecond === undefined ? undefined : await slowLink(address, bytesPerSecond)
  const replica = startReplica(directory, 'replica', slowed?.address ?? address, options)
  await replica.ask('open')
  const collection = await store.createCollection('burst', { dimensions: DIMENSIONS, metric: 'cosine' })
  await replica.ask('waitFor', store.replication.position)
  // Until the link was seen to be slow nothing is compressed.
  const linked = performance.now()
  await writeBurst(collection, WARM_UP, (batch) => batchOf(batch + operations / BATCH))
  await replica.ask('waitFor', store.replication.position)
  const started = performance.now()
  await writeBurst(collection, operations, batchOf)
  await replica.ask('waitFor', store.replication.position)
  const ended = performance.now()
  const rate = operations / ((ended - started) / 1_000)
  const rateFromStart = (operations + WARM_UP) / ((ended - linked) / 1_000)
  const { codec, ratio = 1 } = store.replication.getReplicas()[0].compression ?? {}
  await replica.close()
  await store.close()
  slowed?.end()
  return { rate, rateFromStart, ratio, codec }
}

async function slowLink(address, bytesPerSecond) {
  const file = fileURLToPath(new URL('../slow-link-process.mjs', import.meta.url))
  const child = fork(file, [address, String(bytesPerSecond)])
  const [port] = await once(child, 'message')
  return { address: `127.0.0.1:${port}`, end: () => child.disconnect() }
}

/** Packages in no order, so that those of one record are not those of its neighbours. */
function scattered() {
  let state = 1
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state >>> 8
  }
}

/** A kilobyte of JSON for each record: a package with others. @param {(id: number, count: number) => number} relatedOf - which */
function kilobytes(data, relatedOf) {
  const made = Array.from({ length: DIFFERENT }, (_, id) => {
    const metadata = { ...data.metadata(id), related: [] }
    let bytes = JSON.stringify(metadata).length
    for (let count = 0; bytes < METADATA_BYTES; count++) {
      const { name, section, summary } = data.metadata(relatedOf(id, count) % data.count)
      metadata.related.push({ name, section, summary })
      bytes += JSON.stringify(metadata.related.at(-1)).length + 1
    }
    return metadata
  })
  return (id) => ({ ...made[id % DIFFERENT], number: id })
}
