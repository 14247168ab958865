import { beforeEach, describe, expect, test } from 'vitest'
import { FrameMemory } from '../../lib/replication/frame-memory.js'
import { MessageChannel } from '../../lib/replication/message-channel.js'
import type { Ack, Message, Operations } from '../../lib/replication/protocol/messages.js'
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
const part = (bytes: Uint8Array, last: boolean) => encodeWire({ kind: 'part', bytes, last })
const sum = (frames: readonly Uint8Array[]) => frames.reduce((bytes, { byteLength }) => bytes + byteLength, 0)

async function heard(channel: MessageChannel): Promise<Message[]> {
  const messages: Message[] = []
  for await (const message of channel.messages()) messages.push(message)
  return messages
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
    const [slow, quick] = pipes.map((pipe) => new MessageChannel(pipe, counts, undefined, undefined, memory))
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
    await expect(heard(new MessageChannel(pipe, counts, () => {}, 1_000))).rejects.toEqual(
      violated(`a frame of ${encodeWire(batch(2_000)).byteLength} bytes`),
    )
    const inParts = new ToyPipe()
    inParts.arrive(...Array.from({ length: 11 }, () => part(new Uint8Array(100), false)), 'end')
    await expect(heard(new MessageChannel(inParts, counts, () => {}, 1_000))).rejects.toEqual(
      violated('a message of more than 1000 bytes'),
    )
  })

  test('a message of exactly as much is taken', async () => {
    const whole = encodeWire(batch(2_000))
    const pipe = new ToyPipe()
    pipe.arrive(part(whole.subarray(0, 1_500), false), part(whole.subarray(1_500), true), 'end')
    expect(await heard(new MessageChannel(pipe, counts, () => {}, whole.byteLength))).toHaveLength(1)
  })
})
