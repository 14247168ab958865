import { describe, expect, test } from 'vitest'
import type { KeyValue, KeyValueReader } from '../../lib/records/key-value.js'
import type { Clock } from '../../lib/runtime/clock.js'
import { nodeClock } from '../../lib/runtime/node-clock.js'
import { SeededRandom } from '../../lib/testing/seeded-random.js'
import { SimulatedKeyValues } from '../../lib/testing/simulated-key-value.js'

const machine = (seed: number | string = 1, clock: Clock = nodeClock) =>
  new SimulatedKeyValues({ clock, random: new SeededRandom(seed) })
const key = Uint8Array.of(1)
const set = (store: KeyValue, number: number) => store.commit([{ key, value: Uint8Array.of(number) }])
const read = (reader: KeyValueReader) => reader.get(key)?.[0]

describe('simulated key-value stores', () => {
  test('keep everything committed when the process crashes, and answer it no more', async () => {
    const simulated = machine()
    const store = await simulated.factory.open('a')
    await set(store, 1)
    const snapshot = store.snapshot()
    const late = set(store, 2)
    simulated.crash()
    await expect(late).rejects.toMatchObject({ code: 'CLOSED' })
    await expect(set(store, 3)).rejects.toMatchObject({ code: 'CLOSED' })
    await expect(store.flushed()).rejects.toMatchObject({ code: 'CLOSED' })
    expect(() => read(store)).toThrow(/closed/)
    expect(() => read(snapshot)).toThrow(/closed/)
    await store.close()
    const again = await simulated.factory.open('a')
    expect(read(again)).toBe(1)
    await store.close()
    await expect(simulated.factory.open('a')).rejects.toMatchObject({ code: 'LOCKED' })
  })

  test('open and discard nothing for a process that crashed meanwhile', async () => {
    const simulated = machine()
    const { factory } = simulated
    const late = factory.open('a')
    simulated.crash()
    await expect(late).rejects.toMatchObject({ code: 'CLOSED' })
    const store = await simulated.factory.open('a')
    await set(store, 1)
    await store.close()
    await expect(factory.open('a')).rejects.toMatchObject({ code: 'CLOSED' })
    await expect(factory.discard('a')).rejects.toMatchObject({ code: 'CLOSED' })
    expect(read(await simulated.factory.open('a'))).toBe(1)
  })

  test('fall back, in a power cut, to any state since the last flush, as the seed decides', async () => {
    const seen = new Set<number | undefined>()
    for (let seed = 0; seed < 60; seed++) {
      const simulated = machine()
      const store = await simulated.factory.open('a')
      await set(store, 1)
      await set(store, 2)
      await store.flushed()
      for (const number of [3, 4, 5]) await set(store, number)
      const before = read(store)
      simulated.powerCut(new SeededRandom(seed))
      const after = read(await simulated.factory.open('a'))
      expect(before).toBe(5)
      seen.add(after)
      // What survived one cut is on the disk: another changes nothing.
      simulated.powerCut(new SeededRandom(seed + 1))
      expect(read(await simulated.factory.open('a'))).toBe(after)
    }
    expect([...seen].sort()).toEqual([2, 3, 4, 5])
  })

  test('lose nothing in a power cut after a close in order', async () => {
    for (let seed = 0; seed < 10; seed++) {
      const simulated = machine()
      const store = await simulated.factory.open('a')
      await set(store, 1)
      await set(store, 2)
      await store.close()
      simulated.powerCut(new SeededRandom(seed))
      expect(read(await simulated.factory.open('a'))).toBe(2)
    }
  })

  test('fail on demand, until opened again', async () => {
    const simulated = machine()
    const store = await simulated.factory.open('a')
    await set(store, 1)
    simulated.failNextCommits()
    await expect(set(store, 2)).rejects.toMatchObject({ code: 'STORAGE_FAILED', cause: { code: 'ENOSPC' } })
    await expect(set(store, 3)).rejects.toMatchObject({ code: 'STORAGE_FAILED' })
    await expect(store.flushed()).rejects.toMatchObject({ code: 'STORAGE_FAILED' })
    expect(read(store)).toBe(1)
    await store.close()
    const again = await simulated.factory.open('a')
    expect(read(again)).toBe(1)
    await set(again, 4)
    expect(read(again)).toBe(4)
  })

  test('are damaged until discarded, then empty', async () => {
    const simulated = machine()
    const store = await simulated.factory.open('a')
    await set(store, 1)
    await store.close()
    simulated.damage('a')
    await expect(simulated.factory.open('a')).rejects.toMatchObject({ code: 'RECORDS_DAMAGED' })
    await simulated.factory.discard('a')
    expect(read(await simulated.factory.open('a'))).toBeUndefined()
  })

  test('spoil a view at the next call', async () => {
    const store = await machine().factory.open('a')
    await store.commit([
      { key, value: Uint8Array.of(7) },
      { key: Uint8Array.of(2), value: Uint8Array.of(8) },
    ])
    const view = store.get(key)
    const copy = view?.slice()
    expect(view).toEqual(Uint8Array.of(7))
    const entries = [...store.range({ start: key, end: Uint8Array.of(9) })]
    expect(view).not.toEqual(copy)
    expect(copy).toEqual(Uint8Array.of(7))
    expect(entries.map(({ value }) => value[0])).toEqual([0xdb, 0xdb])
    expect(read(store)).toBe(7)
  })

  test('take their time as the seed decides, and the same seed takes the same time', async () => {
    const yieldsOf = async (seed: number) => {
      const yields: number[] = []
      let count = 0
      const clock: Clock = {
        ...nodeClock,
        yield: () => {
          count++
          return nodeClock.yield()
        },
      }
      const store = await machine(seed, clock).factory.open('a')
      for (let round = 0; round < 20; round++) {
        count = 0
        await set(store, round)
        yields.push(count)
      }
      return yields
    }
    const first = await yieldsOf(5)
    expect(first).toEqual(await yieldsOf(5))
    expect(first).not.toEqual(await yieldsOf(6))
    expect(new Set(first)).toEqual(new Set([0, 1, 2, 3]))
  })
})
