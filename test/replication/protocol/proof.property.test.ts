import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { transcriptOf } from '../../../lib/replication/protocol/proof.js'
import { WIRE_MESSAGES } from './wire-arbitrary.js'

/** All that a transcript is of, in the order in which it is written. */
interface Conversation {
  readonly versions: readonly number[]
  readonly codecs: readonly string[]
  readonly replica: readonly [nodeId: string, clusterId: string, nonce: string]
  readonly names: readonly [keyId: string, role: string, instanceId: string]
  readonly numbers: readonly [replicaCodes: number, version: number, masterCodes: number]
  readonly master: readonly [codec: string, nodeId: string, clusterId: string, nonce: string]
  readonly binding: string
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

function transcript({
  versions,
  codecs,
  replica,
  names,
  numbers,
  master,
  binding,
}: Conversation): Uint8Array {
  const [keyId, role, instanceId] = names
  const [replicaCodes, version, masterCodes] = numbers
  const bytes = (text: string) => Buffer.from(text, 'hex')
  return transcriptOf(
    {
      ...{ kind: 'hello', versions, codecs, nodeId: replica[0], clusterId: replica[1] },
      ...{ nonce: bytes(replica[2]), keyId, role, instanceId, frameCodes: replicaCodes === 1 },
    },
    {
      ...{ version, codec: master[0], nodeId: master[1], clusterId: master[2] },
      ...{ nonce: bytes(master[3]), frameCodes: masterCodes === 1 },
    },
    bytes(binding),
  )
}

/** Reads a transcript back: what can be read back is of one conversation alone. */
function readBack(bytes: Uint8Array): Conversation {
  const buffer = Buffer.from(bytes)
  let at = 0
  const number = () => {
    at += 4
    return buffer.readUInt32LE(at - 4)
  }
  const item = () => {
    const length = number()
    at += length
    return buffer.subarray(at - length, at)
  }
  const text = () => item().toString()
  const sizedNumber = () => item().readUInt32LE(0)
  const list = <T>(read: () => T): T[] => Array.from({ length: number() }, read)
  const versions = list(sizedNumber)
  const codecs = list(text)
  const replica = [text(), text(), hex(item())] as const
  const names = [text(), text(), text()] as const
  const [replicaCodes, version] = [sizedNumber(), sizedNumber()]
  const master = [text(), text(), text(), hex(item())] as const
  const numbers = [replicaCodes, version, sizedNumber()] as const
  const binding = hex(item())
  expect(at).toBe(buffer.byteLength)
  return { versions, codecs, replica, names, numbers, master, binding }
}

const said: fc.Arbitrary<Conversation> = fc
  .record({
    hello: WIRE_MESSAGES.hello,
    challenge: WIRE_MESSAGES.challenge,
    binding: fc.uint8Array({ maxLength: 64 }),
  })
  .map(({ hello, challenge, binding }) => ({
    ...{ versions: [...hello.versions], codecs: [...hello.codecs] },
    replica: [hello.nodeId, hello.clusterId, hex(hello.nonce)],
    names: [hello.keyId, hello.role, hello.instanceId],
    numbers: [Number(hello.frameCodes), challenge.version, Number(challenge.frameCodes)],
    master: [challenge.codec, challenge.nodeId, challenge.clusterId, hex(challenge.nonce)],
    binding: hex(binding),
  }))

const TEXTS = 11

/** Cuts one text into the fields of a conversation: two cuts of the same text differ only in what belongs to which field. */
function cut(text: string, cuts: readonly number[]): Conversation {
  const places = [0, ...cuts.map((place) => place % (text.length + 1)).sort((a, b) => a - b), text.length]
  const texts = places.slice(1).map((end, index) => text.slice(places[index], end))
  const codecs = texts.slice(0, texts.length - TEXTS)
  const [nodeId, clusterId, nonce, keyId, role, instanceId, codec, masterId, masterCluster, answer, binding] =
    texts.slice(-TEXTS) as [
      string,
      string,
      string,
      string,
      string,
      string,
      string,
      string,
      string,
      string,
      string,
    ]
  const bytes = (field: string) => hex(Buffer.from(field))
  return {
    ...{
      versions: [1],
      codecs,
      replica: [nodeId, clusterId, bytes(nonce)],
      names: [keyId, role, instanceId],
    },
    ...{
      numbers: [0, 1, 0],
      master: [codec, masterId, masterCluster, bytes(answer)],
      binding: bytes(binding),
    },
  }
}

test('every conversation can be read back from its transcript, so that no two have the same', () => {
  fc.assert(
    fc.property(said, (conversation) => {
      expect(readBack(transcript(conversation))).toEqual(conversation)
    }),
    { numRuns: 500 },
  )
})

test('the same text, cut into fields at other places, has another transcript', () => {
  const text = fc.string({ unit: fc.constantFrom('\0', '\x01', '\x02', 'a'), maxLength: 8 })
  const cuts = fc.array(fc.nat(8), { minLength: TEXTS - 1, maxLength: TEXTS + 2 })
  fc.assert(
    fc.property(text, cuts, cuts, (whole, one, other) => {
      const [before, after] = [cut(whole, one), cut(whole, other)]
      expect(hex(transcript(before)) === hex(transcript(after))).toBe(isDeepStrictEqual(before, after))
    }),
    { numRuns: 3_000 },
  )
})

test('the same conversation has the same transcript, whoever makes it', () => {
  fc.assert(
    fc.property(said, (conversation) => {
      expect(hex(transcript(structuredClone(conversation)))).toBe(hex(transcript(conversation)))
    }),
  )
})
