import { describe, expect, test } from 'vitest'
import { loadUsearch, type Usearch } from '../../../lib/index/backends/usearch.js'
import { ReplivecError } from '../../../lib/errors.js'

type Input = Parameters<Usearch['exactSearch']>[0]

type InputInt8 = Parameters<NonNullable<Usearch['exactSearchInt8']>>[0]

const valid: Input = {
  vectors: Float32Array.of(0, 0, 3, 4, 1, 1),
  count: 3,
  query: Float32Array.of(3, 4),
  dimensions: 2,
  k: 2,
  metric: 'l2sq',
}

function library(): Usearch {
  const loaded = loadUsearch()
  if ('reason' in loaded) throw new Error(loaded.reason)
  return loaded
}

const validInt8: InputInt8 = {
  vectors: Int8Array.of(0, 0, 127, -127, 1, -1),
  count: 3,
  query: Int8Array.of(127, -127),
  dimensions: 2,
  k: 2,
  metric: 'l2sq',
}

function searchInt8(input: InputInt8): unknown {
  const { exactSearchInt8 } = library()
  if (exactSearchInt8 === undefined) throw new Error('this machine has no int8 scan')
  return exactSearchInt8(input)
}

function failureOf(call: () => unknown): unknown {
  try {
    return call()
  } catch (error) {
    return error
  }
}

describe('usearch', () => {
  test('finds the nearest rows by both measures', () => {
    expect(library().exactSearch(valid)).toEqual({
      ordinals: BigUint64Array.of(1n, 2n),
      distances: Float32Array.of(0, 13),
    })
    expect(library().exactSearch({ ...valid, metric: 'ip' })).toEqual({
      ordinals: BigUint64Array.of(1n, 2n),
      distances: Float32Array.of(-24, -6),
    })
  })

  test('loads once', () => {
    expect(loadUsearch()).toBe(loadUsearch())
  })

  // Each of these kills the process, or reads memory that is not ours, when it reaches the native side.
  test.each<[string, Partial<Input>]>([
    ['k', { k: Number.NaN }],
    ['k', { k: 2 ** 60 }],
    ['k', { k: Number.POSITIVE_INFINITY }],
    ['k', { k: 0 }],
    ['k', { k: -1 }],
    ['k', { k: 1.5 }],
    ['k', { k: 4 }],
    ['count', { count: Number.NaN }],
    ['count', { count: 0 }],
    ['vectors.length', { count: 4 }],
    ['dimensions', { dimensions: Number.NaN }],
    ['dimensions', { dimensions: 0 }],
    ['dimensions', { dimensions: 1e9 }],
    ['query.length', { query: new Float32Array(3) }],
    ['query.length', { query: new Float32Array(0) }],
    ['query.byteOffset', { query: new Float32Array(3).subarray(1) }],
    ['vectors.byteOffset', { vectors: new Float32Array(7).subarray(1) }],
    ['vectors.buffer', { vectors: new Float32Array(new SharedArrayBuffer(24)) }],
    ['query.buffer', { query: new Float32Array(new SharedArrayBuffer(8)) }],
  ])('refuses a wrong %s: %j', (argument, wrong) => {
    const error = failureOf(() => library().exactSearch({ ...valid, ...wrong }))
    expect(ReplivecError.is(error, 'BACKEND_FAILED')).toBe(true)
    expect(error).toMatchObject({ details: { kind: 'simd-scan', argument } })
  })

  test('refuses values that only an untyped caller can give', () => {
    const wrongs: unknown[] = [
      { ...valid, metric: 'jaccard' },
      { ...valid, metric: undefined },
      { ...valid, vectors: [1, 2, 3, 4, 5, 6] },
      { ...valid, query: new Float64Array(2) },
      { ...valid, k: '2' },
    ]
    for (const wrong of wrongs) {
      const error = failureOf(() => Reflect.apply(library().exactSearch, undefined, [wrong]))
      expect(ReplivecError.is(error, 'BACKEND_FAILED')).toBe(true)
    }
  })

  test('takes a view that begins its buffer but does not fill it', () => {
    const buffer = Float32Array.of(0, 0, 3, 4, 1, 1, 3, 4)
    const matches = library().exactSearch({ ...valid, vectors: buffer.subarray(0, 6), k: 3 })
    expect([...matches.ordinals]).toEqual([1n, 2n, 0n])
  })

  test('refuses vectors whose buffer was given away', () => {
    const vectors = valid.vectors.slice()
    structuredClone(vectors.buffer, { transfer: [vectors.buffer] })
    const error = failureOf(() => library().exactSearch({ ...valid, vectors }))
    expect(error).toMatchObject({ code: 'BACKEND_FAILED', details: { argument: 'vectors.length' } })
  })
})

describe('usearch over int8', () => {
  test('finds the nearest rows by both measures', () => {
    expect(searchInt8(validInt8)).toEqual({
      ordinals: BigUint64Array.of(1n, 2n),
      distances: Float32Array.of(0, 2 * 126 * 126),
    })
    expect(searchInt8({ ...validInt8, metric: 'ip', k: 1 })).toEqual({
      ordinals: BigUint64Array.of(1n),
      distances: Float32Array.of(1 - 2 * 127 * 127),
    })
  })

  test.each<[string, Partial<Record<keyof InputInt8, unknown>>]>([
    ['dimensions', { dimensions: 8_193 }],
    ['k', { k: 4 }],
    ['vectors.length', { count: 4 }],
    ['vectors.length', { vectors: Float32Array.of(0, 0, 3, 4, 1, 1) }],
    ['query.length', { query: Uint8Array.of(127, 127) }],
    ['vectors.byteOffset', { vectors: new Int8Array(7).subarray(1) }],
    ['vectors.buffer', { vectors: new Int8Array(new SharedArrayBuffer(6)) }],
  ])('refuses a wrong %s: %j', (argument, wrong) => {
    const error = failureOf(() => Reflect.apply(searchInt8, undefined, [{ ...validInt8, ...wrong }]))
    expect(error).toMatchObject({ code: 'BACKEND_FAILED', details: { kind: 'simd-scan', argument } })
  })

  // What a kernel does that a real processor has an instruction for.
  test.each<[string, (product: number) => number]>([
    ['saturates products', (product) => Math.min(product, 16_000)],
    ['forgets a sign', (product) => Math.abs(product)],
    ['throws', () => raise(new Error('not for int8'))],
  ])('is absent where the library %s', (_, multiply) => {
    const loaded = loadUsearch(() => ({ exactSearch: scanBy(multiply) }))
    expect(loaded).toMatchObject({ exactSearch: expect.any(Function) })
    expect(loaded).not.toHaveProperty('exactSearchInt8')
  })

  test('is there where the library multiplies right, but not when it leaves out the last components', () => {
    expect(loadUsearch(() => ({ exactSearch: scanBy((product) => product) }))).toHaveProperty(
      'exactSearchInt8',
    )
    expect(loadUsearch(() => ({ exactSearch: scanBy((product) => product, 1) }))).not.toHaveProperty(
      'exactSearchInt8',
    )
  })
})

describe('loadUsearch', () => {
  const missing = Object.assign(new Error('/usr/lib: cannot open shared object'), {
    code: 'ERR_DLOPEN_FAILED',
  })
  test.each<[string, () => unknown, RegExp]>([
    ['does not load', () => raise(missing), /does not load here \(ERR_DLOPEN_FAILED, \w+-\w+\)/],
    [
      'does not load',
      () => raise(new Error('No native build was found for musl')),
      /does not load here \(no build/,
    ],
    ['has no exactSearch', () => ({}), /has no exactSearch/],
    ['has no exactSearch', () => undefined, /has no exactSearch/],
    ['answers wrongly', () => ({ exactSearch: () => undefined }), /answers wrongly/],
    ['answers wrongly', () => ({ exactSearch: () => raise(new Error('boom')) }), /answers wrongly/],
    [
      'answers wrongly',
      () => ({
        exactSearch: () => ({ keys: BigUint64Array.of(1n, 0n), distances: Float32Array.of(-3, -1) }),
      }),
      /answers wrongly/,
    ],
  ])('gives a reason when the library %s', (_, load, reason) => {
    const loaded = loadUsearch(load)
    expect(loaded).toEqual({ reason: expect.stringMatching(reason) })
    expect(JSON.stringify(loaded)).not.toMatch(/shared object|native build|boom/)
  })

  test('turns a failing or senseless native answer into BACKEND_FAILED', () => {
    let answer: () => unknown = () => undefined
    const loaded = loadUsearch(() => ({
      exactSearch: (...args: unknown[]) => (args[2] === 2 ? reference(args[4]) : answer()),
    }))
    if ('reason' in loaded) throw new Error(loaded.reason)
    const ask = () =>
      loaded.exactSearch({ ...valid, dimensions: 3, count: 2, k: 1, query: new Float32Array(3) })
    const boom = new Error('boom')
    answer = () => raise(boom)
    expect(failureOf(ask)).toMatchObject({
      code: 'BACKEND_FAILED',
      cause: boom,
      message: expect.not.stringContaining('boom'),
    })
    answer = () => ({ keys: BigUint64Array.of(2n), distances: Float32Array.of(1) })
    expect(failureOf(ask)).toMatchObject({ code: 'BACKEND_FAILED' })
    answer = () => ({ keys: BigUint64Array.of(1n, 0n), distances: Float32Array.of(1, 2) })
    expect(failureOf(ask)).toMatchObject({ code: 'BACKEND_FAILED' })
    answer = () => ({ keys: BigUint64Array.of(1n), distances: Float32Array.of(1) })
    expect(ask()).toEqual({ ordinals: BigUint64Array.of(1n), distances: Float32Array.of(1) })
  })
})

function raise(error: Error): never {
  throw error
}

/**
 * A library that scans f32 rows right, and int8 rows by the given multiplication.
 *
 * @param forgotten - how many of the last components of an int8 row it leaves out
 */
function scanBy(multiply: (product: number) => number, forgotten = 0): (...args: unknown[]) => unknown {
  return (...args) => {
    const [vectors, query, dimensions, k, metric] = args as [
      ...[Float32Array | Int8Array, Float32Array | Int8Array, number, number, 'ip' | 'l2sq'],
    ]
    const isInt8 = vectors instanceof Int8Array
    const distances = Array.from({ length: vectors.length / dimensions }, (_, row) => {
      let sum = metric === 'ip' ? 1 : 0
      for (let i = 0; i < dimensions - (isInt8 ? forgotten : 0); i++) {
        const [a, b] = [vectors[row * dimensions + i] as number, query[i] as number]
        const product = metric === 'ip' ? a * b : (a - b) * (a - b)
        sum += (metric === 'ip' ? -1 : 1) * (isInt8 ? multiply(product) : product)
      }
      return { row, sum }
    })
    const nearest = distances.sort((a, b) => a.sum - b.sum).slice(0, k)
    return {
      keys: BigUint64Array.from(nearest, ({ row }) => BigInt(row)),
      distances: Float32Array.from(nearest, ({ sum }) => sum),
    }
  }
}

/** What the library must answer to the two questions it is tried with. */
function reference(metric: unknown): unknown {
  const distances = metric === 'ip' ? Float32Array.of(-3, -2) : Float32Array.of(2, 8)
  return { keys: BigUint64Array.of(1n, 0n), distances }
}
