import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeMessage } from '../../lib/log/codec.js'
import { encodePutCommit, encodePuts } from '../../lib/log/put-encoder.js'
import { replivec } from '../../lib/log/schema.js'

const putArbitrary = fc.record({
  collection: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  id: fc.string({ minLength: 1, maxLength: 200, unit: 'grapheme' }),
  vector: fc.uint8Array({ minLength: 1, maxLength: 20_000 }),
  metadata: fc.json(),
})

test('puts are encoded as the generated encoder encodes them', () => {
  fc.assert(
    fc.property(fc.array(putArbitrary, { minLength: 1, maxLength: 5 }), (puts) => {
      const operations = puts.map((put) => ({ put }))
      const bytes = encodePuts(operations)
      expect(bytes && Buffer.from(bytes)).toEqual(
        Buffer.from(encodeMessage(replivec.v1.Commit, { operations })),
      )
    }),
    { numRuns: 300 },
  )
})

test('anything but puts is left to the generated encoder', () => {
  const put = { collection: 1, id: 'a', vector: Uint8Array.of(1, 2, 3, 4), metadata: '{}' }
  expect(encodePuts([{ put }, { delete: { collection: 1, id: 'a' } }])).toBeUndefined()
  expect(encodePuts([{ put, version: { originId: 'n', counter: 1 } }])).toBeUndefined()
  expect(encodePuts([{ put: { ...put, $unknowns: [Uint8Array.of(0x78, 1)] } }])).toBeUndefined()
})

test('a commit of puts is encoded as the generated encoder encodes it', () => {
  const positive = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })
  const start = fc.record({
    epoch: positive,
    originId: fc.string({ minLength: 1, maxLength: 128, unit: 'grapheme' }),
    firstSeq: positive,
    count: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
    committedAtMs: positive,
  })
  fc.assert(
    fc.property(start, fc.array(putArbitrary, { minLength: 1, maxLength: 3 }), (fields, puts) => {
      const commit = { ...fields, operations: puts.map((put) => ({ put })) }
      const bytes = encodePutCommit(commit, 8)
      expect(bytes && Buffer.from(bytes.subarray(8))).toEqual(
        Buffer.from(encodeMessage(replivec.v1.Commit, commit)),
      )
    }),
    { numRuns: 300 },
  )
})
