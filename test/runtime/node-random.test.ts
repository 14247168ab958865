import { describe, expect, test } from 'vitest'
import { nodeRandom } from '../../lib/runtime/node-random.js'

describe('nodeRandom', () => {
  test('gives as many bytes as asked, each time others', () => {
    expect(nodeRandom.bytes(0)).toEqual(new Uint8Array(0))
    const one = nodeRandom.bytes(32)
    expect(one).toHaveLength(32)
    expect(one.byteOffset).toBe(0)
    expect(one.buffer.byteLength).toBe(32)
    expect(nodeRandom.bytes(32)).not.toEqual(one)
  })

  test('fills more than one call of the web API may', () => {
    const bytes = nodeRandom.bytes(200_000)
    expect(bytes).toHaveLength(200_000)
    expect(new Set(bytes.subarray(-10_000)).size).toBe(256)
  })
})
