import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Codec } from '../../../lib/replication/compression/codec.js'
import { lz4 } from '../../../lib/replication/compression/lz4-codec.js'
import { MIB, mostGrownBytes, noise, wordy } from './codec-samples.js'

const codec = (await lz4()) as Codec
const { level } = codec.levels[0]!

/** The same block behind another length. */
function announcing(packed: Uint8Array, bytes: number): Uint8Array {
  const lying = Buffer.from(packed)
  lying.writeUInt32LE(bytes, 0)
  return lying
}

test('is loaded once', async () => {
  expect(codec.name).toBe('lz4')
  expect(await lz4()).toBe(codec)
})

test('gives back what was compressed, from anywhere in a buffer', async () => {
  const plain = fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 2_000 }),
    fc.integer({ min: 1, max: 700_000 }).map(wordy),
  )
  await fc.assert(
    fc.asyncProperty(plain, fc.nat(7), async (bytes, offset) => {
      const moved = Buffer.concat([noise(offset + 1), bytes, noise(3)]).subarray(offset + 1, -3)
      const packed = await codec.compress(moved, level)
      const around = Buffer.concat([noise(offset + 1), packed, noise(3)]).subarray(offset + 1, -3)
      expect(Buffer.compare(await codec.decompress(around, bytes.byteLength), bytes)).toBe(0)
    }),
    { numRuns: 60 },
  )
})

test('makes less of words, and little more of noise', async () => {
  expect((await codec.compress(wordy(MIB), level)).byteLength).toBeLessThan(MIB / 3)
  expect((await codec.compress(noise(MIB), level)).byteLength).toBeLessThan(1.01 * MIB)
})

test('a prefix that announces anything else is refused before there is memory for it', async () => {
  const packed = await codec.compress(wordy(1_000), level)
  for (const lie of [0, 1, 999, 1_001, 16 * MIB, 2 ** 31, 2 ** 32 - 1]) {
    const grown = await mostGrownBytes(() =>
      expect(codec.decompress(announcing(packed, lie), 1_000)).rejects.toMatchObject({
        code: 'PROTOCOL_VIOLATED',
      }),
    )
    expect(grown).toBeLessThan(MIB)
  }
})

test('what has no prefix is refused', async () => {
  for (const bytes of [0, 1, 3])
    await expect(codec.decompress(new Uint8Array(bytes), 1_000)).rejects.toMatchObject({
      code: 'PROTOCOL_VIOLATED',
    })
})

test('a block of more than both announce throws, and never has memory for it', async () => {
  const bomb = await codec.compress(new Uint8Array(128 * MIB), level)
  expect(bomb.byteLength).toBeLessThan(MIB)
  for (const announced of [1, 1_000, MIB]) {
    const grown = await mostGrownBytes(() =>
      expect(codec.decompress(announcing(bomb, announced), announced)).rejects.toThrow(Error),
    )
    expect(grown).toBeLessThan(8 * MIB)
  }
})

test('a block of less than both announce never passes for as much', async () => {
  const packed = await codec.compress(wordy(1_000), level)
  for (const announced of [1_001, 5_000, MIB]) {
    const back = await codec
      .decompress(announcing(packed, announced), announced)
      .catch(() => new Uint8Array(0))
    expect(back.byteLength).toBeLessThan(announced)
  }
})

test('what was cut off, and what is no block, throws or is not of the announced length', async () => {
  const packed = await codec.compress(wordy(5_000), level)
  for (const broken of [packed.subarray(0, -1), packed.subarray(0, 5), announcing(noise(300), 5_000)]) {
    const back = await codec.decompress(broken, 5_000).catch(() => new Uint8Array(0))
    expect(back.byteLength).toBeLessThan(5_000)
  }
})
