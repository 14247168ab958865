import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { CodeProducts } from '../../../lib/index/backends/code-products.js'
import { BYTES } from '../../../lib/index/backends/code-products-module.js'
import { SeededRandom } from '../../../lib/testing/seeded-random.js'
import { generate } from '../../../scripts/generate-wasm.mjs'

function codesOf(random: SeededRandom, count: number): Int8Array {
  return Int8Array.from({ length: count }, () => Math.floor(random.next() * 255) - 127)
}

function filled(count: number, dimensions: number, codes: Int8Array): CodeProducts {
  const products = CodeProducts.of(count, dimensions)
  if (!products) throw new Error('this machine has no WebAssembly with vector instructions')
  products.codes.set(codes)
  return products
}

function asked(products: CodeProducts, query: Int8Array, ordinals: readonly number[]): number[] {
  const found = new Float64Array(ordinals.length)
  products.products(query, Uint32Array.from(ordinals), found)
  return [...found]
}

describe('products of codes', () => {
  // Around the steps of the program: 32 components, four rows, 4 096 rows in a call.
  test.each([1, 31, 32, 33, 64, 100, 256])(
    'are right in %i dimensions, for any number of rows',
    (dimensions) => {
      const random = new SeededRandom(`codes ${dimensions}`)
      const count = 5_000
      const codes = codesOf(random, count * dimensions)
      const query = codesOf(random, dimensions)
      const products = filled(count, dimensions, codes)
      const expected = (row: number) =>
        query.reduce((sum, code, i) => sum + code * (codes[row * dimensions + i] as number), 0)
      for (const size of [0, 1, 2, 3, 4, 5, 4_095, 4_096, 4_097]) {
        const ordinals = Array.from({ length: size }, () => Math.floor(random.next() * count))
        expect(asked(products, query, ordinals)).toEqual(ordinals.map(expected))
      }
      expect(asked(products, query, [count - 1, 0])).toEqual([expected(count - 1), expected(0)])
    },
  )

  test('do not overflow where all codes are the largest, in as many dimensions as there are', () => {
    const dimensions = 65_536
    const codes = new Int8Array(2 * dimensions).fill(127).fill(-127, dimensions)
    const products = filled(2, dimensions, codes)
    const largest = 127 * 127 * dimensions
    expect(asked(products, codes.subarray(0, dimensions), [0, 1])).toEqual([largest, -largest])
    expect(asked(products, codes.subarray(dimensions), [0, 1])).toEqual([-largest, largest])
  })

  test('of an earlier query leave nothing behind', () => {
    const products = filled(1, 3, Int8Array.of(1, 2, 3))
    expect(asked(products, Int8Array.of(100, 100, 100), [0, 0, 0])).toEqual([600, 600, 600])
    expect(asked(products, Int8Array.of(1, 0, 0), [0])).toEqual([1])
  })

  test('are not to be had for more than a memory of 4 GiB holds, or for more dimensions than their sums have room for', () => {
    expect(CodeProducts.of(70_000, 65_536)).toBeUndefined()
    expect(CodeProducts.of(1, 65_537)).toBeUndefined()
  })

  test('take the codes and little more', () => {
    const { codes, bytes } = filled(50_000, 256, new Int8Array(0))
    expect([codes.length, codes.byteOffset]).toEqual([50_000 * 256, 0])
    expect(bytes).toBeGreaterThanOrEqual(50_000 * 256)
    expect(bytes).toBeLessThan(50_000 * 256 + 2 * 65_536)
  })
})

test('the committed program is what its text generates', async () => {
  const directory = new URL('../../../lib/index/backends/', import.meta.url)
  const text = await generate(fileURLToPath(new URL('code-products.wat', directory)))
  expect(text).toBe(readFileSync(new URL('code-products-module.ts', directory), 'utf8'))
  expect([...BYTES.subarray(0, 4)]).toEqual([0, 0x61, 0x73, 0x6d])
})
