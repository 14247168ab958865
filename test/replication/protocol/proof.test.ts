import { createHash, createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Challenge, Hello } from '../../../lib/replication/protocol/messages.js'
import {
  frameKeyOf,
  isProof,
  proofOf,
  type Side,
  transcriptOf,
} from '../../../lib/replication/protocol/proof.js'

const hello: Hello = {
  ...{ kind: 'hello', versions: [1, 0x01020304], codecs: ['zstd', 'é'], nodeId: 'node-b' },
  ...{ clusterId: 'cluster', nonce: Uint8Array.from({ length: 16 }, (_, at) => at) },
  ...{ keyId: 'default', role: 'replica', instanceId: 'instance-1', frameCodes: true },
}
const challenge: Challenge = {
  ...{ kind: 'challenge', version: 1, codec: '', nodeId: 'node-a', clusterId: 'cluster' },
  ...{
    nonce: Uint8Array.from({ length: 16 }, (_, at) => 16 + at),
    proof: new Uint8Array(0),
    frameCodes: true,
  },
}
const channelBinding = new Uint8Array(8).fill(0xbb)
const key = Buffer.from('correct horse battery staple')
const transcript = transcriptOf(hello, challenge, channelBinding)

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const hmac = (secret: Uint8Array, ...parts: (Uint8Array | string)[]) =>
  parts.reduce((code, part) => code.update(part), createHmac('sha256', secret)).digest()

/** The same bytes, written from the format and not by the code. */
const written = Buffer.concat(
  [
    ...['02000000', '04000000', '01000000', '04000000', '04030201'],
    ...['02000000', '04000000', '7a737464', '02000000', 'c3a9'],
    ...['06000000', '6e6f64652d62', '07000000', '636c7573746572'],
    ...['10000000', '000102030405060708090a0b0c0d0e0f', '07000000', '64656661756c74'],
    ...['07000000', '7265706c696361', '0a000000', '696e7374616e63652d31', '04000000', '01000000'],
    ...['04000000', '01000000', '00000000', '06000000', '6e6f64652d61', '07000000', '636c7573746572'],
    ...['10000000', '101112131415161718191a1b1c1d1e1f', '04000000', '01000000'],
    ...['08000000', 'bbbbbbbbbbbbbbbb'],
  ].map((part) => Buffer.from(part, 'hex')),
)

describe('what was said, as bytes', () => {
  test('is every field in its order, each with its length and each list with its count', () => {
    expect(hex(transcript)).toBe(hex(written))
  })

  test('is of no bytes but lengths and counts where everything is empty', () => {
    const nobody: Hello = {
      ...{ kind: 'hello', versions: [], codecs: [], nodeId: '', clusterId: '', nonce: new Uint8Array(0) },
      ...{ keyId: '', role: '', instanceId: '', frameCodes: false },
    }
    const nothing: Challenge = {
      ...{ kind: 'challenge', version: 0, codec: '', nodeId: '', clusterId: '', nonce: new Uint8Array(0) },
      ...{ proof: new Uint8Array(0), frameCodes: false },
    }
    const numbers = ['frameCodes', 'version', 'frameCodes'].map(() => '0400000000000000')
    const none = '00000000'
    expect(hex(transcriptOf(nobody, nothing, new Uint8Array(0)))).toBe(
      none.repeat(8) + numbers[0] + numbers[1] + none.repeat(4) + numbers[2] + none,
    )
  })

  test('leaves out the proof of the master, which is made of it', () => {
    const proved = { ...challenge, proof: new Uint8Array(32).fill(7) }
    expect(hex(transcriptOf(hello, proved, channelBinding))).toBe(hex(transcript))
  })

  test.each<[string, Partial<Hello>, Partial<Challenge>, Uint8Array]>([
    ['the versions of the replica', { versions: [1] }, {}, channelBinding],
    ['the order of its versions', { versions: [0x01020304, 1] }, {}, channelBinding],
    ['the highest byte of a version', { versions: [1, 0x81020304] }, {}, channelBinding],
    ['its codecs', { codecs: ['zstd'] }, {}, channelBinding],
    ['the order of its codecs', { codecs: ['é', 'zstd'] }, {}, channelBinding],
    ['the text of a codec', { codecs: ['zstd', 'e'] }, {}, channelBinding],
    ['an empty codec more', { codecs: ['zstd', 'é', ''] }, {}, channelBinding],
    ['its node id', { nodeId: 'node-c' }, {}, channelBinding],
    ['its cluster', { clusterId: 'Cluster' }, {}, channelBinding],
    ['its nonce', { nonce: new Uint8Array(16) }, {}, channelBinding],
    ['the length of its nonce', { nonce: hello.nonce.subarray(1) }, {}, channelBinding],
    ['the id of its key', { keyId: '' }, {}, channelBinding],
    ['its role', { role: 'master' }, {}, channelBinding],
    ['its instance', { instanceId: 'instance-2' }, {}, channelBinding],
    ['whether it wants codes on frames', { frameCodes: false }, {}, channelBinding],
    ['the version that the master chose', {}, { version: 2 }, channelBinding],
    ['the codec that it chose', {}, { codec: 'zstd' }, channelBinding],
    ['the node id of the master', {}, { nodeId: 'node-b' }, channelBinding],
    ['the cluster of the master', {}, { clusterId: '' }, channelBinding],
    ['the nonce of the master', {}, { nonce: hello.nonce }, channelBinding],
    ['whether the master puts codes on frames', {}, { frameCodes: false }, channelBinding],
    ['what the connection is bound to', {}, {}, new Uint8Array(8)],
    ['that it is bound to something', {}, {}, new Uint8Array(0)],
  ])('changes with %s, and no proof or frame key fits both', (_what, otherHello, otherChallenge, binding) => {
    const other = transcriptOf({ ...hello, ...otherHello }, { ...challenge, ...otherChallenge }, binding)
    expect(hex(other)).not.toBe(hex(transcript))
    for (const side of ['master', 'replica'] as const) {
      expect(isProof(proofOf(key, side, transcript), proofOf(key, side, other))).toBe(false)
      expect(hex(frameKeyOf(key, side, other))).not.toBe(hex(frameKeyOf(key, side, transcript)))
    }
  })

  test.each<[string, [Partial<Hello>, Partial<Challenge>], [Partial<Hello>, Partial<Challenge>]]>([
    [
      'from the node id to the cluster',
      [{ nodeId: 'ab', clusterId: 'c' }, {}],
      [{ nodeId: 'a', clusterId: 'bc' }, {}],
    ],
    [
      'from the last codec to the node id',
      [{ codecs: ['xy'] }, {}],
      [{ codecs: ['x'], nodeId: 'ynode-b' }, {}],
    ],
    ['from one codec to the next', [{ codecs: ['xy', 'z'] }, {}], [{ codecs: ['x', 'yz'] }, {}]],
    ['that was two codecs into one', [{ codecs: ['x', 'y'] }, {}], [{ codecs: ['xy'] }, {}]],
    [
      'from a version to a codec',
      [{ versions: [0x61616161], codecs: [] }, {}],
      [{ versions: [], codecs: ['aaaa'] }, {}],
    ],
    [
      'from the replica to the master',
      [{ nodeId: 'a' }, { nodeId: 'b' }],
      [{ nodeId: 'b' }, { nodeId: 'a' }],
    ],
    [
      'from one nonce to the other',
      [{ nonce: hello.nonce }, { nonce: challenge.nonce }],
      [{ nonce: challenge.nonce }, { nonce: hello.nonce }],
    ],
    ['from one switch to the other', [{ frameCodes: false }, {}], [{}, { frameCodes: false }]],
    [
      'with a length in it',
      [{ keyId: 'a\x07\0\0\0replica', role: '' }, {}],
      [{ keyId: 'a', role: 'replica\0\0\0\0' }, {}],
    ],
  ])(
    'changes with text that moves %s',
    (_where, [helloBefore, challengeBefore], [helloAfter, challengeAfter]) => {
      const said = (a: Partial<Hello>, b: Partial<Challenge>) =>
        hex(transcriptOf({ ...hello, ...a }, { ...challenge, ...b }, channelBinding))
      expect(said(helloAfter, challengeAfter)).not.toBe(said(helloBefore, challengeBefore))
    },
  )
})

describe('a proof', () => {
  test.each<[Side, string]>([
    ['master', '04faf9a675f1988f3744db74821a1570333ebbd4a23b6af8cdea95b845338ed8'],
    ['replica', 'f7eafe7e9aedc7da87c07505ca900fe48393affde6b11a0f18ebf4c252a25775'],
  ])('of the %s is the HMAC of who proves and of what was said', (side, known) => {
    expect(hex(proofOf(key, side, transcript))).toBe(known)
    expect(hex(hmac(key, `replivec proof of the ${side}`, Buffer.of(0), written))).toBe(known)
  })

  test('of one side is not that of the other, and of another secret it is another', () => {
    const expected = proofOf(key, 'replica', transcript)
    expect(isProof(expected, proofOf(key, 'replica', transcript))).toBe(true)
    expect(isProof(expected, proofOf(key, 'master', transcript))).toBe(false)
    expect(
      isProof(expected, proofOf(Buffer.from('correct horse battery stapler'), 'replica', transcript)),
    ).toBe(false)
  })

  test.each([0, 1, 16, 31, 33, 64])('of %i bytes is none, and nothing is thrown', (length) => {
    const expected = proofOf(key, 'master', transcript)
    const given = new Uint8Array(length)
    given.set(expected.subarray(0, length))
    expect(isProof(expected, given)).toBe(false)
  })

  test('with any bit changed is none', () => {
    const expected = proofOf(key, 'master', transcript)
    const taken = Array.from({ length: 8 * 32 }, (_, bit) => {
      const given = Uint8Array.from(expected)
      given[bit >> 3] = (given[bit >> 3] as number) ^ (1 << (bit & 7))
      return isProof(expected, given)
    })
    expect(taken).toEqual(Array<boolean>(256).fill(false))
  })

  test('is read where it lies: in the middle of a frame too', () => {
    const expected = proofOf(key, 'master', transcript)
    const frame = Buffer.concat([Buffer.from('before'), expected, Buffer.from('after')])
    expect(isProof(expected, frame.subarray(6, 38))).toBe(true)
    expect(isProof(expected, frame.subarray(5, 37))).toBe(false)
  })
})

describe('a frame key', () => {
  test.each<[Side, string]>([
    ['master', '4201b925bcda9ee6fb3a4cef14a3b39a9fef0a5dfe3e5080282facf64572f83d'],
    ['replica', 'b65ddd2bfe3b1254a7b662598a4abb9a6276183262933ef8999fe87f02238d50'],
  ])('of the %s is HKDF of the secret, salted with what was said', (side, known) => {
    const salt = hashOf(written)
    // RFC 5869: extract, then the first and only block of expand.
    const block = hmac(hmac(salt, key), `replivec frames of the ${side}`, Buffer.of(1))
    expect(hex(block)).toBe(known)
    expect(hex(frameKeyOf(key, side, transcript))).toBe(known)
  })

  test('differs by side, by conversation and by secret, and is no proof', () => {
    const other = transcriptOf({ ...hello, nonce: new Uint8Array(16) }, challenge, channelBinding)
    const keys = [key, Buffer.from('another secret')].flatMap((secret) =>
      [transcript, other].flatMap((said) =>
        (['master', 'replica'] as const).flatMap((side) => [
          frameKeyOf(secret, side, said),
          proofOf(secret, side, said),
        ]),
      ),
    )
    expect(new Set(keys.map(hex)).size).toBe(16)
    expect(keys.map(({ byteLength }) => byteLength)).toEqual(Array<number>(16).fill(32))
  })
})

function hashOf(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest()
}
