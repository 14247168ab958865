import { describe, expect, test } from 'vitest'
import type { CollectionHost } from '../../lib/collection/collection-host.js'
import { fillIndex } from '../../lib/collection/index-filling.js'
import { rebuildIndex } from '../../lib/collection/index-rebuild.js'
import type { LiveIndex } from '../../lib/collection/live-index.js'
import type { ReplivecError } from '../../lib/errors.js'
import type { BackendSupport } from '../../lib/index/backend.js'
import { plainScan } from '../../lib/index/backends/plain-scan.js'
import { checkedBackend } from '../../lib/index/checked-backend.js'
import { nodeClock } from '../../lib/runtime/node-clock.js'
import { ControlledBackend, forgetful } from '../index/controlled-backend.js'
import { LayeredState } from './layered-state.js'

/** Three records, of which one is not yet stored, in an index that is filled; another one is asked for. */
async function begun(supports: Partial<BackendSupport> = {}, broken: Partial<CollectionHost> = {}) {
  const layers = await LayeredState.open()
  const { state, host } = layers
  layers.put('a', 1)
  layers.put('b', 2)
  await layers.apply()
  layers.put('c', 3)
  const { live } = state
  await live.filled(() => fillIndex(state, host, live))
  const backend = new ControlledBackend(forgetful(plainScan, true), supports)
  const next = layers.newIndex(checkedBackend(backend))
  expect(state.changeIndex(next, 'next')).toEqual([])
  expect([state.live, state.next, state.backend]).toEqual([live, next, 'next'])
  const failures: ReplivecError[] = []
  const rebuilt = rebuildIndex(state, { ...host, ...broken }, next, (error) => failures.push(error))
  state.awaitRebuild(rebuilt.then(() => undefined))
  return { layers, state, host, live, next, backend, rebuilt, failures }
}

async function placesOf(layers: LayeredState, { index }: LiveIndex): Promise<number[]> {
  const view = index.pin(layers.seq)
  const query = { vector: Float32Array.of(0, 0), k: 1_000, ef: undefined, exact: true, allow: undefined }
  const found = await index.search(view, query, undefined)
  view.release()
  return found.map(({ distance }) => distance)
}

describe('the index that is to replace another', () => {
  test('takes its place once all of it is built, with what was written meanwhile', async () => {
    const { layers, state, live, next, backend, rebuilt } = await begun()
    while (backend.building === 0) await nodeClock.yield()
    expect(state.live).toBe(live)
    layers.move('a', 10)
    layers.remove('b')
    layers.put('d', 4)
    expect(await placesOf(layers, live)).toEqual([3, 4, 10])
    backend.isAutomatic = true
    backend.finish()
    expect(await rebuilt).toBe(live.index)
    expect([state.live, state.next, next.isFilled]).toEqual([next, undefined, true])
    expect(await placesOf(layers, next)).toEqual([3, 4, 10])
    await state.rebuilt
    expect(state.rebuilt).toBeUndefined()
  })

  test('takes its place though writers are as fast as it is built', async () => {
    // Ten vectors are a memtable, and the largest segment.
    const { layers, state, live, next, backend, rebuilt } = await begun({ maxBytes: 10 * 2 * 4 })
    while (backend.building === 0) await nodeClock.yield()
    let written = 3
    backend.onGiven = () => {
      for (let i = 0; i < 160 && written < 10_000; i++) layers.put(`w${written}`, ++written)
    }
    backend.isAutomatic = true
    backend.finish()
    expect(await rebuilt).toBe(live.index)
    expect(written).toBeLessThan(2_000)
    expect(state.live).toBe(next)
    expect(next.index.indexed).toBeGreaterThanOrEqual(3)
    const all = Array.from({ length: written }, (_, i) => i + 1)
    expect(await placesOf(layers, next)).toEqual(all.slice(0, 1_000))
    written = 10_000
    await next.index.close()
  })

  test('is given up for yet another', async () => {
    const { state, live, next, backend, rebuilt, layers, host } = await begun()
    while (backend.building === 0) await nodeClock.yield()
    const last = layers.newIndex()
    expect(state.changeIndex(last, 'last')).toEqual([next.index])
    await next.index.close(true)
    expect(await rebuilt).toBeUndefined()
    expect([state.live, state.next]).toEqual([live, last])
    expect(await rebuildIndex(state, host, last, () => {})).toBe(live.index)
    expect(await placesOf(layers, state.live)).toEqual([1, 2, 3])
  })

  test('takes its place where it cannot be built, and says why', async () => {
    const { layers, state, live, next, backend, rebuilt } = await begun()
    while (backend.building === 0) await nodeClock.yield()
    backend.fail()
    expect(await rebuilt).toBe(live.index)
    expect(state.live).toBe(next)
    expect(next.index.trouble).toMatchObject({ code: 'BACKEND_FAILED' })
    expect(state.stats().fallbackReason).toBe(next.index.trouble?.message)
    expect(await placesOf(layers, next)).toEqual([1, 2, 3])
    await next.index.close()
  })

  describe('that cannot be filled', () => {
    const cause = new Error('a vector is damaged')
    const pin = () => {
      throw cause
    }

    test('is given up, and says why until another one is asked for', async () => {
      const { layers, state, live, next, rebuilt, failures } = await begun({}, { pin })
      expect(await rebuilt).toBe(next.index)
      expect([state.live, state.next]).toEqual([live, undefined])
      expect(failures).toMatchObject([{ code: 'BACKEND_FAILED', cause, details: { kind: 'controlled' } }])
      expect(state.stats().fallbackReason).toBe(failures[0]?.message)
      layers.put('d', 4)
      expect(await placesOf(layers, live)).toEqual([1, 2, 3, 4])
      expect(next.index.pending).toBe(0)
      state.changeIndex(layers.newIndex(), 'last')
      expect(state.stats().fallbackReason).toMatch("'last' is being built")
    })

    test('because the store closes is left to the store', async () => {
      const closed = new Error('closed')
      const assertUsable = () => {
        throw closed
      }
      const { state, next, rebuilt, failures } = await begun({}, { pin, assertUsable })
      expect(await rebuilt).toBeUndefined()
      expect([state.next, failures]).toEqual([next, []])
    })
  })
})
