/** More vectors wait to be indexed than every search can scan: writers wait too, until a build has ended. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Collection, VectorStore } from '../../lib/index.js'
import { plainScan } from '../../lib/index/backends/plain-scan.js'
import { nodeClock } from '../../lib/runtime/node-clock.js'
import { withTemporaryDirectory } from '../../lib/testing/temporary-directory.js'
import { ControlledBackend, forgetful } from '../index/controlled-backend.js'

/** Vectors of 256 KiB: 1 024 of them are as much as may wait. */
const DIMENSIONS = 65_536
const VECTOR = new Float32Array(DIMENSIONS).fill(0.5)

/** Writes records of these numbers. */
function put(points: Collection, from: number, to: number, signal?: AbortSignal): Promise<unknown> {
  const records = Array.from({ length: to - from }, (_, i) => ({ id: `r${from + i}`, vector: VECTOR }))
  return points.upsert(records, signal ? { signal } : {})
}

/** Notes how a call ends. */
function watched(call: Promise<unknown>): { outcome: string; ended: Promise<void> } {
  const watching = { outcome: 'waits', ended: Promise.resolve() }
  watching.ended = call.then(
    () => {
      watching.outcome = 'written'
    },
    (error) => {
      watching.outcome = String(error.code ?? error.message)
    },
  )
  return watching
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await nodeClock.yield()
}

test('writers wait for the index that is to replace another, and go on once it does', {
  timeout: 120_000,
}, async () => {
  await withTemporaryDirectory(async (directory) => {
    const store = await VectorStore.open({ path: join(directory, 'data'), durability: 'buffered' })
    const backend = (kind: string) =>
      new ControlledBackend(forgetful(plainScan, true), { maxBytes: 64 * DIMENSIONS * 4 }, kind)
    const [former, next] = [backend('former'), backend('next')]
    former.isAutomatic = true
    const options = { dimensions: DIMENSIONS, metric: 'dot', backend: former } as const
    const points = await store.createCollection('points', options)
    const others = await store.createCollection('others', { dimensions: 2, metric: 'dot' })
    await put(points, 0, 64)
    await points.flush()
    await points.configure({ backend: next })
    while (next.building === 0) await nodeClock.yield()
    // What it was filled with does not count.
    for (let from = 64; from < 1_088; from += 128) await put(points, from, from + 128)
    while (points.getStats().index.pending > 512) await nodeClock.yield()
    const waiting = watched(put(points, 2_000, 2_001))
    await others.upsert({ id: 'a', vector: [1, 2] })
    await turns()
    expect([waiting.outcome, points.getStats().index.kind]).toEqual(['waits', 'former'])
    next.finish()
    while (points.getStats().index.kind === 'former') await nodeClock.yield()
    await turns()
    // All of that is scanned now.
    expect([waiting.outcome, points.getStats().index.pending]).toEqual(['waits', 1_024])
    next.finish()
    await waiting.ended
    expect([waiting.outcome, points.getStats().index.pending]).toEqual(['written', 961])
    const last = watched(put(points, 2_001, 2_064))
    await last.ended
    const refused = watched(put(points, 3_000, 3_001))
    await turns()
    await store.close()
    await refused.ended
    expect([last.outcome, refused.outcome]).toEqual(['written', 'CLOSED'])
  })
})

test('writers wait while too much waits to be indexed, and go on, are aborted or closed', {
  timeout: 120_000,
}, async () => {
  await withTemporaryDirectory(async (directory) => {
    const store = await VectorStore.open({ path: join(directory, 'data'), durability: 'buffered' })
    // 64 vectors are a segment.
    const backend = new ControlledBackend(forgetful(plainScan, true), { maxBytes: 64 * DIMENSIONS * 4 })
    const points = await store.createCollection('points', { dimensions: DIMENSIONS, metric: 'dot', backend })
    const others = await store.createCollection('others', { dimensions: 2, metric: 'dot' })
    for (let from = 0; from < 1_024; from += 128) await put(points, from, from + 128)
    expect(points.getStats().index).toMatchObject({ pending: 1_024, indexed: 0 })
    while (backend.building === 0) await nodeClock.yield()

    const controller = new AbortController()
    const aborted = watched(put(points, 2_000, 2_001, controller.signal))
    const waiting = [watched(put(points, 1_024, 1_025)), watched(points.delete('r0'))]
    const another = watched(others.upsert({ id: 'a', vector: [1, 2] }))
    await turns()
    await another.ended
    expect([aborted, ...waiting, another].map(({ outcome }) => outcome)).toEqual([
      ...['waits', 'waits', 'waits', 'written'],
    ])
    expect(await points.count()).toBe(1_024)
    controller.abort(new Error('enough'))
    await aborted.ended
    expect(aborted.outcome).toBe('enough')

    backend.finish()
    for (const { ended } of waiting) await ended
    expect(waiting.map(({ outcome }) => outcome)).toEqual(['written', 'written'])
    expect(await points.count()).toBe(1_024)
    expect(await points.get('r2000')).toBeUndefined()

    // Full again. What cannot be built keeps nobody waiting.
    await put(points, 1_025, 1_089)
    while (backend.building === 0) await nodeClock.yield()
    const failing = watched(put(points, 3_000, 3_001))
    await turns()
    expect(failing.outcome).toBe('waits')
    backend.fail()
    await failing.ended
    expect(failing.outcome).toBe('written')
    await put(points, 3_001, 3_002)

    // Tried again by itself it succeeds, and the next one is waited for. One of 128 was deleted.
    while (backend.building === 0) await nodeClock.yield()
    backend.finish()
    while (points.getStats().index.indexed < 127) await nodeClock.yield()
    await put(points, 4_000, 4_064)
    while (backend.building === 0) await nodeClock.yield()
    const last = watched(put(points, 5_000, 5_001))
    const beside = watched(others.delete('a'))
    await turns()
    await beside.ended
    expect([last.outcome, beside.outcome]).toEqual(['waits', 'written'])
    await store.close()
    await last.ended
    expect(last.outcome).toBe('CLOSED')
    expect(backend.held).toEqual([])
  })
})
