import { describe, expect, test } from 'vitest'
import type { Progress } from '../../lib/abortable.js'
import { rebuildIndex } from '../../lib/collection/index-rebuild.js'
import { compactIndex, completeIndex, flushIndex } from '../../lib/collection/index-work.js'
import { plainScan } from '../../lib/index/backends/plain-scan.js'
import { checkedBackend } from '../../lib/index/checked-backend.js'
import { nodeClock } from '../../lib/runtime/node-clock.js'
import { ControlledBackend } from '../index/controlled-backend.js'
import { RestlessClock } from '../index/restless-clock.js'
import { LayeredState } from './layered-state.js'

async function stored(clock = new RestlessClock()): Promise<LayeredState> {
  const layers = await LayeredState.open([], clock)
  for (let i = 0; i < 100; i++) layers.put(`id${i}`, 1 + i)
  await layers.apply()
  return layers
}

describe('waiting for an index', () => {
  test('completes it, and the one it was exchanged for meanwhile', async () => {
    const clock = new RestlessClock()
    const layers = await stored(clock)
    const { state } = layers
    clock.hold()
    const waiting = completeIndex(() => layers, undefined)
    while (clock.held === 0) await Promise.resolve()
    const former = state.live
    state.changeIndex(layers.newIndex(), 'cpu')
    clock.resume()
    await waiting
    expect([former.isFilled, state.live.isFilled, state.index.pending]).toEqual([false, true, 100])
  })

  test('ends with the signal; the work goes on', async () => {
    const clock = new RestlessClock()
    const { state, host } = await stored(clock)
    const reason = new Error('enough')
    const controller = new AbortController()
    clock.hold()
    const waiting = flushIndex(state, host, { signal: controller.signal })
    while (clock.held === 0) await Promise.resolve()
    controller.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    clock.resume()
    while (!state.live.isFilled) await nodeClock.yield()
    expect(state.index.pending).toBe(100)
  })

  test('ends when the collection can be used no more', async () => {
    const clock = new RestlessClock()
    const layers = await stored(clock)
    const { state, host } = layers
    const gone = new Error('it was dropped')
    clock.hold()
    let isGone = false
    const assertUsable = () => {
      if (isGone) throw gone
    }
    const waiting = completeIndex(() => ({ state, host: { ...host, assertUsable } }), undefined)
    while (clock.held === 0) await Promise.resolve()
    isGone = true
    state.dropped = true
    clock.resume()
    await expect(waiting).rejects.toBe(gone)
  })

  test('flushes, compacts and tells how far it is', async () => {
    const { state, host } = await stored()
    const told: Progress[] = []
    const onProgress = (progress: Progress) => told.push(progress)
    await flushIndex(state, host, { onProgress })
    expect(told.at(-1)).toEqual({ done: 100, total: 100, phase: 'index' })
    expect(state.index).toMatchObject({ indexed: 100, pending: 0, segments: 1 })
    state.index.remove(3, 1_000)
    await compactIndex(state, host, { onProgress })
    expect(told.at(-1)).toEqual({ done: 99, total: 99, phase: 'index' })
    expect(state.index).toMatchObject({ indexed: 99, dead: 0 })
    expect(told.filter(({ done, total }) => done > total)).toEqual([])
  })

  test.each(['closed', 'exchanged'] as const)('does not end well with an index that is %s', async (how) => {
    const clock = new RestlessClock()
    const layers = await LayeredState.open([], clock)
    const { state, host } = layers
    const backend = new ControlledBackend(plainScan)
    state.changeIndex(layers.newIndex(checkedBackend(backend)), 'mine')
    for (let i = 0; i < 100; i++) layers.put(`id${i}`, 1 + i)
    await completeIndex(() => layers, undefined)
    let isClosed = false
    const closed = new Error('closed')
    const assertUsable = () => {
      if (isClosed) throw closed
    }
    const flushed = flushIndex(state, { ...host, assertUsable }, {})
    while (backend.building === 0) await nodeClock.yield()
    const { index } = state
    if (how === 'exchanged') {
      const next = layers.newIndex()
      state.changeIndex(next, 'next')
      await rebuildIndex(state, host, next, () => {})
      await index.close(true)
      await flushed
      expect(state.index).toMatchObject({ indexed: 100, pending: 0 })
    } else {
      isClosed = true
      await Promise.all([index.close(), expect(flushed).rejects.toBe(closed)])
    }
  })

  test('waits for the index that is to replace the present one', async () => {
    const layers = await stored()
    const { state, host } = layers
    await flushIndex(state, host, {})
    const backend = new ControlledBackend(plainScan)
    const next = layers.newIndex(checkedBackend(backend))
    state.changeIndex(next, 'next')
    state.awaitRebuild(rebuildIndex(state, host, next, () => {}).then(() => undefined))
    const told: Progress[] = []
    const flushed = flushIndex(state, host, { onProgress: (progress) => told.push(progress) })
    while (backend.building === 0) await nodeClock.yield()
    expect(state.live).not.toBe(next)
    backend.isAutomatic = true
    backend.finish()
    await flushed
    expect(state.live).toBe(next)
    expect(next.index).toMatchObject({ indexed: 100, pending: 0 })
    expect(told).toContainEqual({ done: 100, total: 100, phase: 'index' })
    await next.index.close()
  })
})
