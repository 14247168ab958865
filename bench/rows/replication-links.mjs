/** The replication burst over links that are encrypted, authenticated frame by frame, or WebSockets, against plain TCP in turn. */
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { burstOf, DIMENSIONS, writeBurst } from '../burst.mjs'
import { encrypted, PLAIN, WEB_SOCKET } from '../links.mjs'
import { openMaster, startReplica } from '../replicas.mjs'

export const title = 'replication of a burst over other links'
const OPERATIONS = 200_000
const SECRET = 'a secret of thirty-two characters'

/** @returns {Promise<import('../line.mjs').Line[]>} */
export async function measure({ directory, repetitions }) {
  const batchOf = burstOf(OPERATIONS)
  const kinds = {
    plain: { links: PLAIN },
    tls: { links: await encrypted() },
    secret: { links: PLAIN, replication: { secret: SECRET } },
    codes: { links: PLAIN, replication: { secret: SECRET, authenticateFrames: true } },
    webSocket: { links: WEB_SOCKET },
  }
  const rates = Object.fromEntries(Object.keys(kinds).map((name) => [name, []]))
  // The first finds a cold machine, and none of them should.
  await rateOf(join(directory, 'first'), kinds.plain, batchOf)
  for (let round = 0; round < repetitions; round++) {
    for (const [name, options] of Object.entries(kinds))
      rates[name].push(await rateOf(join(directory, `${name}-${round}`), options, batchOf))
  }
  const unit = 'operations/s'
  const plain = { name: 'plain TCP', samples: rates.plain }
  const unsigned = { name: 'a secret, no codes', samples: rates.secret }
  return [
    {
      ...{ name: 'mutual TLS 1.3 over TCP', unit, ours: rates.tls, baseline: plain },
      bars: [{ of: 'ratio', atLeast: 0.7 }],
    },
    {
      ...{ name: 'a code on every frame', unit, ours: rates.codes, baseline: unsigned },
      bars: [{ of: 'ratio', atLeast: 0.85 }],
    },
    {
      ...{ name: 'WebSocket', unit, ours: rates.webSocket, baseline: plain },
      bars: [{ of: 'ratio', atLeast: 0.7 }],
    },
  ]
}

/** Operations a second, durable on both sides. */
async function rateOf(directory, options, batchOf) {
  const { store, address } = await openMaster(join(directory, 'master'), options)
  const replica = startReplica(directory, 'replica', address, options)
  await replica.ask('open')
  const collection = await store.createCollection('burst', { dimensions: DIMENSIONS, metric: 'cosine' })
  await replica.ask('waitFor', store.replication.position)
  const started = performance.now()
  await writeBurst(collection, OPERATIONS, batchOf)
  await replica.ask('waitFor', store.replication.position)
  const rate = OPERATIONS / ((performance.now() - started) / 1_000)
  const { position } = await replica.ask('stats')
  if (position.seq !== store.replication.position.seq) throw new Error(`The replica is at ${position.seq}.`)
  await replica.close()
  await store.close()
  return rate
}
