/**
 * A replica in a process of its own, which does what its parent asks for: `node replica-process.mjs <options>`. The options are JSON:
 * `{ id, path, address, durability, replication, links }`; without an address it follows nobody until it is told one.
 */
import { performance } from 'node:perf_hooks'
import process, { argv, cpuUsage } from 'node:process'
import { VectorStore } from '../dist/index.js'
import { transportOf } from './links.mjs'
import { watchMemory } from './resident.mjs'

const { id, path, address, durability, replication, links } = JSON.parse(argv[2])
let store
const delays = []
let memory = watchMemory()

const actions = {
  async open() {
    const transport = transportOf(id, links)
    const master = { id: 'master', address }
    const openedAt = performance.now()
    const followed = address === undefined ? {} : { transport, master }
    store = await VectorStore.open({
      ...{ path, nodeId: id, durability },
      replication: { role: 'replica', ...followed, ...replication },
    })
    return performance.now() - openedAt
  },
  async follow(told) {
    const signal = AbortSignal.timeout(10_000)
    store.replication.follow(await transportOf(id, links).dial({ id: 'master', address: told }, { signal }))
  },
  /** From here on memory counts. */
  beginMemory() {
    memory.end()
    memory = watchMemory()
  },
  async waitFor(position) {
    await store.replication.waitFor(position ?? undefined, { timeoutMs: 300_000 })
  },
  /** Until every vector is in an index. */
  async searchable(name) {
    const collection = await store.openCollection(name)
    await collection.flush()
  },
  async search([name, vector]) {
    const started = performance.now()
    const hits = await (await store.openCollection(name)).search({ vector, topK: 10 })
    return { ms: performance.now() - started, hits: hits.length }
  },
  stats: () => store.replication.getStats(),
  store: () => store.getStats(),
  cpu: () => cpuUsage(),
  /** The most memory it took so far, sampled, above that of the process before it opened anything, or where it last began to count. */
  peakBytes: () => memory.end(),
  /** From now on notes how long after `metadata.sentAtMs` each change becomes visible here. */
  async timeChanges(name) {
    const collection = await store.openCollection(name)
    delays.length = 0
    store.on('change', async ({ ids }) => {
      const visibleAtMs = performance.timeOrigin + performance.now()
      for (const id of ids) delays.push(visibleAtMs - (await collection.get(id)).metadata.sentAtMs)
    })
  },
  delays: () => delays,
  pause: () => store.replication.pause(),
  resume: () => store.replication.resume(),
  /** Does nothing at all for a while: neither reads nor answers. */
  freeze(ms) {
    const until = performance.now() + ms
    while (performance.now() < until);
  },
  close: () => store?.close(),
}

process.on('message', async ({ number, action, argument }) => {
  try {
    const answer = await actions[action](argument)
    process.send({ number, answer })
    if (action === 'close') process.disconnect()
  } catch (error) {
    process.send({ number, error: `${error.code ?? ''} ${error.stack}` })
  }
})
