import { describe, expect, test } from 'vitest'
import type { Metric } from '../../lib/index.js'
import { SeededRandom } from '../../lib/testing/seeded-random.js'
import { describeStores } from '../store/store-kinds.js'
import { byCodeUnit } from './contents.js'

const METRICS: readonly Metric[] = ['cosine', 'dot', 'euclidean']
const BACKENDS = ['cpu', 'quantized', 'gpu'] as const

/** f32 values that a lossy copy would change: subnormal, largest, negative zero, not representable in f16 or i8. */
const DIFFICULT = [0.1, -0.2, 1e-45, 3.4028234663852886e38, -0, 1.0000001192092896, 65_519, 12_345.678]

describeStores((subject) => {
  describe('score and distance', () => {
    const vectors = { east: [2, 0], steep: [3, 4], north: [0, 5], west: [-1, 0] }

    // Worked out by hand for the query (1, 0): cosines 1, 0.6, 0, −1; products 2, 3, 0, −1; lengths of the
    // differences 1, √(2² + 4²), √(1² + 5²), 2.
    const expected: Record<Metric, [id: string, score: number, distance: number][]> = {
      cosine: [
        ['east', 1, 0],
        ['steep', 0.6, 0.4],
        ['north', 0, 1],
        ['west', -1, 2],
      ],
      dot: [
        ['steep', 3, -3],
        ['east', 2, -2],
        ['north', 0, 0],
        ['west', -1, 1],
      ],
      euclidean: [
        ['east', 1 / 2, 1],
        ['west', 1 / 3, 2],
        ['steep', 1 / (1 + Math.sqrt(20)), Math.sqrt(20)],
        ['north', 1 / (1 + Math.sqrt(26)), Math.sqrt(26)],
      ],
    }

    test.each(METRICS)('of %s', async (metric) => {
      const points = await subject.create({ metric })
      await points.upsert(Object.entries(vectors).map(([id, vector]) => ({ id, vector })))
      const later = await subject.later()
      const hits = await later.search({ vector: [1, 0] })
      expect(hits.map(({ id }) => id)).toEqual(expected[metric].map(([id]) => id))
      for (const [rank, [, score, distance]] of expected[metric].entries()) {
        expect(hits[rank]!.score).toBeCloseTo(score, 12)
        expect(hits[rank]!.distance).toBeCloseTo(distance, 12)
      }
    })

    test('cosine distance stays within 0 and 2', async () => {
      const points = await subject.create({ metric: 'cosine', dimensions: 3 })
      const random = new SeededRandom('clamp')
      const vectors = Array.from({ length: 50 }, () => [1, 2, 3].map(() => random.next() - 0.5))
      await points.upsert(vectors.map((vector, i) => ({ id: `${i}`, vector })))
      const later = await subject.later()
      for (const vector of vectors) {
        const same = await later.search({ vector, topK: 50 })
        const opposite = await later.search({ vector: vector.map((x) => -3 * x), topK: 50 })
        const distances = [...same, ...opposite].map(({ distance }) => distance)
        expect(Math.min(...distances)).toBeGreaterThanOrEqual(0)
        expect(Math.max(...distances)).toBeLessThanOrEqual(2)
        expect(same[0]!.distance).toBeCloseTo(0, 6)
        expect(opposite.at(-1)!.distance).toBeCloseTo(2, 6)
      }
    })

    test('dot and euclidean take zero vectors, stored and as a query; cosine refuses both', async () => {
      const points = await subject.create({ metric: 'euclidean' })
      const products = await subject.create({ metric: 'dot' }, 'products')
      const angles = await subject.create({ metric: 'cosine' }, 'angles')
      for (const collection of [points, products]) {
        await collection.upsert([
          { id: 'a', vector: [0, 0] },
          { id: 'b', vector: [3, 4] },
        ])
      }
      await expect(angles.upsert({ id: 'a', vector: [0, -0] })).rejects.toMatchObject({
        code: 'VECTOR_INVALID',
      })
      await expect(angles.search({ vector: [0, 0] })).rejects.toMatchObject({ code: 'VECTOR_INVALID' })
      const near = await (await subject.later()).search({ vector: [0, 0], includeMetadata: false })
      expect(near).toEqual([
        { id: 'a', score: 1, distance: 0 },
        { id: 'b', score: 1 / 6, distance: 5 },
      ])
      const product = await (await subject.store.openCollection('products')).search({ vector: [0, 0] })
      expect(product.map(({ id }) => id)).toEqual(['a', 'b'])
      expect(product.map(({ score, distance }) => score + distance)).toEqual([0, 0])
    })
  })

  test.each(METRICS.flatMap((metric) => BACKENDS.map((backend) => [metric, backend] as const)))(
    'vectors of %s on %s come back with exactly the f32 that were written',
    async (metric, backend) => {
      const points = await subject.create({ metric, backend, dimensions: DIFFICULT.length })
      const written = Float32Array.from(DIFFICULT)
      await points.upsert([
        { id: 'list', vector: DIFFICULT },
        { id: 'typed', vector: written },
      ])
      await points.update('typed', { metadata: { touched: true } })
      await points.flush()
      const later = await subject.later()
      const bits = (vector: Float32Array) => [
        ...new Uint32Array(vector.buffer, vector.byteOffset, vector.length),
      ]
      const hits = await later.search({ vector: DIFFICULT, includeVector: true })
      const records = await later.getMany(['list', 'typed'], { includeVector: true })
      const scanned = []
      for await (const record of later.scan({ includeVector: true })) scanned.push(record)
      const all = [...hits, ...records, ...scanned]
      expect(all.map((read) => read?.id).sort()).toEqual([
        ...Array(3).fill('list'),
        ...Array(3).fill('typed'),
      ])
      for (const read of all) expect(bits(read!.vector)).toEqual(bits(written))
      expect(new Set(all.map((read) => read!.vector.buffer)).size).toBe(6)
    },
  )

  describe('order', () => {
    test('is by score, and at equal score by code unit of the id', async () => {
      const points = await subject.create()
      // By code point or by UTF-8 bytes the emoji would come after U+FFFF.
      const ids = ['\uffff', '😀', 'é', 'b', 'a', 'B', 'ab', '10', '9', '\u0000']
      await points.upsert(ids.map((id) => ({ id, vector: [1, 1] })))
      await points.upsert({ id: 'nearer', vector: [0, 1] })
      const later = await subject.later()
      const found = async (topK: number) => (await later.search({ vector: [0, 0], topK })).map(({ id }) => id)
      const ordered = ['nearer', '\u0000', '10', '9', 'B', 'a', 'ab', 'b', 'é', '😀', '\uffff']
      for (let topK = 1; topK <= 11; topK++) expect(await found(topK)).toEqual(ordered.slice(0, topK))
    })

    test('at equal score does not depend on what was written when', async () => {
      const points = await subject.create()
      const random = new SeededRandom('ties')
      const ids = Array.from({ length: 300 }, (_, i) => `id${random.int(1e9)}-${i}`)
      for (const id of ids.slice(0, 100)) await points.upsert({ id, vector: [1, 1] })
      await points.flush()
      await points.upsert(ids.map((id) => ({ id, vector: [1, 1] })))
      const hits = await (await subject.later()).search({ vector: [5, 5], topK: 50 })
      expect(hits.map(({ id }) => id)).toEqual([...ids].sort(byCodeUnit).slice(0, 50))
    })
  })

  test('every score a search gives is inclusive for minScore, whatever the metric', async () => {
    const random = new SeededRandom('inclusive')
    for (const metric of METRICS) {
      const points = await subject.create({ metric }, metric)
      await points.upsert(
        Array.from({ length: 30 }, (_, i) => ({ id: `${i}`, vector: [random.next() + 0.1, random.next()] })),
      )
      const vector = [random.next() + 0.1, random.next()]
      const all = await points.search({ vector, topK: 30 })
      for (const [rank, { score }] of all.entries()) {
        expect((await points.search({ vector, topK: 30, minScore: score })).slice(0, rank + 1)).toEqual(
          all.slice(0, rank + 1),
        )
      }
    }
  })

  test('finds topK of the matching at every share of matches, deletes and updates included', async () => {
    const random = new SeededRandom('shares')
    const points = await subject.create({ dimensions: 4, indexed: ['bucket'] })
    const model = new Map<string, { vector: number[]; bucket: number; plain: number }>()
    const write = async (ids: number[]) => {
      const records = ids.map((i) => {
        const vector = Array.from({ length: 4 }, () => random.int(64))
        const metadata = { bucket: i % 100, plain: i % 50 }
        model.set(`${i}`, { vector, ...metadata })
        return { id: `${i}`, vector, metadata }
      })
      await points.upsert(records)
    }
    const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)
    await write(range(0, 3_000))
    await points.flush()
    await write(range(2_500, 5_500))
    await points.delete(range(1_000, 1_500).map(String))
    for (const i of range(1_000, 1_500)) model.delete(`${i}`)
    const later = await subject.later()
    const limits = [0, 1, 5, 50, 100]
    for (const limit of limits) {
      for (const field of ['bucket', 'plain'] as const) {
        const vector = Array.from({ length: 4 }, () => random.int(64))
        const matching = [...model].filter(([, record]) => record[field] < limit)
        const expected = matching
          .map(([id, record]) => ({
            id,
            distance: Math.sqrt(record.vector.reduce((sum, x, i) => sum + (x - vector[i]!) ** 2, 0)),
          }))
          .sort((a, b) => a.distance - b.distance || byCodeUnit(a.id, b.id))
          .slice(0, 60)
        const filter = { [field]: { $lt: limit } }
        const exact = await later.search({ vector, filter, topK: 60, exact: true })
        expect(exact.map(({ id }) => id)).toEqual(expected.map(({ id }) => id))
        const usual = await later.search({ vector, filter, topK: 60 })
        expect(usual).toHaveLength(expected.length)
        expect(usual.every(({ id }) => model.get(id)![field] < limit)).toBe(true)
        expect(await later.count(filter)).toBe(matching.length)
      }
    }
  })
})
