import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FRAME_CODE_BYTES, FrameCode } from '../../lib/replication/frame-code.js'
import { FrameMemory } from '../../lib/replication/frame-memory.js'
import { MessageChannel } from '../../lib/replication/message-channel.js'
import type { Message } from '../../lib/replication/protocol/messages.js'
import { decodeWire, encodeWire } from '../../lib/replication/protocol/wire-codec.js'
import { SAMPLES } from './protocol/scenario-nodes.js'
import { ToyPipe } from './toy-pipe.js'

/** Reads a frame until its `send` resolves, and notes whether that changed in the meantime. */
class ReadingPipe extends ToyPipe {
  /** The frames as they were when they were sent. */
  readonly copies: Uint8Array[] = []
  readonly changed: number[] = []
  /** The frames that are on their way. */
  readonly reading = new Set<Uint8Array>()

  override async send(frame: Uint8Array): Promise<void> {
    const copy = Uint8Array.from(frame)
    const at = this.copies.push(copy) - 1
    this.reading.add(frame)
    await super.send(frame)
    this.reading.delete(frame)
    this.changed.push(...(Buffer.compare(copy, frame) === 0 ? [] : [at]))
  }
}

function overlap(one: Uint8Array, other: Uint8Array): boolean {
  const [begin, otherBegin] = [one.byteOffset, other.byteOffset]
  const isApart = begin + one.byteLength <= otherBegin || otherBegin + other.byteLength <= begin
  return one.buffer === other.buffer && !isApart
}

const key = fc.uint8Array({ minLength: 32, maxLength: 32 })
const bytes = (count: number, first: number) =>
  Uint8Array.from({ length: count }, (_, at) => (first + at) % 251)
const said: fc.Arbitrary<Message> = fc.oneof(
  fc.nat(2_000).map((count): Message => ({ ...SAMPLES.operations, frames: bytes(count, count) })),
  fc.nat(2_000).map((count): Message => ({ ...SAMPLES['snapshot-piece'], bytes: bytes(count, 7) })),
  fc.string({ maxLength: 200 }).map((historyId): Message => ({ ...SAMPLES.place, historyId })),
  fc.constant<Message>(SAMPLES.welcome),
)

const texts = (messages: readonly Message[]) =>
  messages.map((message) => Buffer.from(encodeWire(message)).toString('latin1'))

/** Lets everything go that waits, one frame at a time. */
async function released(pipe: ToyPipe, channel: MessageChannel): Promise<void> {
  pipe.isSlow = false
  pipe.proceed()
  await channel.flushed()
}

/** What a channel hears of frames, of which so many messages come before the codes. */
async function heardOf(
  frames: readonly Uint8Array[],
  frameKey: Uint8Array,
  before: number,
): Promise<Message[]> {
  const pipe = new ToyPipe()
  pipe.arrive(...frames, 'end')
  const channel = new MessageChannel(pipe, { bytesSent: 0, bytesReceived: 0 })
  const messages = channel.messages()
  const heard: Message[] = []
  for (let count = 0; count < before; count++) heard.push((await messages.next()).value as Message)
  channel.protectReceived(frameKey)
  for await (const message of messages) heard.push(message)
  return heard
}

test('whatever is said before and after codes are agreed on comes out as it was, in frames that fit, each with its code', async () => {
  const list = fc.array(said, { maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(
      ...([key, list, list, fc.integer({ min: 96, max: 1_500 }), fc.boolean()] as const),
      async (frameKey, before, after, maxFrameBytes, isSlow) => {
        const pipe = new ReadingPipe(maxFrameBytes)
        pipe.isSlow = isSlow
        const counts = { bytesSent: 0, bytesReceived: 0 }
        const channel = new MessageChannel(pipe, counts)
        for (const message of before) channel.send(message)
        await Promise.resolve()
        channel.protectSent(frameKey)
        for (const message of after) channel.send(message)
        await released(pipe, channel)
        expect(pipe.closedWith).toBe('open')
        expect(pipe.copies.filter(({ byteLength }) => byteLength > maxFrameBytes)).toEqual([])
        expect(texts(await heardOf(pipe.copies, frameKey, before.length))).toEqual(
          texts([...before, ...after]),
        )
        expect(counts.bytesSent).toBe(pipe.copies.reduce((sum, { byteLength }) => sum + byteLength, 0))
      },
    ),
    { numRuns: 200 },
  )
})

test('every part of a message that is cut has a code of its own, and frames are used to the full', async () => {
  await fc.assert(
    fc.asyncProperty(
      ...([key, fc.integer({ min: 96, max: 1_500 }), fc.integer({ min: 1_600, max: 6_000 })] as const),
      async (frameKey, maxFrameBytes, count) => {
        const pipe = new ReadingPipe(maxFrameBytes)
        const channel = new MessageChannel(pipe, { bytesSent: 0, bytesReceived: 0 })
        channel.protectSent(frameKey)
        channel.send({ ...SAMPLES.operations, frames: bytes(count, 0) })
        await channel.flushed()
        const reader = new FrameCode(frameKey)
        const kinds = pipe.copies.map((frame) => decodeWire(reader.opened(frame)).kind)
        expect(new Set(kinds)).toEqual(new Set(['part']))
        // 32 bytes of every frame are kept for what a part is wrapped in, and 64 bytes of the message are no payload.
        const partBytes = maxFrameBytes - FRAME_CODE_BYTES - 32
        expect(pipe.copies.length).toBeGreaterThanOrEqual(count / (maxFrameBytes - FRAME_CODE_BYTES))
        expect(pipe.copies.length).toBeLessThanOrEqual(Math.ceil((count + 64) / partBytes))
      },
    ),
  )
})

test('memory is used again only once no link reads it, and no frame changes on its way', async () => {
  const step = fc.oneof(
    fc.record({ to: fc.nat(2), count: fc.integer({ min: 3_000, max: 20_000 }) }),
    fc.record({ to: fc.nat(2), count: fc.constant(0) }),
  )
  await fc.assert(
    fc.asyncProperty(key, fc.array(step, { minLength: 5, maxLength: 40 }), async (frameKey, steps) => {
      const memory = new FrameMemory()
      const pipes = [40_000, 40_000, 6_000].map((maxFrameBytes) => new ReadingPipe(maxFrameBytes))
      const channels = pipes.map((pipe) => {
        const counts = { bytesSent: 0, bytesReceived: 0 }
        const channel = new MessageChannel(pipe, counts, undefined, memory)
        channel.protectSent(frameKey)
        pipe.isSlow = true
        return channel
      })
      const sent: Message[][] = pipes.map(() => [])
      for (const [at, { to, count }] of steps.entries()) {
        const message = { ...SAMPLES.operations, frames: bytes(count, at) }
        const send = () => {
          channels[to]?.send(message)
          sent[to]?.push(message)
        }
        // Nothing to send: the link is done with what it reads instead.
        count > 0 ? send() : pipes[to]?.proceed()
        for (let turn = 0; turn < 12; turn++) await Promise.resolve()
        const held = pipes.flatMap((pipe) => [...pipe.reading])
        expect(
          held.filter((frame) => held.some((other) => other !== frame && overlap(frame, other))),
        ).toEqual([])
      }
      for (const [at, pipe] of pipes.entries()) await released(pipe, channels[at] as MessageChannel)
      expect(pipes.map(({ changed, closedWith }) => [changed, closedWith])).toEqual(
        pipes.map(() => [[], 'open']),
      )
      for (const [at, pipe] of pipes.entries())
        expect(texts(await heardOf(pipe.copies, frameKey, 0))).toEqual(texts(sent[at] ?? []))
    }),
    { numRuns: 60 },
  )
})
