/** A store that is given what it must refuse, and how a refusal has to look. */
import { expect } from 'vitest'
import type { Collection } from '../../lib/collection/collection.js'
import { ReplivecError, type ReplivecErrorCode } from '../../lib/errors.js'
import { VectorStore } from '../../lib/store/vector-store.js'

/** Words of the engine, of Node and of native libraries, which say nothing to a caller. */
const FOREIGN_TEXT =
  /MDB_|lmdb error|usearch error|napi|protobuf|Cannot (read|convert|mix)|is not (a function|iterable)|\(reading '|Invalid array length|Maximum call stack|at Object\.|node:internal|\[object |Unexpected token|The "\w+" argument/i

/** Asserts that a call is refused with a code and a message that tells a caller what is wrong or to do. */
export async function expectRefusal(
  call: () => unknown,
  code: ReplivecErrorCode,
  message: RegExp,
): Promise<ReplivecError> {
  const outcome: unknown = await Promise.resolve()
    .then(call)
    .then(
      (value) => ({ resolvedWith: value }),
      (error: unknown) => error,
    )
  expect(
    ReplivecError.is(outcome),
    `not a typed error: ${String((outcome as Error)?.stack ?? outcome)}`,
  ).toBe(true)
  const error = outcome as ReplivecError
  expect(`${error.code}: ${error.message}`).toMatch(new RegExp(`^${code}: `))
  expect(error.message).toMatch(message)
  expect(error.message).not.toMatch(FOREIGN_TEXT)
  expect(error.message.length).toBeLessThan(1_000)
  return error
}

/** Everything a store holds, to compare before and after. */
export async function contentOf(store: VectorStore): Promise<unknown> {
  const collections = []
  for (const info of store.listCollections()) {
    const collection = await store.openCollection(info.name)
    const records = []
    for await (const { id, vector, metadata } of collection.scan({ includeVector: true })) {
      records.push({ id, vector: [...vector], metadata })
    }
    collections.push({ ...info, records })
  }
  return { collections, position: store.getStats().position, head: store.getStats().log.headSeq }
}

/** A small store on disk and one of its collections, with what it held before anything bad was tried. */
export class Refuser {
  readonly store: VectorStore
  readonly notes: Collection
  readonly #content: unknown
  #changes = 0

  private constructor(store: VectorStore, notes: Collection, content: unknown) {
    this.store = store
    this.notes = notes
    this.#content = content
    store.on('change', () => {
      this.#changes += 1
    })
  }

  static async open(path: string): Promise<Refuser> {
    const store = await VectorStore.open({ path })
    const notes = await store.createCollection('notes', {
      dimensions: 3,
      metric: 'cosine',
      indexed: ['kind'],
    })
    await notes.upsert([
      { id: 'a', vector: [1, 0, 0], metadata: { kind: 'first', deep: { x: 1 }, list: [1, 2] } },
      { id: 'b', vector: [0, 1, 0], metadata: { kind: 'second', at: new Date(86_400_000) } },
      { id: 'c', vector: [0, 0.5, 0.5] },
    ])
    const points = await store.createCollection('points', { dimensions: 2, metric: 'euclidean' })
    await points.upsert({ id: 'zero', vector: [0, 0] })
    return new Refuser(store, notes, await contentOf(store))
  }

  /** Asserts that nothing was written, announced or held on to. */
  async expectUnchanged(): Promise<void> {
    expect(await contentOf(this.store)).toEqual(this.#content)
    expect(this.#changes).toBe(0)
    const { readOnly, pinnedViews } = this.store.getStats()
    expect({ readOnly, pinnedViews }).toEqual({ readOnly: null, pinnedViews: 0 })
  }

  /** Asserts that the store still writes and finds, and that what it holds is there after the next open. */
  async expectUsable(path: string): Promise<void> {
    await this.notes.upsert({ id: 'after', vector: [0.1, 0.9, 0], metadata: { kind: 'later' } })
    const hits = await this.notes.search({ vector: [0, 1, 0], topK: 2 })
    expect(hits.map(({ id, metadata }) => [id, metadata])).toEqual([
      ['b', { kind: 'second', at: new Date(86_400_000) }],
      ['after', { kind: 'later' }],
    ])
    const content = await contentOf(this.store)
    expect(await this.store.verify()).toMatchObject({ ok: true, damage: [] })
    await this.store.close()
    const again = await VectorStore.open({ path })
    try {
      expect(await contentOf(again)).toEqual(content)
    } finally {
      await again.close()
    }
  }
}

/** An object of which the named fields throw when they are read. */
export function throwing(fields: Readonly<Record<string, unknown>>, names: readonly string[]): object {
  const object = { ...fields }
  for (const name of names) {
    Object.defineProperty(object, name, {
      enumerable: true,
      get() {
        throw new Error('no field for you: MDB_PANIC')
      },
    })
  }
  return object
}

/** The same array without anything in its second place. */
export function withHole<T>(array: readonly T[]): T[] {
  const sparse: T[] = []
  for (const [index, item] of array.entries()) if (index !== 1) sparse[index] = item
  return sparse
}
