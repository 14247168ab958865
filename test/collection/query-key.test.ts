import { expect, test } from 'vitest'
import { QueryKeys } from '../../lib/collection/query-key.js'
import { type PreparedQuery, prepareQuery } from '../../lib/collection/search-query.js'

const SHAPE = { dimensions: 3, metric: 'euclidean' } as const
const plain = prepareQuery({ vector: [1, 2, 3] }, SHAPE)
const keys = new QueryKeys(7, SHAPE.dimensions)

/** What else each part of a query may be. */
const OTHERS: { readonly [Part in keyof PreparedQuery]: readonly PreparedQuery[Part][] } = {
  vector: [
    [1, 2, 4],
    [1, 3, 2],
    [2, 2, 3],
    [1, 2, 3 + 2 ** -22],
    [0, 2, 3],
    [-0, 2, 3],
    [1e-45, 2, 3],
  ].map((components) => Float32Array.from(components)),
  topK: [1, 11, 2 ** 31, 2 ** 32 + 10, 2 ** 53 - 1, 1e300],
  filter: [{}, { a: 1 }, { a: '1' }, { $or: [] }].map(
    (filter) => prepareQuery({ vector: [1, 2, 3], filter }, SHAPE).filter,
  ),
  includeVector: [true],
  includeMetadata: [false],
  exact: [true],
  ef: [1, 10, 64],
  minScore: [0, 1, 0.5, 0.5 + Number.EPSILON, -1, Number.POSITIVE_INFINITY],
}

test('every part of a query is in its key', () => {
  expect(Object.keys(OTHERS).sort()).toEqual(Object.keys(plain).sort())
  const queries = Object.entries(OTHERS).flatMap(([part, others]) =>
    others.map((other) => ({ ...plain, [part]: other }) as PreparedQuery),
  )
  const all = [plain, ...queries].map((query) => keys.keyOf(query, 0))
  expect(new Set(all).size).toBe(all.length)
})

test('two parts do not make up for each other', () => {
  const flags = [false, true]
  const all = flags.flatMap((includeVector) =>
    flags.flatMap((includeMetadata) =>
      flags.flatMap((exact) =>
        [undefined, 1, 2, 4].flatMap((ef) =>
          [1, 2, 4].map((topK) =>
            keys.keyOf({ ...plain, includeVector, includeMetadata, exact, ef, topK }, 0),
          ),
        ),
      ),
    ),
  )
  expect(new Set(all).size).toBe(96)
})

test('the same query has the same key, whatever was asked in between', () => {
  const key = keys.keyOf(plain, 0)
  keys.keyOf({ ...plain, vector: new Float32Array(3), topK: 1, ef: 5 }, 1)
  expect(keys.keyOf(prepareQuery({ vector: Float32Array.of(1, 2, 3), topK: 10 }, SHAPE), 0)).toBe(key)
})

test('collections and generations have keys of their own', () => {
  const others = new QueryKeys(8, SHAPE.dimensions)
  const all = [keys.keyOf(plain, 0), keys.keyOf(plain, 1), others.keyOf(plain, 0), others.keyOf(plain, 1)]
  expect(new Set(all).size).toBe(4)
})

test('the vector counts as it is compared: as 32-bit floats', () => {
  const keyOf = (component: number) => keys.keyOf(prepareQuery({ vector: [component, 2, 3] }, SHAPE), 0)
  expect(keyOf(0.1)).toBe(keyOf(Math.fround(0.1)))
  expect(keyOf(0.1)).not.toBe(keyOf(0.10000001))
})
