import { describe, expect, test } from 'vitest'
import { preparePatch } from '../../lib/collection/patch-input.js'

const shape = { dimensions: 2, metric: 'cosine' } as const
const errorOf = (patch: unknown): unknown => {
  try {
    return preparePatch(patch, shape)
  } catch (error) {
    return error
  }
}

describe('a patch', () => {
  test('is copied part by part', () => {
    const vector = [1, 2]
    const metadata = { a: { b: 1 }, when: new Date(5) }
    const unset = ['x', 'y', 'x']
    const prepared = preparePatch({ vector, metadata, unset }, shape)
    vector[0] = 9
    metadata.a.b = 9
    unset.push('z')
    expect(prepared).toEqual({
      vector: Float32Array.of(1, 2),
      set: '{"a":{"b":1},"when":{"$date":5}}',
      unset: ['x', 'y'],
    })
  })

  test('may be empty', () => {
    expect(preparePatch({}, shape)).toEqual({ vector: undefined, set: '{}', unset: [] })
  })

  test('takes a field to remove whose new value is undefined: that sets nothing', () => {
    expect(preparePatch({ metadata: { a: undefined, b: 1 }, unset: ['a'] }, shape)).toEqual({
      vector: undefined,
      set: '{"b":1}',
      unset: ['a'],
    })
  })

  test.each<[unknown, string]>([
    [undefined, 'OPTIONS_INVALID'],
    [[], 'OPTIONS_INVALID'],
    [{ unset: 'a' }, 'OPTIONS_INVALID'],
    [{ unset: [1] }, 'OPTIONS_INVALID'],
    [{ unset: ['a.b'] }, 'METADATA_INVALID'],
    [{ unset: ['$a'] }, 'METADATA_INVALID'],
    [{ unset: ['__proto__'] }, 'METADATA_INVALID'],
    [{ metadata: { a: null }, unset: ['a'] }, 'METADATA_INVALID'],
    [{ metadata: null }, 'METADATA_INVALID'],
    [{ vector: null }, 'VECTOR_INVALID'],
    [{ vector: [0, 0] }, 'VECTOR_INVALID'],
    [{ vector: [1] }, 'VECTOR_INVALID'],
  ])('is refused as %j with %s', (patch, code) => {
    expect(errorOf(patch)).toMatchObject({ name: 'ReplivecError', code })
  })
})
