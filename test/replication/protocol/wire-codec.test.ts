import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EPOCH_ROWS_MAX } from '../../../lib/log/epoch-table.js'
import { ReplivecError } from '../../../lib/errors.js'
import type { Message, WireMessage } from '../../../lib/replication/protocol/messages.js'
import { decodeWire, encodeWire } from '../../../lib/replication/protocol/wire-codec.js'
import { SAMPLES } from './scenario-nodes.js'
import { WIRE_MESSAGES } from './wire-arbitrary.js'

const hello = { ...SAMPLES.hello }

/** Bytes come back as they are, whatever class they are of. */
function plain(message: WireMessage): object {
  return Object.fromEntries(
    Object.entries(message).map(([key, value]) => [key, value instanceof Uint8Array ? [...value] : value]),
  )
}

/** What is wrong, in the error's own words. */
function reasonOf(bytes: Uint8Array): unknown {
  try {
    decodeWire(bytes)
  } catch (error) {
    if (ReplivecError.is(error, 'PROTOCOL_VIOLATED')) return error.details.reason
    throw error
  }
  return undefined
}

describe('what is encoded is decoded again', () => {
  test.each(Object.entries(WIRE_MESSAGES))('%s', (_kind, arbitrary) => {
    fc.assert(
      fc.property(arbitrary, (message: Message) => {
        expect(plain(decodeWire(encodeWire(message)))).toEqual(plain(message))
      }),
      { numRuns: 200 },
    )
  })

  test('a message that carries much, in memory of the caller that is longer and full of something else', () => {
    const frames = Uint8Array.from({ length: 70_000 }, (_, at) => at % 251)
    const messages: WireMessage[] = [
      { ...SAMPLES.operations, frames },
      { ...SAMPLES['snapshot-piece'], bytes: frames },
      { kind: 'part', bytes: frames, last: true },
    ]
    for (const message of messages) {
      const memory = new Uint8Array(200_000).fill(0xee)
      const frame = encodeWire(message, () => memory)
      expect([frame.buffer === memory.buffer, frame.byteOffset]).toEqual([true, 0])
      expect(plain(decodeWire(frame))).toEqual(plain(message))
    }
  })

  test('part', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.boolean(), (bytes, last) => {
        expect(plain(decodeWire(encodeWire({ kind: 'part', bytes, last })))).toEqual(
          plain({ kind: 'part', bytes, last }),
        )
      }),
    )
  })

  test('the largest whole number, and every table that a node may have', () => {
    const { MAX_SAFE_INTEGER } = Number
    const last = { epoch: MAX_SAFE_INTEGER, seq: MAX_SAFE_INTEGER }
    const epochs = Array.from({ length: EPOCH_ROWS_MAX }, (_, at) => ({
      ...{ epoch: MAX_SAFE_INTEGER - at, nodeId: 'n'.repeat(256), firstSeq: at },
    }))
    const place: Message = { ...SAMPLES.place, last, epochs }
    expect(decodeWire(encodeWire(place))).toEqual(place)
  })
})

describe('what a later version adds', () => {
  test('is passed over as a field, inside a kind and beside it', () => {
    const bytes = Buffer.concat([
      encodeWire(SAMPLES.ack),
      // Field 200, a varint; field 201, bytes; field 202, 8 bytes; field 203, 4 bytes.
      Buffer.from('c00c05', 'hex'),
      Buffer.from('ca0c03616263', 'hex'),
      Buffer.from('d10c0000000000000000', 'hex'),
      Buffer.from('dd0c00000000', 'hex'),
    ])
    expect(decodeWire(bytes)).toEqual(SAMPLES.ack)
    const inside = Buffer.concat([
      Buffer.from([8 * 7 + 2, 5]),
      Buffer.from([8, 9]),
      Buffer.from('c00c05', 'hex'),
    ])
    expect(decodeWire(inside)).toEqual({ ...SAMPLES.ack, receivedSeq: 9 })
  })

  test('is refused as a kind', () => {
    expect(reasonOf(Buffer.from([8 * 14 + 2, 0]))).toBe('it is of a kind that this version does not know')
    expect(reasonOf(new Uint8Array(0))).toBe('it is of a kind that this version does not know')
  })
})

describe('what no node says is refused', () => {
  test('two kinds in one message, and one kind twice', () => {
    const two = Buffer.concat([encodeWire(SAMPLES.ack), encodeWire(SAMPLES.heartbeat)])
    expect(reasonOf(two)).toBe('it is of two kinds')
    expect(reasonOf(Buffer.concat([encodeWire(SAMPLES.ack), encodeWire(SAMPLES.ack)]))).toBe(
      'it is of two kinds',
    )
  })

  test('names, nonces and lists that are too long, and nodes without an id', () => {
    const long = 'ä'.repeat(129)
    expect(reasonOf(encodeWire({ ...hello, clusterId: long }))).toBe('a name is too long')
    expect(reasonOf(encodeWire({ ...hello, codecs: [long] }))).toBe('a name is too long')
    expect(reasonOf(encodeWire({ ...SAMPLES.refusal, reason: long }))).toBe('a name is too long')
    expect(reasonOf(encodeWire({ ...SAMPLES.place, historyId: long }))).toBe('a name is too long')
    const parent = { historyId: long, epoch: 1, seq: 1 }
    expect(reasonOf(encodeWire({ ...SAMPLES.welcome, parent }))).toBe('a name is too long')
    const epochs = [{ epoch: 1, nodeId: long, firstSeq: 1 }]
    expect(reasonOf(encodeWire({ ...SAMPLES.welcome, epochs }))).toBe('a name is too long')
    expect(reasonOf(encodeWire({ ...hello, nonce: new Uint8Array(65) }))).toBe(
      'a nonce or a proof is too long',
    )
    expect(reasonOf(encodeWire({ kind: 'proof', proof: new Uint8Array(65) }))).toBe(
      'a nonce or a proof is too long',
    )
    expect(reasonOf(encodeWire({ ...hello, versions: Array(65).fill(1) }))).toBe('a list is too long')
    expect(reasonOf(encodeWire({ ...hello, codecs: Array(65).fill('') }))).toBe('a list is too long')
    for (const nodeId of ['', 'a b', 'a\nb', 'ä', 'a/b', 'x'.repeat(129)]) {
      expect(reasonOf(encodeWire({ ...hello, nodeId }))).toBe('a node without an id')
      expect(reasonOf(encodeWire({ ...SAMPLES.challenge, nodeId }))).toBe('a node without an id')
    }
    expect(reasonOf(encodeWire({ ...hello, instanceId: '' }))).toBe('a node without an id')
    for (const name of ['a\nb', '\u001b[31m', 'a\u2028b', '\u0085', '\0']) {
      const reason = 'a name has control characters'
      expect(reasonOf(encodeWire({ ...SAMPLES.refusal, reason: name }))).toBe(reason)
      expect(reasonOf(encodeWire({ ...SAMPLES.challenge, codec: name }))).toBe(reason)
      expect(reasonOf(encodeWire({ ...hello, keyId: name }))).toBe(reason)
      const epochs = [{ epoch: 1, nodeId: name, firstSeq: 1 }]
      expect(reasonOf(encodeWire({ ...SAMPLES.place, epochs }))).toBe(reason)
    }
    const rows = Array(EPOCH_ROWS_MAX + 1).fill({ epoch: 1, nodeId: '', firstSeq: 1 })
    expect(reasonOf(encodeWire({ ...SAMPLES.place, epochs: rows }))).toBe('its table of epochs is too long')
  })

  test('numbers beyond 2^53 − 1', () => {
    // Field 2 of an Ack as a varint of 2^53.
    const bytes = Buffer.from([8 * 7 + 2, 9, 16, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10])
    expect(reasonOf(bytes)).toBe('its bytes are no message')
  })

  test('text that is no text', () => {
    const bytes = Buffer.from([8 * 11 + 2, 4, 8 + 2, 2, 0xff, 0xfe])
    expect(reasonOf(bytes)).toBe('its bytes are no message')
  })

  test('a refusal says at most 2000 characters', () => {
    const message = decodeWire(encodeWire({ ...SAMPLES.refusal, message: 'x'.repeat(3_000) }))
    expect(message).toMatchObject({ message: 'x'.repeat(2_000) })
  })
})

describe('what would cost too much is refused before it is decoded', () => {
  /** A field of bytes: its tag, its length, what is in it. */
  function field(number: number, content: Uint8Array): Uint8Array {
    const length: number[] = []
    let left = content.byteLength
    for (; left >= 0x80; left = Math.floor(left / 128)) length.push((left % 128) | 0x80)
    return Buffer.concat([Buffer.from([8 * number + 2, ...length, left]), content])
  }

  test('a hello with a list of two million versions, in a message of 2 MiB', () => {
    const bytes = field(1, field(1, new Uint8Array(2 * 1024 * 1024).fill(1)))
    const before = process.memoryUsage().heapUsed
    expect(reasonOf(bytes)).toBe('more than 1048576 bytes that are no data')
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(8 * 1024 * 1024)
  })

  test('the same hidden behind a batch, and unknown fields without end', () => {
    const bomb = field(1, new Uint8Array(2 * 1024 * 1024).fill(1))
    expect(reasonOf(Buffer.concat([encodeWire(SAMPLES.operations), field(1, bomb)]))).toBe(
      'it is of two kinds',
    )
    const rest = Buffer.alloc(3 * 1024 * 1024, Buffer.from('c2c00100', 'hex'))
    expect(reasonOf(Buffer.concat([encodeWire(SAMPLES.ack), rest]))).toBe(
      'more than 1048576 bytes that are no data',
    )
  })

  test('a batch of a million fields', () => {
    const bytes = field(6, Buffer.alloc(2 * 1024 * 1024, Buffer.from([8 * 7 + 2, 0])))
    expect(reasonOf(bytes)).toBe('it has too many fields')
  })

  test('a length that goes beyond the end, however large', () => {
    for (const length of ['05', 'ffffffff0f', 'ffffffffffffffff7f', '8080808010']) {
      expect(reasonOf(Buffer.from(`32${length}00`, 'hex')), length).toBe('it is cut short')
      // The same inside of a kind.
      const inside = Buffer.from(`3a${length}00`, 'hex')
      expect(reasonOf(field(6, inside)), length).toBe('it is cut short')
    }
  })

  test('a batch of 64 MiB passes, and is not copied', () => {
    const frames = new Uint8Array(64 * 1024 * 1024)
    const bytes = encodeWire({ ...SAMPLES.operations, frames })
    const decoded = decodeWire(bytes) as Message & { kind: 'operations' }
    expect(decoded.frames.byteLength).toBe(frames.byteLength)
    expect(decoded.frames.buffer).toBe(bytes.buffer)
  })
})
