/** The part of the transport suite about what goes through a link. */
import assert from 'node:assert/strict'
import { expectFrames, expectTransportFailed, heard, type LinkEnd } from './link-end.js'
import { SeededRandom } from './seeded-random.js'
import type { TransportTrial } from './transport-trial.js'

/** Registers a test of the suite. */
export type RegisterTest = (title: string, body: (trial: TransportTrial) => Promise<void>) => void

/** Frames larger than this are not tried, whatever a link carries: the test would need several times the memory. */
const TRIED_BYTES_MAX = 64 * 1024 * 1024
const LINKS = 50

export function frameTests(test: RegisterTest): void {
  test('delivers thousands of frames in order, each way', async (trial) => {
    const ends = await trial.connect()
    const random = new SeededRandom('order')
    const sizes = { count: 1_500, bytesMax: 2_048 }
    for (const [near, far] of [ends, ends.toReversed() as [LinkEnd, LinkEnd]]) {
      const oneByOne = randomFrames(random, near, sizes)
      const inBursts = randomFrames(random, near, sizes)
      const sending = heard(async () => {
        await near.sendEach(oneByOne)
        for (let at = 0; at < inBursts.length; at += 50) await near.sendAll(inBursts.slice(at, at + 50))
      })
      const received = await far.readMany(oneByOne.length + inBursts.length)
      await sending
      // Compared at the end, so that a frame which a later one overwrites is noticed.
      expectFrames(received, [...oneByOne, ...inBursts])
    }
  })

  test('carries frames of 0, 1 and maxFrameBytes bytes', async (trial) => {
    const ends = await trial.connect()
    const random = new SeededRandom('sizes')
    for (const [near, far] of [ends, ends.toReversed() as [LinkEnd, LinkEnd]]) {
      const { maxFrameBytes } = near.link
      assert.ok(maxFrameBytes >= 1024, `maxFrameBytes is ${maxFrameBytes}, too little for messages`)
      const largest = new Uint8Array(Math.min(maxFrameBytes, TRIED_BYTES_MAX)).fill(0xa5)
      const frames = [random.bytes(0), random.bytes(1), largest, random.bytes(0), random.bytes(1_000)]
      const [received] = await Promise.all([far.readMany(frames.length), near.sendAll(frames)])
      expectFrames(received, frames)
    }
  })

  test('refuses a frame over maxFrameBytes with FRAME_TOO_LARGE and goes on', async (trial) => {
    const [near, far] = await trial.connect()
    const { maxFrameBytes } = near.link
    if (maxFrameBytes < TRIED_BYTES_MAX) {
      await assert.rejects(async () => near.link.send(new Uint8Array(maxFrameBytes + 1)), {
        code: 'FRAME_TOO_LARGE',
      })
    }
    await near.link.send(new Uint8Array([1, 2, 3]))
    expectFrames([await far.read()], [new Uint8Array([1, 2, 3])])
    await far.link.send(new Uint8Array([4]))
    expectFrames([await near.read()], [new Uint8Array([4])])
  })

  test('takes frames up to the limit that its receiver gave it, where it has one', async (trial) => {
    const [near, far] = await trial.connect()
    if (!far.link.limitReceived) return
    const random = new SeededRandom('limit')
    const limitBytes = Math.min(100_000, far.link.maxFrameBytes - 1)
    const largestBytes = Math.min(400_000, far.link.maxFrameBytes)
    // It may be given another, as often as the receiver likes.
    for (const bytes of [limitBytes, largestBytes, limitBytes]) {
      far.link.limitReceived(bytes)
      const frames = [0, 1, bytes, bytes].map((size) => random.bytes(size))
      const [received] = await Promise.all([far.readMany(frames.length), near.sendAll(frames)])
      expectFrames(received, frames)
    }
    const sending = near.link.send(random.bytes(limitBytes + 1))
    const received = await far.readToBreak()
    // It may be taken before the receiver sees it.
    await sending.catch(expectTransportFailed)
    expectFrames(received, [])
    await near.readToBreak()
  })

  test('leaves the sender its frame as it was, whatever the receiver does', async (trial) => {
    const [near, far] = await trial.connect()
    for (const bytes of [10, 1_000, Math.min(300_000, near.link.maxFrameBytes)]) {
      // A part of something larger, as frames are that were cut from a buffer.
      const whole = new SeededRandom('kept').bytes(bytes + 20)
      const before = whole.slice()
      const sending = near.sendEach([whole.subarray(10, bytes + 10)])
      const received = await far.read()
      expectFrames([received], [before.subarray(10, bytes + 10)])
      received.fill(0)
      await sending
      assert.equal(whole.byteLength, before.byteLength, 'the memory of a frame was taken from the sender')
      assert.ok(Buffer.compare(whole, before) === 0, 'the memory of a frame was changed')
    }
  })

  test('delivers what a frame was, when the sender uses its memory again', async (trial) => {
    const [near, far] = await trial.connect()
    const random = new SeededRandom('again')
    for (const bytes of [16, 5_000, Math.min(100_000, near.link.maxFrameBytes)]) {
      const memory = new Uint8Array(bytes)
      const sent = Array.from({ length: 8 }, () => random.bytes(bytes))
      const reading = far.readMany(sent.length)
      for (const frame of sent) {
        memory.set(frame)
        await near.link.send(memory)
        memory.fill(0xff)
      }
      expectFrames(await reading, sent)
    }
  })

  test('holds the sender back while nobody reads, and goes on when somebody does', async (trial) => {
    const ends = await trial.connect()
    for (const [near, far] of [ends, ends.toReversed() as [LinkEnd, LinkEnd]]) {
      const { frames, pending } = await near.sendUntilHeld('held')
      expectFrames(await far.readMany(frames.length), frames)
      await Promise.all(pending)
      await near.link.send(new Uint8Array([7]))
      expectFrames([await far.read()], [new Uint8Array([7])])
    }
  })

  test('carries frames both ways at once', async (trial) => {
    const [near, far] = await trial.connect()
    // Both are held back first: neither direction may wait for the other.
    const held = await Promise.all([near.sendUntilHeld('there'), far.sendUntilHeld('back')])
    const sizes = { count: 1_000, bytesMax: 8_192 }
    await Promise.all(
      [
        { from: near, to: far, sent: held[0] },
        { from: far, to: near, sent: held[1] },
      ].map(async ({ from, to, sent }, way) => {
        const frames = randomFrames(new SeededRandom(`way ${way}`), from, sizes)
        const expected = [...sent.frames, ...frames]
        const reading = to.readMany(expected.length)
        await Promise.all([...sent.pending, from.sendAll(frames)])
        expectFrames(await reading, expected)
      }),
    )
  })

  test('keeps many links apart', async (trial) => {
    const ends: (readonly [LinkEnd, LinkEnd])[] = []
    while (ends.length < LINKS) ends.push(await trial.connect())
    await Promise.all(
      ends.map(async ([near, far], number) => {
        const frames = randomFrames(new SeededRandom(`link ${number}`), near, { count: 50, bytesMax: 500 })
        for (const frame of frames) await Promise.all([near.link.send(frame), far.link.send(frame)])
        expectFrames(await far.readMany(frames.length), frames)
        expectFrames(await near.readMany(frames.length), frames)
      }),
    )
  })
}

function randomFrames(
  random: SeededRandom,
  { link }: LinkEnd,
  { count, bytesMax }: { count: number; bytesMax: number },
): Uint8Array[] {
  const most = Math.min(bytesMax, link.maxFrameBytes)
  return Array.from({ length: count }, () => random.bytes(random.int(most + 1)))
}
