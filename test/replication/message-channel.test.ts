import { beforeEach, describe, expect, test } from 'vitest'
import { FRAME_CODE_BYTES, FrameCode } from '../../lib/replication/frame-code.js'
import { FrameMemory } from '../../lib/replication/frame-memory.js'
import { MessageChannel } from '../../lib/replication/message-channel.js'
import type { Ack, Message, Operations, Part } from '../../lib/replication/protocol/messages.js'
import { decodeWire, encodeWire } from '../../lib/replication/protocol/wire-codec.js'
import { SAMPLES } from './protocol/scenario-nodes.js'
import { ToyPipe } from './toy-pipe.js'

let counts: { bytesSent: number; bytesReceived: number }
beforeEach(() => {
  counts = { bytesSent: 0, bytesReceived: 0 }
})

const violated = (reason: string) =>
  expect.objectContaining({ code: 'PROTOCOL_VIOLATED', details: { reason } })
const ack = (receivedSeq: number): Ack => ({ ...SAMPLES.ack, receivedSeq })
const batch = (bytes: number): Operations => ({
  ...SAMPLES.operations,
  frames: Uint8Array.from({ length: bytes }, (_, at) => at % 251),
})
const WRONG = 'the authentication code of a frame is wrong: it was changed, lost or repeated on its way'
const part = (bytes: Uint8Array, last: boolean) => encodeWire({ kind: 'part', bytes, last })
const sum = (frames: readonly Uint8Array[]) => frames.reduce((bytes, { byteLength }) => bytes + byteLength, 0)

async function heard(channel: MessageChannel): Promise<Message[]> {
  const messages: Message[] = []
  for await (const message of channel.messages()) messages.push(message)
  return messages
}

function limited(pipe: ToyPipe, messageBytesMax: number): MessageChannel {
  const channel = new MessageChannel(pipe, counts)
  channel.limitReceived(messageBytesMax)
  return channel
}

describe('sending', () => {
  test('a message is a frame, and is counted once the link took it', async () => {
    const pipe = new ToyPipe()
    pipe.isSlow = true
    const channel = new MessageChannel(pipe, counts)
    let sent = 0
    channel.send(SAMPLES.hello, () => (sent += 1))
    expect(pipe.sent).toEqual([])
    await Promise.resolve()
    expect(pipe.sent.map((frame) => decodeWire(frame).kind)).toEqual(['hello'])
    expect([sent, counts.bytesSent]).toEqual([0, 0])
    pipe.proceed()
    await channel.flushed()
    expect([sent, counts.bytesSent]).toEqual([1, sum(pipe.sent)])
    expect(counts.bytesReceived).toBe(0)
  })

  test('what is too large for a frame goes in parts that fit, and comes out as it was', async () => {
    const pipe = new ToyPipe(100)
    const channel = new MessageChannel(pipe, counts)
    const order: string[] = []
    channel.send(batch(1_000), () => order.push('batch'))
    channel.send(ack(7), () => order.push('ack'))
    await channel.flushed()
    expect(order).toEqual(['batch', 'ack'])
    expect(pipe.sent.length).toBeGreaterThan(10)
    expect(Math.max(...pipe.sent.map(({ byteLength }) => byteLength))).toBeLessThanOrEqual(100)
    expect(counts.bytesSent).toBe(sum(pipe.sent))

    const other = new ToyPipe(100)
    const received = { bytesSent: 0, bytesReceived: 0 }
    other.arrive(...pipe.sent, 'end')
    const messages = await heard(new MessageChannel(other, received))
    expect(messages.map(({ kind }) => kind)).toEqual(['operations', 'ack'])
    expect([...(messages[0] as Operations).frames]).toEqual([...batch(1_000).frames])
    expect(received).toEqual({ bytesSent: 0, bytesReceived: sum(pipe.sent) })
  })

  test('a message that just fits a frame is no part', async () => {
    const size = encodeWire(batch(500)).byteLength
    const pipe = new ToyPipe(size)
    const channel = new MessageChannel(pipe, counts)
    channel.send(batch(500))
    await channel.flushed()
    expect(pipe.sent.map((frame) => decodeWire(frame).kind)).toEqual(['operations'])
    const smaller = new ToyPipe(size - 1)
    const parts = new MessageChannel(smaller, counts)
    parts.send(batch(500))
    await parts.flushed()
    expect(smaller.sent.map((frame) => decodeWire(frame).kind)).toEqual(['part', 'part'])
  })

  test('of acks and heartbeats that wait only the newest is sent, after all that waited before it', async () => {
    const pipe = new ToyPipe()
    pipe.isSlow = true
    const channel = new MessageChannel(pipe, counts)
    channel.send(SAMPLES.hello)
    await Promise.resolve()
    for (const message of [ack(1), SAMPLES.heartbeat, SAMPLES.proof, ack(2), ack(3)]) channel.send(message)
    channel.send({ ...SAMPLES.heartbeat, sentAtMs: 5 })
    pipe.isSlow = false
    pipe.proceed()
    await channel.flushed()
    const messages = pipe.sent.map((frame) => decodeWire(frame))
    expect(messages.map(({ kind }) => kind)).toEqual(['hello', 'proof', 'ack', 'heartbeat'])
    expect(messages.slice(2)).toEqual([ack(3), { ...SAMPLES.heartbeat, sentAtMs: 5 }])
  })

  test('a frame that the link is done with makes room for the next, and no other does', async () => {
    const memory = new FrameMemory()
    const pipes = [new ToyPipe(100_000), new ToyPipe(100_000)] as const
    const [slow, quick] = pipes.map((pipe) => new MessageChannel(pipe, counts, undefined, memory))
    pipes[0].isSlow = true
    slow?.send(batch(20_000))
    await Promise.resolve()
    for (const bytes of [20_001, 20_002, 20_003]) {
      quick?.send(batch(bytes))
      await quick?.flushed()
    }
    const [held] = pipes[0].sent as [Uint8Array]
    expect(pipes[1].sent.every(({ buffer }) => buffer === pipes[1].sent[0]?.buffer)).toBe(true)
    expect(held.buffer).not.toBe(pipes[1].sent[0]?.buffer)
    expect((decodeWire(held) as Operations).frames).toHaveLength(20_000)
    expect(decodeWire(pipes[1].sent.at(-1) as Uint8Array)).toEqual(batch(20_003))
    // What a send that failed leaves may still be read.
    await pipes[0].close(new Error('broken'))
    await slow?.flushed()
    quick?.send(batch(20_000))
    quick?.send(batch(20_000))
    await quick?.flushed()
    expect(pipes[1].sent.map(({ buffer }) => buffer)).not.toContain(held.buffer)
  })

  test('a link that breaks ends it: what waits is not sent, and the link is closed with why', async () => {
    const pipe = new ToyPipe(10)
    Object.defineProperty(pipe, 'send', { value: () => Promise.reject(new Error('broken')) })
    const channel = new MessageChannel(pipe, counts)
    let sent = 0
    channel.send(ack(1), () => (sent += 1))
    channel.send(SAMPLES.proof, () => (sent += 1))
    await channel.flushed()
    expect(pipe.closedWith).toEqual(new Error('broken'))
    channel.send(SAMPLES.proof, () => (sent += 1))
    await channel.flushed()
    expect([sent, counts.bytesSent]).toEqual([0, 0])
  })

  test('closed while a frame is on its way: nothing after it is sent, and nothing throws', async () => {
    const pipe = new ToyPipe()
    pipe.isSlow = true
    const channel = new MessageChannel(pipe, counts)
    let sent = 0
    channel.send(SAMPLES.hello, () => (sent += 1))
    channel.send(SAMPLES.proof, () => (sent += 1))
    await Promise.resolve()
    const why = new Error('enough')
    await channel.close(why)
    await channel.flushed()
    expect(pipe.sent.map((frame) => decodeWire(frame).kind)).toEqual(['hello'])
    expect([sent, counts.bytesSent, pipe.closedWith]).toEqual([0, 0, why])
    channel.send(SAMPLES.proof)
    await channel.close()
    await channel.flushed()
    expect([pipe.sent.length, pipe.closedWith]).toEqual([1, why])
  })
})

describe('hearing', () => {
  test('messages until the clean end of the link, every frame counted', async () => {
    const pipe = new ToyPipe()
    const frames = [encodeWire(SAMPLES.heartbeat), encodeWire(ack(3))]
    pipe.arrive(...frames, 'end')
    expect(await heard(new MessageChannel(pipe, counts))).toEqual([SAMPLES.heartbeat, ack(3)])
    expect(counts).toEqual({ bytesSent: 0, bytesReceived: sum(frames) })
  })

  test('throws what the link breaks with', async () => {
    const pipe = new ToyPipe()
    const broken = new Error('reset by peer')
    pipe.arrive(encodeWire(ack(3)), broken)
    const channel = new MessageChannel(pipe, counts)
    const messages = channel.messages()
    expect((await messages.next()).value).toEqual(ack(3))
    await expect(messages.next()).rejects.toBe(broken)
  })

  test.each<[string, Uint8Array[], string]>([
    ['what is no message', [Uint8Array.from([1, 2, 3])], 'its bytes are no message'],
    [
      'a message in the middle of another',
      [part(Uint8Array.of(1), false), encodeWire(ack(1))],
      'a message in the middle of another',
    ],
    ['a part of a part', [part(part(encodeWire(ack(1)), true), true)], 'a part of a part'],
    ['an empty part', [part(new Uint8Array(0), false)], 'an empty part'],
    ['an end in the middle', [part(Uint8Array.of(1), false)], 'the link ended in the middle of a message'],
  ])('refuses %s', async (_what, frames, reason) => {
    const pipe = new ToyPipe()
    pipe.arrive(...frames, 'end')
    await expect(heard(new MessageChannel(pipe, counts))).rejects.toEqual(violated(reason))
    expect(counts.bytesReceived).toBe(sum(frames))
  })

  test('refuses more than a message may be, as a frame and in parts', async () => {
    const pipe = new ToyPipe()
    pipe.arrive(encodeWire(batch(2_000)), 'end')
    await expect(heard(limited(pipe, 1_000))).rejects.toEqual(
      violated(`a frame of ${encodeWire(batch(2_000)).byteLength} bytes`),
    )
    const inParts = new ToyPipe()
    inParts.arrive(...Array.from({ length: 11 }, () => part(new Uint8Array(100), false)), 'end')
    await expect(heard(limited(inParts, 1_000))).rejects.toEqual(
      violated('a message of more than 1000 bytes'),
    )
  })

  test('refuses more than 64 KiB until it is told that the other side may say more, also in the middle of a message', async () => {
    const frame = encodeWire(batch(100_000))
    const early = new ToyPipe()
    early.arrive(frame, 'end')
    await expect(heard(new MessageChannel(early, counts))).rejects.toEqual(
      violated(`a frame of ${frame.byteLength} bytes`),
    )
    const inParts = new ToyPipe()
    inParts.arrive(...Array.from({ length: 66 }, () => part(new Uint8Array(1_000), false)), 'end')
    await expect(heard(new MessageChannel(inParts, counts))).rejects.toEqual(
      violated('a message of more than 65536 bytes'),
    )
    const pipe = new ToyPipe()
    pipe.arrive(encodeWire(SAMPLES.hello), part(frame.subarray(0, 60_000), false))
    pipe.arrive(part(frame.subarray(60_000), true), 'end')
    const channel = new MessageChannel(pipe, counts)
    const messages = channel.messages()
    expect(await messages.next()).toMatchObject({ value: { kind: 'hello' } })
    channel.limitReceived(frame.byteLength)
    expect(await messages.next()).toMatchObject({ value: batch(100_000) })
  })

  test('a message of exactly as much is taken', async () => {
    const whole = encodeWire(batch(2_000))
    const pipe = new ToyPipe()
    pipe.arrive(part(whole.subarray(0, 1_500), false), part(whole.subarray(1_500), true), 'end')
    expect(await heard(limited(pipe, whole.byteLength))).toHaveLength(1)
  })
})

const KEY = new Uint8Array(32).fill(3)
const OTHER_KEY = new Uint8Array(32).fill(4)
/** A frame as it is sent with the code that comes next. */
const coded = (code: FrameCode, message: Message | Part) => {
  const content = encodeWire(message)
  return Uint8Array.from([...content, ...code.next(content)])
}
const plain = (frames: readonly Uint8Array[]) => frames.map((frame) => Buffer.from(frame).toString('hex'))

describe('codes on what is sent', () => {
  test('are on what is queued from then on, and not on what waits already', async () => {
    const pipe = new ToyPipe()
    const channel = new MessageChannel(pipe, counts)
    channel.send(SAMPLES.hello)
    channel.send(SAMPLES.challenge)
    channel.protectSent(KEY)
    channel.send(SAMPLES.welcome)
    channel.send(batch(200))
    await channel.flushed()
    channel.send(SAMPLES.welcome)
    await channel.flushed()
    const code = new FrameCode(KEY)
    expect(plain(pipe.sent)).toEqual(
      plain([
        ...[encodeWire(SAMPLES.hello), encodeWire(SAMPLES.challenge), coded(code, SAMPLES.welcome)],
        ...[coded(code, batch(200)), coded(code, SAMPLES.welcome)],
      ]),
    )
    expect(counts.bytesSent).toBe(sum(pipe.sent))
  })

  test('are not on what is on its way or waits behind it while they are agreed on', async () => {
    const pipe = new ToyPipe()
    pipe.isSlow = true
    const channel = new MessageChannel(pipe, counts)
    for (const message of [SAMPLES.challenge, SAMPLES.welcome]) channel.send(message)
    await Promise.resolve()
    channel.protectSent(KEY)
    channel.send(SAMPLES.place)
    pipe.isSlow = false
    pipe.proceed()
    await channel.flushed()
    expect(plain(pipe.sent)).toEqual(
      plain([
        ...[encodeWire(SAMPLES.challenge), encodeWire(SAMPLES.welcome)],
        coded(new FrameCode(KEY), SAMPLES.place),
      ]),
    )
  })

  test('are counted by what is sent: an ack in the place of another, older than the codes, has the first', async () => {
    const pipe = new ToyPipe()
    pipe.isSlow = true
    const channel = new MessageChannel(pipe, counts)
    channel.send(SAMPLES.proof)
    await Promise.resolve()
    channel.send(ack(1))
    channel.send(SAMPLES.heartbeat)
    channel.protectSent(KEY)
    for (const seq of [2, 3]) channel.send(ack(seq))
    channel.send(SAMPLES.place)
    channel.send(ack(4))
    pipe.isSlow = false
    pipe.proceed()
    await channel.flushed()
    const code = new FrameCode(KEY)
    expect(plain(pipe.sent)).toEqual(
      plain([
        ...[encodeWire(SAMPLES.proof), encodeWire(SAMPLES.heartbeat)],
        ...[coded(code, SAMPLES.place), coded(code, ack(4))],
      ]),
    )
  })

  test('leave a message whole that fits a frame with its code, and cut one that is a byte longer', async () => {
    const size = encodeWire(batch(500)).byteLength + FRAME_CODE_BYTES
    const [fits, tooSmall] = [new ToyPipe(size), new ToyPipe(size - 1)]
    for (const pipe of [fits, tooSmall]) {
      const channel = new MessageChannel(pipe, counts)
      channel.protectSent(KEY)
      channel.send(batch(500))
      await channel.flushed()
    }
    expect(plain(fits.sent)).toEqual(plain([coded(new FrameCode(KEY), batch(500))]))
    const reader = new FrameCode(KEY)
    expect(tooSmall.sent.map((frame) => decodeWire(reader.opened(frame)).kind)).toEqual(['part', 'part'])
  })
})

describe('codes on what is heard', () => {
  test('are asked for from the next frame on', async () => {
    const pipe = new ToyPipe()
    const code = new FrameCode(KEY)
    const frames = [encodeWire(SAMPLES.place), coded(code, SAMPLES.welcome), coded(code, ack(2))]
    pipe.arrive(...frames, 'end')
    const channel = new MessageChannel(pipe, counts)
    const messages = channel.messages()
    expect((await messages.next()).value).toEqual(SAMPLES.place)
    channel.protectReceived(KEY)
    expect((await messages.next()).value).toEqual(SAMPLES.welcome)
    expect((await messages.next()).value).toEqual(ack(2))
    expect((await messages.next()).done).toBe(true)
    expect(counts.bytesReceived).toBe(sum(frames))
  })

  test.each<[string, () => Uint8Array[], string]>([
    ['a frame without one', () => [encodeWire(ack(1))], 'a frame is without its authentication code'],
    ['a longer frame without one', () => [encodeWire(batch(50))], WRONG],
    ['one of another key', () => [coded(new FrameCode(OTHER_KEY), ack(1))], WRONG],
    [
      'a frame that comes again',
      () => new Array<Uint8Array>(2).fill(coded(new FrameCode(KEY), ack(1))),
      WRONG,
    ],
    ['an empty frame', () => [new Uint8Array(0)], 'a frame is without its authentication code'],
    [
      'nothing but a code',
      () => [new FrameCode(KEY).next(new Uint8Array(0))],
      'it is of a kind that this version does not know',
    ],
    [
      'a part in the place of another',
      () => {
        const code = new FrameCode(KEY)
        const whole = encodeWire(ack(1))
        const [first, last] = [whole.subarray(0, 2), whole.subarray(2)].map((bytes, at) =>
          coded(code, { kind: 'part', bytes, last: at === 1 }),
        ) as [Uint8Array, Uint8Array]
        return [last, first]
      },
      WRONG,
    ],
  ])('refuse %s', async (_what, frames, reason) => {
    const pipe = new ToyPipe()
    const channel = new MessageChannel(pipe, counts)
    channel.protectReceived(KEY)
    pipe.arrive(...frames(), 'end')
    await expect(heard(channel)).rejects.toEqual(violated(reason))
  })

  test('do not count against how large a message may be', async () => {
    const largest = encodeWire(batch(2_000)).byteLength
    const hear = (messageBytesMax: number) => {
      const pipe = new ToyPipe()
      pipe.arrive(coded(new FrameCode(KEY), batch(2_000)), 'end')
      const channel = limited(pipe, messageBytesMax)
      channel.protectReceived(KEY)
      return heard(channel)
    }
    expect(await hear(largest)).toEqual([batch(2_000)])
    await expect(hear(largest - 1)).rejects.toEqual(
      violated(`a frame of ${largest + FRAME_CODE_BYTES} bytes`),
    )
  })
})
