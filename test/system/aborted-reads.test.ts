import { afterEach, describe, expect, test } from 'vitest'
import type { Collection } from '../../lib/index.js'
import { nodeClock } from '../../lib/runtime/node-clock.js'
import { memoryEnvironment } from '../../lib/store/environment.js'
import { VectorStore } from '../../lib/store/vector-store.js'
import { collected } from '../collection/contents.js'

const COUNT = 400

/** A clock by which every look takes a millisecond, so that calls pause often, and which tells of every pause. */
class PausingClock {
  onPause: (() => void) | undefined
  #ms = 0

  readonly clock = {
    ...nodeClock,
    monotonic: () => this.#ms++,
    yield: async () => {
      this.onPause?.()
      await nodeClock.yield()
    },
  }
}

const pausing = new PausingClock()
let store: VectorStore | undefined
afterEach(async () => {
  pausing.onPause = undefined
  await store?.close()
})

async function opened(): Promise<Collection> {
  store = await VectorStore.openIn({ ...memoryEnvironment(), clock: pausing.clock }, {})
  const things = await store.createCollection('things', { dimensions: 2, metric: 'euclidean' })
  await things.upsert(
    Array.from({ length: COUNT }, (_, n) => ({ id: `${n}`, vector: [n, 1], metadata: { n } })),
  )
  // Searches find a backend whose index is still to be filled.
  await things.configure({ backend: 'quantized' })
  return things
}

const CALLS: Record<string, (things: Collection, signal: AbortSignal) => Promise<unknown>> = {
  'first search': (things, signal) => things.search({ vector: [1, 1], signal }),
  'filtered search': (things, signal) => things.search({ vector: [1, 1], filter: { n: { $gt: 3 } }, signal }),
  searchBatch: (things, signal) =>
    things.searchBatch(Array.from({ length: 100 }, () => ({ vector: [1, 1], signal }))),
  'filtered count': (things, signal) => things.count({ n: { $gt: 3 } }, { signal }),
  explain: (things, signal) => things.explain({ vector: [1, 1], filter: { n: { $gt: 3 } }, signal }),
  scan: (things, signal) => collected(things.scan({ signal, pageSize: 10 })),
  'delete by filter': (things, signal) => things.delete({ filter: { n: { $lt: 0 } } }, { signal }),
}

describe.each(Object.entries(CALLS))('a %s', (_name, call) => {
  test('that is aborted in one of its pauses rejects with the reason', async () => {
    const things = await opened()
    let pauses = 0
    pausing.onPause = () => {
      pauses += 1
    }
    await call(things, new AbortController().signal)
    expect(pauses).toBeGreaterThan(2)
    const total = pauses
    // The last pause may be the clock's own, after the answer.
    for (let at = 1; at < total - 1; at += Math.ceil(total / 12)) {
      await store?.close()
      const again = await opened()
      const controller = new AbortController()
      const reason = new Error(`aborted at pause ${at} of ${total}`)
      pauses = 0
      pausing.onPause = () => {
        pauses += 1
        if (pauses === at) controller.abort(reason)
      }
      await expect(call(again, controller.signal), reason.message).rejects.toBe(reason)
      pausing.onPause = undefined
      expect(await again.count()).toBe(COUNT)
    }
  })
})
