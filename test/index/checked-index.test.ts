import { describe, expect, test } from 'vitest'
import type { VectorIndex } from '../../lib/index/backend.js'
import { plainScan, plainScanOver } from '../../lib/index/backends/plain-scan.js'
import { CheckedIndex } from '../../lib/index/checked-index.js'

type SearchInput = Parameters<VectorIndex['search']>[0]

const vectors = Float32Array.of(0, 10, 20, 30)
const inner = plainScanOver({ vectors, count: 4, dimensions: 1, metric: 'euclidean' })
const search: SearchInput = { queries: Float32Array.of(12), count: 1, k: 2 }
const answer = [{ ordinals: Uint32Array.of(1, 2), distances: Float32Array.of(2, 8) }]

function checked(changes: Partial<VectorIndex> = {}, mask = true): CheckedIndex {
  const backend = { ...plainScan, kind: 'mine', supports: { ...plainScan.supports, mask } }
  const index: VectorIndex = {
    bytes: inner.bytes,
    search: (input) => inner.search(input),
    [Symbol.asyncDispose]: async () => {},
    ...changes,
  }
  return new CheckedIndex(index, { backend, count: 4, dimensions: 1 })
}

async function failureOf(call: () => unknown): Promise<unknown> {
  try {
    return await call()
  } catch (error) {
    return error
  }
}

describe('search of a checked index', () => {
  test('stays synchronous when the backend is, and asynchronous when it is not', async () => {
    expect(checked().search(search)).toEqual(answer)
    const promised = checked({ search: async (input) => inner.search(input) }).search(search)
    expect(promised).toBeInstanceOf(Promise)
    expect(await promised).toEqual(answer)
  })

  test.each<[string, Partial<Record<keyof SearchInput, unknown>>]>([
    ["'k'", { k: 0 }],
    ["'k'", { k: Number.NaN }],
    ["'k'", { k: Number.POSITIVE_INFINITY }],
    ["'k'", { k: 1.5 }],
    ["'count'", { count: 0 }],
    ["'queries'", { count: 2 }],
    ["'queries'", { queries: [12] }],
    ["'ef'", { ef: 0 }],
    ["'allow'", { allow: [1] }],
  ])('refuses a wrong %s without asking the backend', async (problem, wrong) => {
    const index = checked({
      search: () => {
        throw new Error('was asked')
      },
    })
    const error = await failureOf(() => Reflect.apply(index.search, index, [{ ...search, ...wrong }]))
    expect(error).toMatchObject({ code: 'OPTIONS_INVALID', message: expect.stringContaining(problem) })
  })

  test('passes everything on, the mask cut to the rows there are', async () => {
    const asked: SearchInput[] = []
    const index = checked({
      search: (input) => {
        asked.push(input)
        return inner.search(input)
      },
    })
    await index.search({ ...search, ef: 40, allow: Uint32Array.of(0xfffffff2, 1) })
    expect(asked).toEqual([{ ...search, ef: 40, allow: Uint32Array.of(0b0010) }])
  })

  test('never passes a mask to a backend that declares none, and takes its unmasked answer', async () => {
    const asked: SearchInput[] = []
    const index = checked(
      {
        search: (input) => {
          asked.push(input)
          return inner.search(input)
        },
      },
      false,
    )
    expect(await index.search({ ...search, allow: Uint32Array.of(0b1000) })).toEqual(answer)
    expect(asked).toEqual([search])
  })

  test('turns a throw and a rejection into BACKEND_FAILED without the native words', async () => {
    const native = new Error('cudaErrorIllegalAddress')
    const failing: VectorIndex['search'][] = [
      () => {
        throw native
      },
      () => Promise.reject(native),
    ]
    for (const failingSearch of failing) {
      expect(await failureOf(() => checked({ search: failingSearch }).search(search))).toMatchObject({
        name: 'ReplivecError',
        code: 'BACKEND_FAILED',
        details: { kind: 'mine' },
        cause: native,
        message: expect.not.stringContaining('cuda'),
      })
    }
  })

  test('checks the answer, promised or not', async () => {
    const wrong = [{ ordinals: Uint32Array.of(9), distances: Float32Array.of(1) }]
    for (const wrongSearch of [() => wrong, async () => wrong]) {
      expect(await failureOf(() => checked({ search: wrongSearch }).search(search))).toMatchObject({
        code: 'BACKEND_FAILED',
        message: expect.stringContaining('ordinal 9'),
      })
    }
  })
})

describe('disposal of a checked index', () => {
  test('happens once, and ends searching', async () => {
    let disposals = 0
    const index = checked({ [Symbol.asyncDispose]: async () => void disposals++ })
    await Promise.all([index[Symbol.asyncDispose](), index[Symbol.asyncDispose]()])
    await index[Symbol.asyncDispose]()
    expect(disposals).toBe(1)
    expect(await failureOf(() => index.search(search))).toMatchObject({
      code: 'BACKEND_FAILED',
      message: expect.stringContaining('disposed'),
    })
    expect(index.bytes).toEqual({ memory: 0, disk: 0 })
  })

  test('turns its failure into BACKEND_FAILED', async () => {
    const cause = new Error('busy')
    const index = checked({ [Symbol.asyncDispose]: () => Promise.reject(cause) })
    await expect(index[Symbol.asyncDispose]()).rejects.toMatchObject({ code: 'BACKEND_FAILED', cause })
  })
})

describe('bytes of a checked index', () => {
  test('are what the backend reports now', () => {
    const bytes = { memory: 5, disk: 7 }
    const index = checked({ bytes })
    bytes.memory = 6
    expect(index.bytes).toEqual({ memory: 6, disk: 7 })
    expect(checked({ bytes: { memory: 5, disk: 0, shared: 4 } }).bytes).toEqual({
      memory: 5,
      disk: 0,
      shared: 4,
    })
  })

  test.each([
    [{ memory: Number.NaN, disk: 0 }],
    [{ memory: 1, disk: -1 }],
    [{ memory: Number.POSITIVE_INFINITY, disk: 0 }],
    [{ memory: '1', disk: 0 }],
    [{ memory: 3, disk: 0, shared: 4 }],
    [{ memory: 3, disk: 0, shared: null }],
    [undefined],
  ])('are refused as %j', (bytes) => {
    const index = { search: inner.search, bytes, [Symbol.asyncDispose]: async () => {} }
    const make = () =>
      Reflect.construct(CheckedIndex, [index, { backend: plainScan, count: 4, dimensions: 1 }])
    expect(make).toThrow(expect.objectContaining({ code: 'BACKEND_FAILED' }))
  })
})

describe('loss of a checked index', () => {
  test('is absent when the backend knows none', () => {
    expect(checked().lost).toBeUndefined()
  })

  test('gives a reason, also when the backend gives none or fails to', async () => {
    expect(await checked({ lost: Promise.resolve('the device went away') }).lost).toBe('the device went away')
    expect(await checked({ lost: Promise.resolve('') }).lost).toBe("'mine' gave no reason")
    expect(await checked({ lost: Promise.reject(new Error('CUDA')) }).lost).toBe(
      "'mine' failed while it watched its index",
    )
  })
})
