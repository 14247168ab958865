/** What two nodes prove to each other at the beginning of a link: that they know the same secret, about this very conversation. */
import { createHash, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import type { Challenge, Hello } from './messages.js'

/** Who says something. */
export type Side = 'master' | 'replica'

const PROOF_BYTES = 32
const FRAME_KEY_BYTES = 32

/**
 * Everything that both sides said before the proofs, and what their connection is bound to, as bytes: whoever changes any of it on its
 * way, a nonce, a list of codecs, a name, gets proofs that fit nothing. Each text is preceded by its length and each list by its count, so
 * that two conversations never have the same bytes.
 *
 * @param channelBinding - what TLS exports for the connection, empty without
 */
export function transcriptOf(
  hello: Hello,
  challenge: Omit<Challenge, 'kind' | 'proof'>,
  channelBinding: Uint8Array,
): Uint8Array {
  return Buffer.concat([
    ...list(hello.versions.map(number)),
    ...list(hello.codecs.map(text)),
    ...sized(text(hello.nodeId)),
    ...sized(text(hello.clusterId)),
    ...sized(hello.nonce),
    ...sized(text(hello.keyId)),
    ...sized(text(hello.role)),
    ...sized(text(hello.instanceId)),
    ...sized(number(hello.frameCodes ? 1 : 0)),
    ...sized(number(challenge.version)),
    ...sized(text(challenge.codec)),
    ...sized(text(challenge.nodeId)),
    ...sized(text(challenge.clusterId)),
    ...sized(challenge.nonce),
    ...sized(number(challenge.frameCodes ? 1 : 0)),
    ...sized(channelBinding),
  ])
}

/** HMAC-SHA-256 (RFC 2104) of who proves and of the transcript. The label keeps one side's proof from being sent back as the other's. */
export function proofOf(key: Uint8Array, side: Side, transcript: Uint8Array): Uint8Array {
  return createHmac('sha256', key).update(`replivec proof of the ${side}\0`).update(transcript).digest()
}

/** Whether a proof is the one that was expected, in a time that does not depend on how much of it is right. */
export function isProof(expected: Uint8Array, given: Uint8Array): boolean {
  return given.byteLength === PROOF_BYTES && timingSafeEqual(expected, given)
}

/** The key of the codes on the frames of one side, of this conversation alone: HKDF-SHA-256 (RFC 5869). */
export function frameKeyOf(key: Uint8Array, side: Side, transcript: Uint8Array): Uint8Array {
  const salt = createHash('sha256').update(transcript).digest()
  return new Uint8Array(hkdfSync('sha256', key, salt, `replivec frames of the ${side}`, FRAME_KEY_BYTES))
}

function list(items: readonly Uint8Array[]): Uint8Array[] {
  return [number(items.length), ...items.flatMap(sized)]
}

function sized(bytes: Uint8Array): [Uint8Array, Uint8Array] {
  return [number(bytes.byteLength), bytes]
}

function text(value: string): Uint8Array {
  return Buffer.from(value)
}

function number(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value, true)
  return bytes
}
