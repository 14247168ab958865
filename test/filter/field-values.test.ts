import { describe, expect, test } from 'vitest'
import { encodeIndexKey } from '../../lib/filter/index-key.js'
import { indexEntries, Marker } from '../../lib/filter/field-values.js'

const markers = new Map(Object.entries(Marker).map(([name, key]) => [Buffer.from(key).toString('hex'), name]))
const values = new Map(
  [null, true, 1, 2, 'a', 'b', new Date(5)].map((value) => [
    Buffer.from(encodeIndexKey(value).key).toString('hex'),
    value instanceof Date ? 'date' : value,
  ]),
)

function entries(metadata: Record<string, unknown>, path: string): unknown[] {
  return indexEntries(metadata, path).map((key) => {
    const hex = Buffer.from(key).toString('hex')
    return markers.get(hex) ?? (values.has(hex) ? values.get(hex) : hex)
  })
}

describe('indexEntries', () => {
  test('a scalar has its key, an absent field none', () => {
    expect(entries({ f: 'a' }, 'f')).toEqual(['a', 'exists'])
    expect(entries({ f: new Date(5) }, 'f')).toEqual(['date', 'exists'])
    expect(entries({ f: null }, 'f')).toEqual([null, 'exists'])
    expect(entries({}, 'f')).toEqual([])
    expect(entries({ f: 1 }, 'f.g')).toEqual([])
  })

  test('an array has the keys of its elements, once each', () => {
    expect(entries({ f: ['a', 'b', 'a', null] }, 'f')).toEqual(['a', 'b', null, 'exists', 'array'])
    expect(entries({ f: [] }, 'f')).toEqual(['exists', 'array'])
    expect(entries({ f: [[1]] }, 'f')).toEqual(['exists', 'array'])
    const long = 'x'.repeat(300)
    expect(indexEntries({ f: [`${long}a`, `${long}b`] }, 'f')).toEqual([
      encodeIndexKey(long).key,
      Marker.exists,
      Marker.array,
    ])
  })

  test('objects are marked, not taken apart', () => {
    expect(entries({ f: { g: 1 } }, 'f')).toEqual(['exists', 'object'])
    expect(entries({ f: [{ g: 1 }, 2] }, 'f')).toEqual([2, 'exists', 'object', 'array'])
  })

  test('a path through an array of objects reaches several values', () => {
    expect(entries({ f: [{ g: 1 }, { g: 'a' }] }, 'f.g')).toEqual([1, 'a', 'exists', 'several'])
    expect(entries({ f: [{ g: 1 }, {}] }, 'f.g')).toEqual([1, 'exists', 'partial'])
    expect(entries({ f: [{}, {}] }, 'f.g')).toEqual([])
    expect(entries({ f: [1, []] }, 'f.g')).toEqual(['silent'])
    expect(entries({ f: [1, 2] }, 'f.1')).toEqual([2, 'exists'])
  })

  test('what no condition matches has no key', () => {
    expect(entries({ f: Number.NaN }, 'f')).toEqual(['exists'])
    expect(entries({ f: new Date(Number.NaN) }, 'f')).toEqual(['exists'])
    expect(entries({}, 'constructor')).toEqual([])
    expect(entries({}, '__proto__.toString')).toEqual([])
  })
})
