import { describe, expect, test } from 'vitest'
import type { Codec } from '../../../lib/replication/compression/codec.js'
import { CODEC_NAMES, loadCodecs } from '../../../lib/replication/compression/codecs.js'
import { noCompression } from '../../../lib/replication/compression/compression-stats.js'
import { Decompressor } from '../../../lib/replication/compression/decompressor.js'
import { PLAIN_BYTES_MAX } from '../../../lib/replication/protocol/message-limits.js'
import type { Packed } from '../../../lib/replication/protocol/messages.js'
import { MIB, mostGrownBytes, noise, wordy } from './codec-samples.js'

const VIOLATED = { code: 'PROTOCOL_VIOLATED' }
const NONE: Uint8Array = new Uint8Array(0)

function packed(rest: Uint8Array, plainBytes: number, vectors = NONE): Packed {
  return { kind: 'packed', rest, plainBytes, vectors }
}

describe.each([...(await loadCodecs(CODEC_NAMES)).values()])('with $name', (codec: Codec) => {
  const { level } = codec.levels[0]!

  test('a message comes out as it was, and is counted', async () => {
    const counts = noCompression()
    // One cut: three bytes in front of a vector of two.
    const plain = Buffer.concat([Uint8Array.of(1, 3, 2), wordy(1_000)])
    const rest = await codec.compress(plain, level)
    const message = await new Decompressor(codec, counts).unpacked(
      packed(rest, plain.byteLength, Uint8Array.of(8, 9)),
    )
    const said = wordy(1_000)
    expect([...message]).toEqual([...said.subarray(0, 3), 8, 9, ...said.subarray(3)])
    expect(counts).toEqual({ plainBytes: 1_003, packedBytes: rest.byteLength, skipped: 0 })
  })

  test('what is announced as nothing, or as more than may be, is not even tried', async () => {
    let tried = 0
    const watched = { ...codec, decompress: async () => wordy(++tried) }
    const decompressor = new Decompressor(watched, noCompression())
    for (const bytes of [0, PLAIN_BYTES_MAX + 1, 2 ** 31, 2 ** 32 - 1])
      await expect(decompressor.unpacked(packed(noise(50), bytes))).rejects.toMatchObject(VIOLATED)
    expect(tried).toBe(0)
  })

  test.each([-100, -1, 1, 100])('a length that lies by %i is refused, and not counted', async (lie) => {
    const counts = noCompression()
    const plain = Buffer.concat([Uint8Array.of(0), wordy(5_000)])
    const rest = await codec.compress(plain, level)
    const unpacked = new Decompressor(codec, counts).unpacked(packed(rest, plain.byteLength + lie))
    await expect(unpacked).rejects.toMatchObject(VIOLATED)
    expect(counts).toEqual(noCompression())
  })

  test('zeros without end are refused, and never have memory', async () => {
    const bomb = await codec.compress(new Uint8Array(128 * MIB), level)
    const decompressor = new Decompressor(codec, noCompression())
    const grown = await mostGrownBytes(() =>
      expect(decompressor.unpacked(packed(bomb, MIB))).rejects.toMatchObject(VIOLATED),
    )
    expect(grown).toBeLessThan(8 * MIB)
  })

  test('what is no such thing, or does not fit together, is refused', async () => {
    const decompressor = new Decompressor(codec, noCompression())
    await expect(decompressor.unpacked(packed(noise(500), 500))).rejects.toMatchObject(VIOLATED)
    await expect(decompressor.unpacked(packed(NONE, 500))).rejects.toMatchObject(VIOLATED)
    const rest = await codec.compress(Buffer.concat([Uint8Array.of(0), wordy(999)]), level)
    await expect(decompressor.unpacked(packed(rest, 1_000, noise(7)))).rejects.toMatchObject(VIOLATED)
  })
})
