import { expect, test } from 'vitest'
import { describeStores } from '../store/store-kinds.js'

describeStores((subject) => {
  test('topK is 10 unless given, and capped at what exists', async () => {
    const points = await subject.create()
    const ids = Array.from({ length: 12 }, (_, i) => `p${String(i).padStart(2, '0')}`)
    expect(await points.search({ vector: [0, 0], topK: 3 })).toEqual([])
    await points.upsert(ids.map((id, i) => ({ id, vector: [i, 0] })))
    const later = await subject.later()
    const found = async (query: object) =>
      (await later.search({ vector: [0, 0], ...query })).map(({ id }) => id)
    expect(await found({})).toEqual(ids.slice(0, 10))
    expect(await found({ topK: 1 })).toEqual(['p00'])
    expect(await found({ topK: 12 })).toEqual(ids)
    expect(await found({ topK: 1_000_000 })).toEqual(ids)
  })

  test('minScore is inclusive and may leave fewer than topK', async () => {
    const points = await subject.create()
    await points.upsert([1, 3, 7].map((x) => ({ id: `at ${x}`, vector: [x, 0] })))
    const later = await subject.later()
    const found = async (minScore: number) =>
      (await later.search({ vector: [0, 0], minScore })).map(({ id, score }) => [id, score])
    // 1 / (1 + 1), 1 / (1 + 3) and 1 / (1 + 7) are exact.
    expect(await found(0.5)).toEqual([['at 1', 0.5]])
    expect(await found(0.25)).toEqual([
      ['at 1', 0.5],
      ['at 3', 0.25],
    ])
    expect(await found(0.25 + Number.EPSILON)).toEqual([['at 1', 0.5]])
    expect(await found(0.125)).toHaveLength(3)
    expect(await found(0.51)).toEqual([])
  })

  test('flags decide what a hit has', async () => {
    const points = await subject.create()
    await points.upsert({ id: 'a', vector: [1, 2], metadata: { n: 1 } })
    const later = await subject.later()
    const base = { id: 'a', score: 1, distance: 0 }
    const vector = [1, 2]
    expect(await later.search({ vector })).toEqual([{ ...base, metadata: { n: 1 } }])
    expect(await later.search({ vector, includeMetadata: false })).toEqual([base])
    expect(Object.keys((await later.search({ vector, includeMetadata: false }))[0]!).sort()).toEqual([
      'distance',
      'id',
      'score',
    ])
    expect(await later.search({ vector, includeVector: true, includeMetadata: false })).toEqual([
      { ...base, vector: Float32Array.of(1, 2) },
    ])
    expect(await later.search({ vector: Float32Array.of(1, 2), includeVector: true })).toEqual([
      { ...base, metadata: { n: 1 }, vector: Float32Array.of(1, 2) },
    ])
  })

  test('a batch answers as one by one, in the order asked', async () => {
    const points = await subject.create()
    await points.upsert(
      Array.from({ length: 40 }, (_, i) => ({ id: `${i}`, vector: [i % 7, i % 5], metadata: { n: i } })),
    )
    const later = await subject.later()
    const queries = [
      { vector: [0, 0], topK: 3 },
      { vector: [6, 4], topK: 5, filter: { n: { $lt: 20 } }, includeVector: true },
      { vector: [3, 3], minScore: 0.5, includeMetadata: false },
      { vector: [3, 3], filter: { n: -1 } },
      { vector: [1, 1], exact: true, ef: 64 },
    ]
    const single = []
    for (const query of queries) single.push(await later.search(query))
    expect(await later.searchBatch(queries)).toEqual(single)
    expect(single.map((hits) => hits.length)).toEqual([3, 5, single[2]!.length, 0, 10])
    expect(await later.searchBatch([])).toEqual([])
  })

  test('one bad query of a batch refuses the batch', async () => {
    const points = await subject.create()
    await points.upsert({ id: 'a', vector: [1, 2] })
    await expect(points.searchBatch([{ vector: [1, 2] }, { vector: [1] }])).rejects.toMatchObject({
      code: 'VECTOR_INVALID',
    })
  })

  test('copies its query before it returns', async () => {
    const points = await subject.create()
    await points.upsert([
      { id: 'a', vector: [0, 0], metadata: { n: 1 } },
      { id: 'b', vector: [9, 9], metadata: { n: 1 } },
    ])
    const later = await subject.later()
    const vector = Float32Array.of(0, 0)
    const filter = { n: { $in: [1] } }
    const searching = [
      later.search({ vector, filter, topK: 1 }),
      later.searchBatch([{ vector, filter, topK: 1 }]).then((batch) => batch[0]!),
      later.searchBatch([{ vector }, { vector, filter, topK: 1 }]).then((batch) => batch[1]!),
    ]
    const counting = later.count(filter)
    vector.fill(9)
    filter.n.$in[0] = 2
    for (const hits of await Promise.all(searching)) {
      expect(hits).toEqual([{ id: 'a', score: 1, distance: 0, metadata: { n: 1 } }])
    }
    expect(await counting).toBe(2)
  })
})
