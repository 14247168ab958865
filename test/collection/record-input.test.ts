import { describe, expect, test } from 'vitest'
import type { Progress } from '../../lib/abortable.js'
import { BatchBudget, checkId, copyVector, prepareRecords } from '../../lib/collection/record-input.js'

const shape = { dimensions: 2, metric: 'cosine' } as const
const errorOf = (call: () => unknown): unknown => {
  try {
    return call()
  } catch (error) {
    return error
  }
}

describe('prepared records', () => {
  test('are copies that share nothing with the caller nor with one another', () => {
    const vector = Float32Array.of(1, 2)
    const records = [
      { id: 'a', vector, metadata: { n: [1] } },
      { id: 'b', vector },
      { id: 'c', vector: [0.1, 2] },
    ]
    const prepared = prepareRecords(records, shape)
    vector[0] = 9
    records[0]?.metadata?.n.push(2)
    ;(prepared[0]?.vector as Float32Array)[1] = 5
    expect(prepared).toEqual([
      { id: 'a', vector: Float32Array.of(1, 5), metadata: '{"n":[1]}' },
      { id: 'b', vector: Float32Array.of(1, 2), metadata: '{}' },
      { id: 'c', vector: Float32Array.of(0.1, 2), metadata: '{}' },
    ])
  })

  test('are as many as given, also where their vectors fill more than one run of memory', () => {
    const dimensions = 100_000
    const records = Array.from({ length: 7 }, (_, i) => ({
      id: `r${i}`,
      vector: new Float32Array(dimensions).fill(i + 1),
    }))
    const prepared = prepareRecords(records, { dimensions, metric: 'dot' })
    expect(prepared.map(({ vector }) => [vector.length, vector[0], vector[dimensions - 1]])).toEqual(
      records.map((_, i) => [dimensions, i + 1, i + 1]),
    )
    expect(prepareRecords([], shape)).toEqual([])
    expect(prepareRecords({ id: 'one', vector: [1, 1] }, shape)).toHaveLength(1)
  })

  test('say which record is wrong', () => {
    const good = { id: 'a', vector: [1, 2] }
    const wrong: [unknown, string, string][] = [
      [null, 'OPTIONS_INVALID', 'Record 1 is not an object'],
      [{ id: '', vector: [1, 2] }, 'ID_INVALID', 'Record 1'],
      [{ id: 'b' }, 'VECTOR_INVALID', 'Record 1'],
      [{ id: 'b', vector: [1, 'x'] }, 'VECTOR_INVALID', 'component 1'],
      [{ id: 'b', vector: [1, 1e39] }, 'VECTOR_INVALID', 'too large for 32-bit floats'],
      [{ id: 'b', vector: [Number.NaN, 1] }, 'VECTOR_INVALID', 'NaN as component 0'],
      [{ id: 'b', vector: [1, 2], metadata: { a: { b: 1n } } }, 'METADATA_INVALID', 'a.b'],
    ]
    for (const [record, code, message] of wrong) {
      const error = errorOf(() => prepareRecords([good, record], shape))
      expect(error).toMatchObject({ code, message: expect.stringContaining(message) })
    }
  })

  test('report progress every thousand', () => {
    const progress: Progress[] = []
    const records = Array.from({ length: 2_500 }, (_, i) => ({ id: `${i}`, vector: [1, 1] }))
    prepareRecords(records, shape, (step) => progress.push(step))
    expect(progress).toEqual([
      { done: 1_000, total: 2_500, phase: 'prepare' },
      { done: 2_000, total: 2_500, phase: 'prepare' },
    ])
  })

  test('are at most 64 MiB', () => {
    const budget = new BatchBudget()
    budget.spend(64 * 1024 * 1024 - 32)
    expect(errorOf(() => budget.spend(1))).toMatchObject({ code: 'BATCH_TOO_LARGE' })
    const metadata = { text: 'x'.repeat(1_000_000) }
    const records = Array.from({ length: 68 }, (_, i) => ({ id: `${i}`, vector: [1, 1], metadata }))
    expect(errorOf(() => prepareRecords(records, shape))).toMatchObject({ code: 'BATCH_TOO_LARGE' })
    expect(prepareRecords(records.slice(0, 67), shape)).toHaveLength(67)
  })
})

describe('an id', () => {
  test('is 1 to 512 bytes of UTF-8', () => {
    const good = ['a', ' ', 'x'.repeat(512), '€'.repeat(170), '\u{1f600}'.repeat(128), '\0']
    expect(good.map((id) => checkId(id))).toEqual(good)
    const bad = ['', 'x'.repeat(513), '€'.repeat(171), '\u{1f600}'.repeat(129), '\ud800', 'a\udc00', 5, null]
    for (const id of bad) expect(errorOf(() => checkId(id))).toMatchObject({ code: 'ID_INVALID' })
  })
})

describe('a vector', () => {
  test('may be zero where direction does not matter, and keeps −0 and tiny components', () => {
    const tiny = Float32Array.of(-0, 1.4e-45)
    expect(copyVector(tiny, { dimensions: 2, metric: 'cosine' }, 'It')).toEqual(tiny)
    expect(copyVector([0, 0], { dimensions: 2, metric: 'dot' }, 'It')).toEqual(Float32Array.of(0, 0))
    const underflow = errorOf(() => copyVector([1e-60, 0], { dimensions: 2, metric: 'cosine' }, 'It'))
    expect(underflow).toMatchObject({ code: 'VECTOR_INVALID' })
  })
})
