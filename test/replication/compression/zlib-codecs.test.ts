import { brotliCompressSync, constants, deflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Codec } from '../../../lib/replication/compression/codec.js'
import { brotli, deflate, zstd } from '../../../lib/replication/compression/zlib-codecs.js'
import { MIB, mostGrownBytes, noise, wordy } from './codec-samples.js'

/** Node has Zstandard from 22.15 and 23.8 on, and then there must be a codec for it. */
const HAS_ZSTD = 'ZSTD_c_compressionLevel' in constants
const zstdHere = zstd()
const HERE: Codec[] = [deflate, brotli, ...(zstdHere ? [zstdHere] : [])]

test('Zstandard is there exactly where Node has it', () => {
  expect(zstdHere?.name).toBe(HAS_ZSTD ? 'zstd' : undefined)
  expect(HERE.map(({ name }) => name)).toEqual(['deflate', 'brotli', ...(HAS_ZSTD ? ['zstd'] : [])])
})

describe.each(HERE)('$name', (codec) => {
  const [quickest, hardest] = [codec.levels[0]!.level, codec.levels.at(-1)!.level]

  test('gives back what was compressed, at every level', async () => {
    const level = fc.constantFrom(...codec.levels.map((known) => known.level))
    const plain = fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 2_000 }),
      fc.integer({ min: 1, max: 700_000 }).map(wordy),
    )
    await fc.assert(
      fc.asyncProperty(plain, level, async (bytes, hard) => {
        const packed = await codec.compress(bytes, hard)
        const back = await codec.decompress(packed, bytes.byteLength)
        expect(Buffer.compare(back, bytes)).toBe(0)
      }),
      { numRuns: 60 },
    )
  })

  test('makes less of words the harder it tries', async () => {
    const plain = wordy(MIB)
    const [quick, hard] = [await codec.compress(plain, quickest), await codec.compress(plain, hardest)]
    expect(quick.byteLength).toBeLessThan(plain.byteLength / 4)
    expect(hard.byteLength).toBeLessThanOrEqual(quick.byteLength)
    const levels = codec.levels.map(({ level, bytesPerMs, share }) => ({ level, bytesPerMs, share }))
    expect(levels).toEqual(levels.toSorted((a, b) => a.level - b.level))
    expect(levels).toEqual(levels.toSorted((a, b) => b.bytesPerMs - a.bytesPerMs))
    expect(levels).toEqual(levels.toSorted((a, b) => b.share - a.share))
  })

  test('throws for more than was announced, and never has memory for it', async () => {
    const bomb = await codec.compress(new Uint8Array(256 * MIB), quickest)
    expect(bomb.byteLength).toBeLessThan(2 * MIB)
    for (const announced of [1, 64, 1_000, MIB]) {
      const grown = await mostGrownBytes(() =>
        expect(codec.decompress(bomb, announced)).rejects.toThrow(/larger than/),
      )
      expect(grown).toBeLessThan(8 * MIB)
    }
  })

  test('throws for one byte too many, and takes exactly what was announced', async () => {
    for (const bytes of [2, 65, 4_096, 300_000]) {
      const packed = await codec.compress(wordy(bytes), quickest)
      await expect(codec.decompress(packed, bytes - 1)).rejects.toThrow(/larger than/)
      expect((await codec.decompress(packed, bytes)).byteLength).toBe(bytes)
      // What is less than was announced is for the caller to see.
      expect((await codec.decompress(packed, bytes + 1)).byteLength).toBe(bytes)
    }
  })

  test('takes no memory for what is announced and does not come', async () => {
    const packed = await codec.compress(wordy(100), quickest)
    const grown = await mostGrownBytes(() => codec.decompress(packed, 2 ** 31))
    expect(grown).toBeLessThan(2 * MIB)
  })

  test('throws for what was cut off, and for what is no such thing', async () => {
    const packed = await codec.compress(wordy(50_000), hardest)
    for (const broken of [packed.subarray(0, packed.byteLength - 1), packed.subarray(0, 1), noise(500)])
      await expect(codec.decompress(broken, 50_000)).rejects.toThrow(Error)
  })
})

test('Brotli makes less of the same words than deflate does, level by level', async () => {
  const plain = wordy(400_000)
  for (const [at, { level }] of deflate.levels.entries()) {
    const deflated = await deflate.compress(plain, level)
    const packed = await brotli.compress(plain, brotli.levels[at]!.level)
    expect(packed.byteLength).toBeLessThan(deflated.byteLength)
  }
})

test('a window of Brotli that is larger than what there is to look back on is refused', async () => {
  const windowed = (bits: number, large = 0): Uint8Array =>
    brotliCompressSync(wordy(10_000), {
      params: { [constants.BROTLI_PARAM_LARGE_WINDOW]: large, [constants.BROTLI_PARAM_LGWIN]: bits },
    })
  for (const bits of [10, 13, 16, 17, 18])
    expect((await brotli.decompress(windowed(bits), 10_000)).byteLength).toBe(10_000)
  for (const bits of [19, 21, 24])
    await expect(brotli.decompress(windowed(bits), 10_000)).rejects.toThrow(/window/)
  await expect(brotli.decompress(windowed(30, 1), 10_000)).rejects.toThrow(Error)
  // As large as the message is.
  const plain = wordy(300_000)
  for (const { level } of brotli.levels)
    expect(Buffer.compare(await brotli.decompress(await brotli.compress(plain, level), 300_000), plain)).toBe(
      0,
    )
})

test('what another implementation deflated is read', async () => {
  const plain = wordy(10_000)
  const packed = deflateRawSync(plain, { level: 9, windowBits: 9, memLevel: 1 })
  expect(Buffer.compare(await deflate.decompress(packed, 10_000), plain)).toBe(0)
})
