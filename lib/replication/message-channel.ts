import { ReplivecError } from '../errors.js'
import type { Compressor } from './compression/compressor.js'
import type { Decompressor } from './compression/decompressor.js'
import { FRAME_CODE_BYTES, FrameCode } from './frame-code.js'
import { FrameMemory } from './frame-memory.js'
import type { Link } from './link.js'
import { UNPROVED_MESSAGE_BYTES_MAX } from './protocol/message-limits.js'
import type { Message, Packed, Part, WireMessage } from './protocol/messages.js'
import { MessageParts } from './message-parts.js'
import { decodeWire, encodeWire } from './protocol/wire-codec.js'
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
  readonly sent: (bytes: number) => void
  /** What its frames are authenticated with; it was queued after that was agreed on. */
  readonly code: FrameCode | undefined
}

/**
 * Messages over a link: encoded and decoded, counted, cut into parts where a frame of the link is too small for one, and put
 * together again.
 */
export class MessageChannel {
  readonly #link: Link
  readonly #counts: ByteCounts
  readonly #heard: () => void
  readonly #memory: FrameMemory
  /** Of the message that is coming, and how large that may be. */
  readonly #parts = new MessageParts(UNPROVED_MESSAGE_BYTES_MAX)
  #outbox: Outgoing[] = []
  #pumping: Promise<void> | undefined
  #failure: unknown
  #sentCode: FrameCode | undefined
  #receivedCode: FrameCode | undefined
  #compressor: Compressor | undefined
  #decompressor: Decompressor | undefined

  /**
   * @param heard - called with every part of a message that is not whole yet: over a slow link that is all there is for long
   * @param memory - for what is sent
   */
  constructor(link: Link, counts: ByteCounts, heard: () => void = () => {}, memory = new FrameMemory()) {
    this.#link = link
    this.#counts = counts
    this.#heard = heard
    this.#memory = memory
  }

  /** A message that comes may have so many bytes from now on; at first it is what somebody may say who has proved nothing. */
  limitReceived(messageBytesMax: number): void {
    this.#parts.maxBytes = messageBytesMax
  }

  /** Every frame of what is sent from now on carries an authentication code. */
  protectSent(frameKey: Uint8Array): void {
    this.#sentCode = new FrameCode(frameKey)
  }

  /** Every frame that is read from now on has to carry the right authentication code. */
  protectReceived(frameKey: Uint8Array): void {
    this.#receivedCode = new FrameCode(frameKey)
  }

  /** What carries much is compressed from now on. */
  compressSent(compressor: Compressor): void {
    this.#compressor = compressor
  }

  /** What comes from now on may be compressed. */
  decompressReceived(decompressor: Decompressor): void {
    this.#decompressor = decompressor
  }

  /**
   * Queues a message. Of acknowledgements and heartbeats that wait only the newest is sent, at its own place: the others say
   * nothing more, and what it says is true only after everything that waits before it.
   *
   * @param sent - called once the link took it, with the bytes of its frames
   */
  send(message: Message, sent: (bytes: number) => void = () => {}): void {
    if (this.#failure !== undefined) return
    let newest = message
    if (REPLACEABLE.has(message.kind)) {
      const waiting = this.#outbox.find((outgoing) => outgoing.message.kind === message.kind)
      if (waiting) newest = replaced(waiting.message, message)
      this.#outbox = this.#outbox.filter((outgoing) => outgoing !== waiting)
    }
    this.#outbox.push({ message: newest, sent, code: this.#sentCode })
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
    const parts = this.#parts
    for await (const frame of this.#link) {
      this.#counts.bytesReceived += frame.byteLength
      const codeBytes = this.#receivedCode ? FRAME_CODE_BYTES : 0
      if (frame.byteLength > parts.maxBytes + codeBytes)
        throw violated(`a frame of ${frame.byteLength} bytes`)
      let message: WireMessage = decodeWire(this.#receivedCode?.opened(frame) ?? frame)
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
      yield message.kind === 'packed' ? await this.#unpacked(message) : message
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
        const { code } = next
        const before = this.#counts.bytesSent
        const message = this.#compressor ? await packed(this.#compressor, next.message) : next.message
        await this.#encoded(message, (encoded) => this.#transmit(encoded, code))
        next.sent(this.#counts.bytesSent - before)
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

  async #unpacked(packed: Packed): Promise<Message> {
    if (!this.#decompressor) throw violated('a compressed message, and no codec was agreed on')
    const message = decodeWire(await this.#decompressor.unpacked(packed))
    if (message.kind !== 'operations' && message.kind !== 'snapshot-piece')
      throw violated(`a compressed ${message.kind}`)
    return message
  }

  /** Has a message sent, and its memory used again after that. */
  async #encoded(message: WireMessage, send: (encoded: Encoded) => Promise<void>): Promise<void> {
    let memory: Uint8Array | undefined
    const bytes = encodeWire(message, (length) => {
      memory = this.#memory.take(length + FRAME_CODE_BYTES)
      return memory
    })
    await send({ bytes, memory })
    // After a failure nobody knows who still reads it.
    if (memory) this.#memory.give(memory)
  }

  async #transmit(encoded: Encoded, code: FrameCode | undefined): Promise<void> {
    const { bytes } = encoded
    const contentBytesMax = this.#link.maxFrameBytes - (code ? FRAME_CODE_BYTES : 0)
    if (bytes.byteLength <= contentBytesMax) return this.#sendFrame(encoded, code)
    const partBytes = Math.max(1, contentBytesMax - PART_OVERHEAD_BYTES)
    for (let at = 0; at < bytes.byteLength; at += partBytes) {
      const last = at + partBytes >= bytes.byteLength
      const part: Part = { kind: 'part', bytes: bytes.subarray(at, at + partBytes), last }
      await this.#encoded(part, (frame) => this.#sendFrame(frame, code))
    }
  }

  async #sendFrame(encoded: Encoded, code: FrameCode | undefined): Promise<void> {
    const frame = code ? coded(encoded, code) : encoded.bytes
    const send = (): Promise<void> => this.#link.send(frame)
    await (this.#compressor ? this.#compressor.watched(frame.byteLength, send) : send())
    this.#counts.bytesSent += frame.byteLength
  }
}

/** What was encoded, and the memory it begins in, which has room for a code behind it. */
interface Encoded {
  readonly bytes: Uint8Array
  readonly memory: Uint8Array | undefined
}

function coded({ bytes, memory }: Encoded, code: FrameCode): Uint8Array {
  const length = bytes.byteLength + FRAME_CODE_BYTES
  const frame = memory ? memory.subarray(0, length) : Buffer.concat([bytes], length)
  frame.set(code.next(bytes), bytes.byteLength)
  return new Uint8Array(frame.buffer, frame.byteOffset, length)
}

async function packed(compressor: Compressor, message: Message): Promise<WireMessage> {
  if (message.kind !== 'operations' && message.kind !== 'snapshot-piece') return message
  return (await compressor.packed(message)) ?? message
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
