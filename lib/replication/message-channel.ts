import { ReplivecError } from '../errors.js'
import { FrameMemory } from './frame-memory.js'
import type { Link } from './link.js'
import type { Message, Part } from './protocol/messages.js'
import { MessageParts } from './message-parts.js'
import { decodeWire, encodeWire, MESSAGE_BYTES_MAX } from './protocol/wire-codec.js'
import { violated } from './protocol/wire-violation.js'

/** Room for what a part's own bytes are wrapped in. */
const PART_OVERHEAD_BYTES = 32

/** Bytes are counted where they pass. */
export interface ByteCounts {
  bytesSent: number
  bytesReceived: number
}

interface Outgoing {
  readonly message: Message
  readonly sent: () => void
}

/**
 * Messages over a link: encoded and decoded, counted, cut into parts where a frame of the link is too small for one, and put
 * together again.
 */
export class MessageChannel {
  readonly #link: Link
  readonly #counts: ByteCounts
  readonly #heard: () => void
  readonly #messageBytesMax: number
  readonly #memory: FrameMemory
  #outbox: Outgoing[] = []
  #pumping: Promise<void> | undefined
  #failure: unknown

  /**
   * @param heard - called with every part of a message that is not whole yet: over a slow link that is all there is for long
   * @param messageBytesMax - a message that comes may have so many bytes; what nobody has proved itself for should be small
   * @param memory - for what is sent
   */
  constructor(
    link: Link,
    counts: ByteCounts,
    heard: () => void = () => {},
    messageBytesMax = MESSAGE_BYTES_MAX,
    memory = new FrameMemory(),
  ) {
    this.#link = link
    this.#counts = counts
    this.#heard = heard
    this.#messageBytesMax = messageBytesMax
    this.#memory = memory
  }

  /**
   * Queues a message. Of acknowledgements and heartbeats that wait only the newest is sent, at its own place: the others say
   * nothing more, and what it says is true only after everything that waits before it.
   *
   * @param sent - called once the link took it
   */
  send(message: Message, sent: () => void = () => {}): void {
    if (this.#failure !== undefined) return
    let newest = message
    if (REPLACEABLE.has(message.kind)) {
      const waiting = this.#outbox.find((outgoing) => outgoing.message.kind === message.kind)
      if (waiting) newest = replaced(waiting.message, message)
      this.#outbox = this.#outbox.filter((outgoing) => outgoing !== waiting)
    }
    this.#outbox.push({ message: newest, sent })
    this.#pumping ??= this.#pump()
  }

  /** Resolves when nothing waits to be sent any more, or never will be. */
  async flushed(): Promise<void> {
    while (this.#pumping) await this.#pumping
  }

  /**
   * What the other side says, until it closes the link.
   *
   * @throws `PROTOCOL_VIOLATED` for what is no message, `TRANSPORT_FAILED` when the link breaks
   */
  async *messages(): AsyncGenerator<Message> {
    const parts = new MessageParts(this.#messageBytesMax)
    for await (const frame of this.#link) {
      this.#counts.bytesReceived += frame.byteLength
      if (frame.byteLength > this.#messageBytesMax) throw violated(`a frame of ${frame.byteLength} bytes`)
      let message: Message | Part = decodeWire(frame)
      if (message.kind === 'part') {
        const whole = parts.add(message)
        if (!whole) {
          this.#heard()
          continue
        }
        message = decodeWire(whole)
        if (message.kind === 'part') throw violated('a part of a part')
      } else if (parts.isOpen) {
        throw violated('a message in the middle of another')
      }
      yield message
    }
    if (parts.isOpen) throw violated('the link ended in the middle of a message')
  }

  /** Closes the link. Idempotent. @param reason - why, when it is no clean end */
  async close(reason?: Error): Promise<void> {
    this.#failure ??= reason ?? new ReplivecError('CLOSED', 'The link was closed.')
    this.#outbox = []
    await this.#link.close(reason)
  }

  async #pump(): Promise<void> {
    // Whatever else is to be said in this tick goes out with it, newest first where that replaces something.
    await undefined
    try {
      for (let next = this.#outbox.shift(); next; next = this.#outbox.shift()) {
        await this.#encoded(next.message, (bytes) => this.#transmit(bytes))
        next.sent()
      }
    } catch (error) {
      // The iteration over the link ends too, and says why.
      this.#failure ??= error
      this.#outbox = []
      await this.#link.close(error as Error).catch(() => undefined)
    } finally {
      this.#pumping = undefined
    }
  }

  /** Has a message sent, and its memory used again after that. */
  async #encoded(message: Message | Part, send: (frame: Uint8Array) => Promise<void>): Promise<void> {
    let taken: Uint8Array | undefined
    const frame = encodeWire(message, (bytes) => {
      taken = this.#memory.take(bytes)
      return taken
    })
    await send(frame)
    // After a failure nobody knows who still reads it.
    if (taken) this.#memory.give(taken)
  }

  async #transmit(bytes: Uint8Array): Promise<void> {
    const { maxFrameBytes } = this.#link
    if (bytes.byteLength <= maxFrameBytes) return this.#sendFrame(bytes)
    const partBytes = Math.max(1, maxFrameBytes - PART_OVERHEAD_BYTES)
    for (let at = 0; at < bytes.byteLength; at += partBytes) {
      const last = at + partBytes >= bytes.byteLength
      const part: Part = { kind: 'part', bytes: bytes.subarray(at, at + partBytes), last }
      await this.#encoded(part, (frame) => this.#sendFrame(frame))
    }
  }

  async #sendFrame(frame: Uint8Array): Promise<void> {
    await this.#link.send(frame)
    this.#counts.bytesSent += frame.byteLength
  }
}

/** The newer one says it all, except for what was asked or answered: of questions the newest answer serves all before it. */
function replaced(before: Message, after: Message): Message {
  if (before.kind === 'ack' && after.kind === 'ack')
    return { ...after, question: Math.max(before.question, after.question) }
  if (before.kind === 'heartbeat' && after.kind === 'heartbeat')
    return { ...after, answer: Math.max(before.answer, after.answer) }
  return after
}

const REPLACEABLE: ReadonlySet<Message['kind']> = new Set(['ack', 'heartbeat'])
