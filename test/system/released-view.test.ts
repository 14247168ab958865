/**
 * A view holds back what the record store has applied since. When it is released while another reader pauses, the
 * other one loses that from its overlay in the middle of a pass, and must not notice.
 */
import { expect, test } from 'vitest'
import type { Collection } from '../../lib/collection/collection.js'
import { VectorStore } from '../../lib/store/vector-store.js'
import { SimulatedClock } from '../../lib/testing/simulated-clock.js'

const RECORDS = 200

/** A clock that is late at every look, so that long passes pause, and that tells of each pause. */
class LateClock extends SimulatedClock {
  onPause: (() => Promise<void>) | undefined
  #lateMs = 0

  override monotonic(): number {
    this.#lateMs += 5
    return super.monotonic() + this.#lateMs
  }

  /** Lets so much time pass in small steps, with a turn for others after each. */
  async pass(ms: number): Promise<void> {
    for (let leftMs = ms; leftMs > 0; leftMs -= 2) await this.advance(2)
  }

  override async yield(): Promise<void> {
    await this.onPause?.()
    await super.yield()
  }
}

const ids = Array.from({ length: RECORDS }, (_, index) => `r${String(index).padStart(3, '0')}`)
const put = (collection: Collection, metadata: object) =>
  collection.upsert(ids.map((id, index) => ({ id, vector: [index, 1], metadata: { ...metadata, index } })))

/** A store whose overlay holds applied versions only because of a view, which the next pause of a reader releases. */
async function heldBack(): Promise<{ store: VectorStore; collection: Collection; clock: LateClock }> {
  const clock = new LateClock()
  const store = await VectorStore.open({ clock })
  const collection = await store.createCollection('records', { dimensions: 2, metric: 'dot' })
  await put(collection, { state: 'old' })
  await clock.pass(700)
  const holder = collection.scan({ pageSize: 1 })
  await holder.next()
  await put(collection, { state: 'new' })
  await clock.pass(700)
  expect(store.getStats()).toMatchObject({ pinnedViews: 1, records: { appliedSeq: 1 + 2 * RECORDS } })
  clock.onPause = async () => {
    clock.onPause = undefined
    await holder.return(undefined)
  }
  return { store, collection, clock }
}

test('a scan gives every record once', async () => {
  const { store, collection, clock } = await heldBack()
  const found: string[] = []
  for await (const { id, metadata } of collection.scan()) found.push(`${id} ${metadata.state}`)
  expect(clock.onPause).toBeUndefined()
  expect(found).toEqual(ids.map((id) => `${id} new`))
  await store.close()
})

test('a filter finds no record that does not match', async () => {
  const { store, collection, clock } = await heldBack()
  const filter = { index: { $lt: 0 } }
  expect(await collection.count(filter)).toBe(0)
  expect(clock.onPause).toBeUndefined()
  expect(await collection.count({ state: 'old' })).toBe(0)
  expect(await collection.count({ state: 'new', index: { $gte: 150 } })).toBe(50)
  await store.close()
})
