/** All that a collection holds, as every kind of read finds it. */
import { expect } from 'vitest'
import type { Collection } from '../../lib/index.js'

export type Content = [id: string, vector: number[], metadata: unknown]

/** Reads everything by scan, and checks that getMany, get, count and search find the same. */
export async function contentsOf<M extends object>(collection: Collection<M>): Promise<Content[]> {
  const records = await collected(collection.scan({ includeVector: true }))
  const ids = records.map(({ id }) => id)
  expect(ids).toEqual([...ids].sort(byCodeUnit))
  expect(await collection.getMany(ids, { includeVector: true })).toEqual(records)
  for (const record of records.slice(0, 5)) {
    const { vector, ...rest } = record
    expect(await collection.get(record.id)).toEqual(rest)
    expect(vector).toBeInstanceOf(Float32Array)
  }
  expect(await collection.count()).toBe(records.length)
  expect(collection.getStats().records.live).toBe(records.length)
  const query = new Float32Array(collection.dimensions).fill(1)
  const hits = await collection.search({ vector: query, topK: records.length + 1, includeVector: true })
  const found = hits.map(({ id, vector, metadata }) => ({ id, vector, metadata }))
  expect(found.sort((a, b) => byCodeUnit(a.id, b.id))).toEqual(
    records.map(({ id, vector, metadata }) => ({ id, vector, metadata })),
  )
  return records.map(({ id, vector, metadata }) => [id, [...vector], metadata])
}

export async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

export function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
