import { describe, expect, test } from 'vitest'
import { plainScan, plainScanOver } from '../../../lib/index/backends/plain-scan.js'

const line = Float32Array.of(0, 10, 20, 30, 40)
const matrix = { vectors: line, count: 5, dimensions: 1, metric: 'euclidean' } as const

describe('plain scan', () => {
  test('ranks by distance, and equal distances by ordinal', async () => {
    const index = await plainScan.build({ ...matrix, signal: new AbortController().signal })
    const answers = await index.search({ queries: Float32Array.of(15, 41), count: 2, k: 3 })
    expect(answers).toEqual([
      { ordinals: Uint32Array.of(1, 2, 0), distances: Float32Array.of(5, 5, 15) },
      { ordinals: Uint32Array.of(4, 3, 2), distances: Float32Array.of(1, 11, 21) },
    ])
    expect(index.bytes).toEqual({ memory: 20, disk: 0, shared: 20 })
  })

  test('keeps the lower ordinals of equal rows at the end of the list', async () => {
    const index = plainScanOver({ ...matrix, vectors: new Float32Array(5) })
    const [candidates] = await index.search({ queries: Float32Array.of(1), count: 1, k: 2 })
    expect([...(candidates?.ordinals ?? [])]).toEqual([0, 1])
  })

  test('takes masks of any length', async () => {
    const index = plainScanOver(matrix)
    const ordinals = async (allow: Uint32Array) => {
      const [candidates] = await index.search({ queries: Float32Array.of(0), count: 1, k: 9, allow })
      return [...(candidates?.ordinals ?? [])]
    }
    expect(await ordinals(Uint32Array.of(0b10110))).toEqual([1, 2, 4])
    expect(await ordinals(Uint32Array.of(0xffffffff, 0xffffffff))).toEqual([0, 1, 2, 3, 4])
    expect(await ordinals(new Uint32Array(0))).toEqual([])
  })

  test('stays right where f32 sums overflow', async () => {
    const vectors = Float32Array.of(3e38, 3e38, -3e38, 3e38, 1, 1)
    for (const metric of ['dot', 'euclidean'] as const) {
      const index = plainScanOver({ vectors, count: 3, dimensions: 2, metric })
      const [candidates] = await index.search({ queries: Float32Array.of(3e38, 3e38), count: 1, k: 3 })
      expect(candidates?.ordinals[0]).toBe(0)
      expect(candidates?.distances.some(Number.isNaN)).toBe(false)
    }
  })

  test('rejects with the reason of an aborted signal', async () => {
    const signal = AbortSignal.abort(new Error('not wanted'))
    await expect(plainScan.build({ ...matrix, signal })).rejects.toThrow('not wanted')
  })
})
