import { describe, expect, test } from 'vitest'
import { fillIndex } from '../../lib/collection/index-filling.js'
import { RestlessClock } from '../index/restless-clock.js'
import { LayeredState } from './layered-state.js'

/** The places of the records in the index now, ascending: what the records' vectors must be. */
async function placesOf({ state, seq }: LayeredState): Promise<number[]> {
  const view = state.index.pin(seq)
  const query = { vector: Float32Array.of(0, 0), k: 1_000, ef: undefined, exact: true, allow: undefined }
  const found = await state.index.search(view, query, undefined)
  view.release()
  return found.map(({ distance }) => distance)
}

function fill(layers: LayeredState): Promise<void> | undefined {
  const { state, host } = layers
  const { live } = state
  return live.filled(() => fillIndex(state, host, live))
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}

describe('filling an index', () => {
  test('takes what is stored and what is not yet', async () => {
    const layers = await LayeredState.open()
    layers.put('a', 1)
    layers.put('b', 2)
    layers.put('c', 3)
    await layers.apply()
    layers.move('a', 10)
    layers.remove('b')
    layers.patch('c', { n: 1 })
    layers.put('d', 4)
    layers.put('b', 5)
    expect(await placesOf(layers)).toEqual([])
    await fill(layers)
    expect(layers.state.live.isFilled).toBe(true)
    expect(await placesOf(layers)).toEqual([3, 4, 5, 10])
    expect(fill(layers)).toBeUndefined()
  })

  test('goes on beside writes, which win', async () => {
    const clock = new RestlessClock()
    const layers = await LayeredState.open([], clock)
    for (let i = 0; i < 100; i++) layers.put(`id${i}`, 1 + i)
    await layers.apply()
    clock.hold()
    const filling = fill(layers)
    await until(() => clock.held > 0)
    layers.move('id5', 1_005)
    layers.move('id95', 1_095)
    layers.remove('id6')
    layers.remove('id96')
    layers.patch('id97', { n: 1 })
    layers.remove('id98')
    layers.put('id98', 1_098)
    layers.put('new', 2_000)
    clock.resume()
    await filling
    const kept = Array.from({ length: 100 }, (_, i) => i).filter((i) => ![5, 95, 6, 96, 98].includes(i))
    expect(await placesOf(layers)).toEqual([...kept.map((i) => 1 + i), 1_005, 1_095, 1_098, 2_000])
  })

  test('begins anew when the index is exchanged meanwhile', async () => {
    const clock = new RestlessClock()
    const layers = await LayeredState.open([], clock)
    for (let i = 0; i < 100; i++) layers.put(`id${i}`, 1 + i)
    await layers.apply()
    clock.hold()
    const first = fill(layers)
    await until(() => clock.held > 0)
    layers.state.changeIndex(layers.newIndex(), 'cpu')
    const second = fill(layers)
    expect(second).not.toBe(first)
    clock.resume()
    await first
    expect(layers.state.live.isFilled).toBe(false)
    await second
    expect(layers.state.live.isFilled).toBe(true)
    expect(await placesOf(layers)).toEqual(Array.from({ length: 100 }, (_, i) => 1 + i))
  })
})
