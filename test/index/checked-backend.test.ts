import { describe, expect, test } from 'vitest'
import type { IndexBackend, VectorIndex } from '../../lib/index/backend.js'
import { plainScan, plainScanOver } from '../../lib/index/backends/plain-scan.js'
import { checkedBackend } from '../../lib/index/checked-backend.js'

type BuildInput = Parameters<IndexBackend['build']>[0]

const vectors = Float32Array.of(0, 0, 3, 4)
const input: BuildInput = {
  ...{ vectors, count: 2, dimensions: 2, metric: 'euclidean', directory: '/nowhere' },
  signal: new AbortController().signal,
}
const persists = { ...plainScan.supports, persists: true }

function building(
  build: (input: BuildInput) => Promise<VectorIndex>,
  more: Partial<IndexBackend> = {},
): IndexBackend {
  return checkedBackend({ ...plainScan, kind: 'mine', build, ...more })
}

describe('checkedBackend', () => {
  test('passes a right build through', async () => {
    const backend = checkedBackend(plainScan)
    expect(backend.kind).toBe('plain-scan')
    expect(backend.supports).toEqual(plainScan.supports)
    expect(backend.open).toBeUndefined()
    const index = await backend.build(input)
    expect(await index.search({ queries: Float32Array.of(3, 3), count: 1, k: 2 })).toEqual([
      { ordinals: Uint32Array.of(1, 0), distances: Float32Array.of(1, Math.sqrt(18)) },
    ])
  })

  test('wraps a backend once', () => {
    expect(checkedBackend(plainScan)).toBe(checkedBackend(plainScan))
    expect(checkedBackend(checkedBackend(plainScan))).toBe(checkedBackend(plainScan))
  })

  test('refuses what is no backend', () => {
    expect(() => checkedBackend({ ...plainScan, kind: '' })).toThrow(
      expect.objectContaining({ code: 'OPTIONS_INVALID' }),
    )
  })

  test.each<[string, Partial<Record<keyof BuildInput, unknown>>]>([
    ["no metric 'dot'", { metric: 'dot' }],
    ["no metric 'hamming'", { metric: 'hamming' }],
    ["'count'", { count: 0 }],
    ["'count'", { count: Number.NaN }],
    ["'dimensions'", { dimensions: 0 }],
    ["'dimensions'", { dimensions: 65_537 }],
    ["'vectors'", { count: 3 }],
    ["'vectors'", { vectors: [0, 0, 3, 4] }],
    ["'vectors'", { vectors: new Float32Array(5).subarray(1) }],
    ['16 bytes of vectors are more than the 12', {}],
  ])('refuses to build with %s', async (problem, wrong) => {
    let isAsked = false
    const backend = building(
      async () => {
        isAsked = true
        return plainScanOver(input)
      },
      {
        supports: {
          ...persists,
          persists: false,
          metrics: ['euclidean'],
          maxBytes: 'count' in wrong || 'vectors' in wrong ? 99 : 12,
        },
      },
    )
    await expect(Reflect.apply(backend.build, backend, [{ ...input, ...wrong }])).rejects.toMatchObject({
      code: 'OPTIONS_INVALID',
      message: expect.stringContaining(problem),
    })
    expect(isAsked).toBe(false)
  })

  test('passes the directory only to a backend that persists', async () => {
    const directories: (string | undefined)[] = []
    const build = async (given: BuildInput) => {
      directories.push(given.directory)
      return plainScanOver(given)
    }
    await building(build).build(input)
    await building(build, { supports: persists, open: async () => plainScanOver(input) }).build(input)
    expect(directories).toEqual([undefined, '/nowhere'])
  })

  test.each<[string, () => Promise<VectorIndex>]>([
    ['rejects', () => Promise.reject(new Error('CUDA error 719'))],
    [
      'throws',
      () => {
        throw new Error('CUDA error 719')
      },
    ],
  ])('turns a build that %s into BACKEND_FAILED', async (_, build) => {
    await expect(building(build).build(input)).rejects.toMatchObject({
      name: 'ReplivecError',
      code: 'BACKEND_FAILED',
      message: expect.not.stringContaining('CUDA'),
      details: { kind: 'mine' },
      cause: expect.objectContaining({ message: 'CUDA error 719' }),
    })
  })

  test('turns a build that gives no index into BACKEND_FAILED', async () => {
    for (const index of [undefined, null, {}, { search: () => [], bytes: { memory: 1, disk: 0 } }]) {
      const build = async () => index
      const backend = building((given) => Reflect.apply(build, undefined, [given]))
      await expect(backend.build(input)).rejects.toMatchObject({ code: 'BACKEND_FAILED' })
    }
  })

  test('rejects an aborted build with the reason, whatever the backend does', async () => {
    const reason = new Error('collection dropped')
    let builds = 0
    const early = building(async (given) => {
      builds += 1
      return plainScanOver(given)
    })
    await expect(early.build({ ...input, signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(builds).toBe(0)

    const controller = new AbortController()
    const throwing = building(async () => {
      controller.abort(reason)
      throw new Error('interrupted')
    })
    await expect(throwing.build({ ...input, signal: controller.signal })).rejects.toBe(reason)

    const late = new AbortController()
    let disposals = 0
    const finishing = building(async (given) => {
      late.abort(reason)
      const { bytes, search } = plainScanOver(given)
      return { bytes, search, [Symbol.asyncDispose]: async () => void disposals++ }
    })
    await expect(finishing.build({ ...input, signal: late.signal })).rejects.toBe(reason)
    expect(disposals).toBe(1)
  })

  test('checks what is opened as it checks what is built', async () => {
    const opening = (open: NonNullable<IndexBackend['open']>) =>
      checkedBackend({ ...plainScan, kind: 'mine', supports: persists, open })
    const where = { directory: '/nowhere', count: 2, dimensions: 2, metric: 'euclidean' } as const
    const good = opening(async (given) => plainScanOver({ ...given, vectors }))
    const index = await good.open?.(where)
    expect(index?.bytes).toEqual({ memory: 16, disk: 0, shared: 16 })
    await expect(good.open?.({ ...where, directory: '' })).rejects.toMatchObject({ code: 'OPTIONS_INVALID' })
    await expect(good.open?.({ ...where, count: -1 })).rejects.toMatchObject({ code: 'OPTIONS_INVALID' })
    const bad = opening(() => Promise.reject(new Error('ENOENT')))
    await expect(bad.open?.(where)).rejects.toMatchObject({
      code: 'BACKEND_FAILED',
      details: { kind: 'mine' },
    })
  })
})
