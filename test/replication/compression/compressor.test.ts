import { describe, expect, test } from 'vitest'
import { encodeCommitFrame } from '../../../lib/log/frame.js'
import type { Codec } from '../../../lib/replication/compression/codec.js'
import { CODEC_NAMES, loadCodecs } from '../../../lib/replication/compression/codecs.js'
import { noCompression } from '../../../lib/replication/compression/compression-stats.js'
import { Compressor, type CompressorOptions } from '../../../lib/replication/compression/compressor.js'
import { Decompressor } from '../../../lib/replication/compression/decompressor.js'
import { deflate } from '../../../lib/replication/compression/zlib-codecs.js'
import { FrameMemory } from '../../../lib/replication/frame-memory.js'
import { PLAIN_BYTES_MAX } from '../../../lib/replication/protocol/message-limits.js'
import type { Operations, Packed, SnapshotPiece } from '../../../lib/replication/protocol/messages.js'
import { decodeWire, encodeWire } from '../../../lib/replication/protocol/wire-codec.js'
import { SimulatedClock } from '../../../lib/testing/simulated-clock.js'
import { SAMPLES } from '../protocol/scenario-nodes.js'
import { noise, wordy } from './codec-samples.js'

/** A limit of the host's at which everything is worth compressing. */
const SLOW = 100_000

function compressor(changes: Partial<CompressorOptions> = {}) {
  const counts = noCompression()
  const clock = new SimulatedClock()
  const given = {
    codec: deflate,
    clock,
    memory: new FrameMemory(),
    bytesPerSecondMax: SLOW,
    counts,
    ...changes,
  }
  return { it: new Compressor(given), clock, counts }
}

function piece(bytes: Uint8Array): SnapshotPiece {
  return { ...SAMPLES['snapshot-piece'], bytes, atByte: 77, sentAtMs: 99, headSeq: 5, last: true }
}

const vectors = [1, 2, 3].map((number) => noise(400 + number))

function commits(): Operations {
  const operations = vectors.map((vector, at) => ({
    put: { collection: 1, id: `record ${at}`, vector, metadata: Buffer.from(wordy(3_000)).toString() },
  }))
  const commit = { epoch: 1, originId: 'm', firstSeq: 4, count: 3, committedAtMs: 1_000, operations }
  return {
    ...{ ...SAMPLES.operations, firstSeq: 4, lastSeq: 6, headSeq: 9, sentAtMs: 1_000, durable: true },
    frames: encodeCommitFrame(commit),
  }
}

describe.each([...(await loadCodecs(CODEC_NAMES)).values()])('with $name', (codec: Codec) => {
  test.each([
    ['operations', commits()],
    ['a piece of a snapshot', piece(wordy(100_000))],
  ])('%s come out at the other side as they were', async (_, message) => {
    const { it, counts } = compressor({ codec })
    const packed = (await it.packed(message)) as Packed
    const bytes = encodeWire(message)
    const onItsWay = decodeWire(encodeWire(packed)) as Packed
    expect(encodeWire(packed).byteLength).toBeLessThan(bytes.byteLength / 2)
    const received = noCompression()
    const unpacked = await new Decompressor(codec, received).unpacked(onItsWay)
    expect(Buffer.compare(unpacked, bytes)).toBe(0)
    expect(decodeWire(unpacked)).toEqual(decodeWire(bytes))
    expect(counts).toEqual(received)
    expect(counts).toMatchObject({ plainBytes: packed.plainBytes, packedBytes: packed.rest.byteLength })
    expect(codec.levels.map(({ level }) => level)).toContain(it.level)
  })
})

test('vectors of operations go as they are, those in a piece of a snapshot are not looked for', async () => {
  const message = commits()
  const { it } = compressor()
  const packed = await it.packed(message)
  expect(Buffer.compare(packed?.vectors as Uint8Array, Buffer.concat(vectors))).toBe(0)
  expect((await it.packed(piece(message.frames)))?.vectors.byteLength).toBe(0)
})

test('over a link that is no limit nothing is tried, and nothing counted', async () => {
  const { it, counts } = compressor({ bytesPerSecondMax: undefined })
  expect(await it.packed(piece(wordy(100_000)))).toBeUndefined()
  expect([it.level, counts]).toEqual([undefined, noCompression()])
})

test('a link that makes its frames wait becomes a limit by itself', async () => {
  const { it, clock } = compressor({ bytesPerSecondMax: undefined })
  for (let frame = 0; frame < 5; frame++) await it.watched(10_000, () => clock.advance(10))
  expect((await it.packed(piece(wordy(100_000))))?.plainBytes).toBeGreaterThan(100_000)
  expect(it.level).toBe(6)
})

test('more is taken at once while messages are compressed', async () => {
  const { it, clock } = compressor({ bytesPerSecondMax: undefined })
  expect(it.batchBytes(clock.monotonic())).toBe(0)
  for (let frame = 0; frame < 5; frame++) await it.watched(100_000, () => clock.advance(10))
  expect(it.batchBytes(clock.monotonic())).toBe(0)
  await it.packed(piece(wordy(100_000)))
  expect(it.batchBytes(clock.monotonic())).toBe(2 * 1024 * 1024)
  await clock.advance(60_000)
  await it.packed(piece(wordy(100_000)))
  expect(it.batchBytes(clock.monotonic())).toBe(0)
})

test.each([
  ['short', wordy(511)],
  ['noise', noise(100_000)],
  ['noise in the middle', Buffer.concat([wordy(3_000), noise(100_000), wordy(3_000)])],
  ['noise all but the middle', Buffer.concat([noise(400_000), wordy(6_000), noise(400_000)])],
  ['longer than may be', new Uint8Array(PLAIN_BYTES_MAX + 1)],
  ['as long as may be, and longer with its head', new Uint8Array(PLAIN_BYTES_MAX)],
])('what is %s goes as it is, and is counted', async (_, bytes) => {
  const { it, counts } = compressor()
  expect(await it.packed(piece(bytes))).toBeUndefined()
  expect(counts).toEqual({ plainBytes: 0, packedBytes: 0, skipped: 1 })
})

test('operations that are nearly all vectors go as they are', async () => {
  const put = { collection: 1, id: 'a', vector: noise(4_000), metadata: '{}' }
  const frames = encodeCommitFrame({ epoch: 1, firstSeq: 1, count: 1, operations: [{ put }] })
  const { it, counts } = compressor()
  expect(await it.packed({ ...SAMPLES.operations, frames })).toBeUndefined()
  expect(counts.skipped).toBe(1)
})

test('memory is given back, whether a message is compressed, skipped or the codec fails', async () => {
  const memory = new FrameMemory()
  const first = memory.take(150_000)
  memory.give(first)
  const failing = { ...deflate, compress: () => Promise.reject(new Error('no memory')) }
  await compressor({ memory }).it.packed(piece(wordy(100_000)))
  await compressor({ memory }).it.packed(piece(noise(100_000)))
  await expect(compressor({ memory, codec: failing }).it.packed(piece(wordy(100_000)))).rejects.toThrow(
    'no memory',
  )
  expect(memory.take(150_000)).toBe(first)
})

test('an error of the link is told, and the link is judged by what it did before', async () => {
  const { it } = compressor()
  await expect(it.watched(100, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
  expect(await it.packed(piece(wordy(10_000)))).toMatchObject({ kind: 'packed' })
})
