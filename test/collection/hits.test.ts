import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type AnyHit, copyHits, hitsBytes } from '../../lib/collection/hits.js'
import { decodeMetadata, encodeMetadata } from '../../lib/records/metadata.js'
import { metadata } from '../filter/filter-arbitrary.js'

const stored = metadata.map((fields) => decodeMetadata(encodeMetadata(fields)))
const hit: fc.Arbitrary<AnyHit> = fc.record(
  { id: fc.string(), score: fc.double(), distance: fc.double(), metadata: stored, vector: fc.float32Array() },
  { requiredKeys: ['id', 'score', 'distance'], noNullPrototype: true },
)

/** Every object in a value, and the value itself where it is one. */
function objectsIn(value: unknown): object[] {
  if (typeof value !== 'object' || value === null) return []
  return [value, ...Object.values(value).flatMap(objectsIn)]
}

test('a copy is the same and shares nothing', () => {
  fc.assert(
    fc.property(fc.array(hit, { maxLength: 5 }), (hits) => {
      const copies = copyHits(hits)
      expect(copies).toStrictEqual(hits)
      expect(JSON.stringify(copies)).toBe(JSON.stringify(hits))
      const originals = new Set(objectsIn(hits))
      expect(objectsIn(copies).filter((part) => originals.has(part))).toEqual([])
      const buffers = hits.map(({ vector }) => vector?.buffer)
      expect(copies.filter(({ vector }) => vector && buffers.includes(vector.buffer))).toEqual([])
    }),
    { numRuns: 500 },
  )
})

test('a copy has Dates, lists and objects at every depth, and the fields in their order', () => {
  const at = new Date(86_400_000)
  const fields = { z: [at, [{ at }], 'x', null], a: { at, list: [] }, 10: 1.5, n: null, f: false, e: {} }
  const [copy] = copyHits([{ id: 'a', score: 1, distance: 0, metadata: fields }])
  expect(copy).toStrictEqual({ id: 'a', score: 1, distance: 0, metadata: fields })
  expect(Object.keys(copy!.metadata!)).toEqual(Object.keys(fields))
  const { z, a } = copy!.metadata as typeof fields
  ;(z[0] as Date).setTime(0)
  a.at.setTime(1)
  expect(at.getTime()).toBe(86_400_000)
})

test('what is inherited by all objects is no part of a copy', () => {
  const prototype = Object.prototype as unknown as Record<string, unknown>
  prototype.inherited = { by: 'all' }
  try {
    const [copy] = copyHits([{ id: 'a', score: 1, distance: 0, metadata: { own: 1 } }])
    expect(Object.keys(copy!.metadata!)).toEqual(['own'])
  } finally {
    delete prototype.inherited
  }
})

test('hits take at least what their texts and vectors take', () => {
  fc.assert(
    fc.property(fc.array(hit, { maxLength: 5 }), (hits) => {
      const least = hits.map(({ id, metadata: fields, vector }) => {
        const texts = objectsIn(fields)
          .flatMap((part) => Object.values(part))
          .filter((value) => typeof value === 'string')
        return id.length + texts.join('').length + (vector?.byteLength ?? 0)
      })
      expect(hitsBytes(hits)).toBeGreaterThan(least.reduce((sum, bytes) => sum + bytes, 0))
    }),
  )
})

test('every part of a hit adds to what it takes', () => {
  const bytesOf = (part: Partial<AnyHit>) => hitsBytes([{ id: 'a', score: 1, distance: 0, ...part }])
  const growing = [
    hitsBytes([]),
    bytesOf({}),
    bytesOf({ id: 'x'.repeat(50) }),
    bytesOf({ id: '€'.repeat(50) }),
    bytesOf({ vector: new Float32Array(1) }),
    bytesOf({ vector: new Float32Array(1_000) }),
    bytesOf({ vector: new Float32Array(1_000), metadata: {} }),
    bytesOf({ vector: new Float32Array(1_000), metadata: { n: 1 } }),
    bytesOf({ vector: new Float32Array(1_000), metadata: { n: 1.5 } }),
    bytesOf({ vector: new Float32Array(1_000), metadata: { n: new Date(0) } }),
    bytesOf({ vector: new Float32Array(1_000), metadata: { n: [new Date(0), 'text', { of: 'more' }] } }),
  ]
  expect(growing).toEqual([...new Set(growing)].sort((a, b) => a - b))
})
