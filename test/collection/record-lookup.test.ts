import { describe, expect, test } from 'vitest'
import { RecordLookup } from '../../lib/collection/record-lookup.js'
import { LayeredState } from './layered-state.js'

const read = (lookup: RecordLookup, id: string) => {
  const record = lookup.byId(id)
  if (!record) return undefined
  return [record.metadata, lookup.vector(record.number)[0], lookup.byNumber(record.number)?.id]
}

describe('a record lookup', () => {
  test('reads the same whether a record is in the overlay, in the record store or in both', async () => {
    const layers = await LayeredState.open()
    layers.put('stored', 1, { n: 1 })
    layers.put('moved', 2, { n: 2 })
    layers.put('patched', 3, { n: 3 })
    layers.put('gone', 4, { n: 4 })
    await layers.apply()
    layers.move('moved', 20)
    layers.patch('patched', { m: 30 })
    layers.remove('gone')
    layers.put('new', 5, { n: 5 })
    const expected = {
      stored: ['{"n":1}', 1, 'stored'],
      moved: ['{"n":2}', 20, 'moved'],
      patched: ['{"n":3,"m":30}', 3, 'patched'],
      gone: undefined,
      new: ['{"n":5}', 5, 'new'],
      never: undefined,
    }
    const readAll = () => {
      const lookup = new RecordLookup(layers.state, layers.pin())
      return Object.fromEntries(Object.keys(expected).map((id) => [id, read(lookup, id)]))
    }
    expect(readAll()).toEqual(expected)
    await layers.apply(true)
    expect(readAll()).toEqual(expected)
    await layers.apply()
    expect(layers.state.versions.size).toBe(0)
    expect(readAll()).toEqual(expected)
  })

  test('keeps to its instant while the record store moves on', async () => {
    const layers = await LayeredState.open()
    layers.put('a', 1, { n: 1 })
    const view = layers.pin()
    const number = layers.put('a', 2, { n: 2 }).number
    layers.remove('a')
    const back = layers.put('a', 3, { n: 3 })
    await layers.apply(true)
    const lookup = new RecordLookup(layers.state, view)
    expect(read(lookup, 'a')).toEqual(['{"n":1}', 1, 'a'])
    expect(lookup.byNumber(back.number)).toBeUndefined()
    const now = new RecordLookup(layers.state, layers.pin())
    expect(read(now, 'a')).toEqual(['{"n":3}', 3, 'a'])
    expect(now.byNumber(number)).toBeUndefined()
  })

  test('says which operation wrote the vector', async () => {
    const layers = await LayeredState.open()
    const put = layers.put('a', 1)
    layers.patch('a', { n: 1 })
    const target = new Float32Array(5)
    const lookup = () => new RecordLookup(layers.state, layers.pin())
    expect(lookup().vectorInto(put.number, target, 2)).toBe(put.seq)
    await layers.apply()
    const moved = layers.move('a', 7)
    expect(lookup().vectorInto(moved.number, target, 3)).toBe(moved.seq)
    expect(target).toEqual(Float32Array.of(0, 0, 1, 7, 0))
  })
})
