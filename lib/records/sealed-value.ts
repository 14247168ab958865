import { crc32 } from 'node:zlib'
import { ReplivecError } from '../errors.js'

const SEAL_BYTES = 4

/** A value as stored: CRC-32 over its key and its payload, then the payload. A value under a wrong key is damage too. */
export function sealValue(key: Uint8Array, payload: Uint8Array): Uint8Array {
  const value = Buffer.allocUnsafe(SEAL_BYTES + payload.byteLength)
  value.set(payload, SEAL_BYTES)
  value.writeUInt32LE(crc32(payload, crc32(key)), 0)
  return value
}

/** Seals a value whose payload already stands behind four bytes of room. */
export function sealInPlace(key: Uint8Array, value: Uint8Array): Uint8Array {
  const crc = crc32(value.subarray(SEAL_BYTES), crc32(key))
  new DataView(value.buffer, value.byteOffset).setUint32(0, crc, true)
  return value
}

/** The payload of a stored value, checked. A view of `value`. */
export function openValue(key: Uint8Array, value: Uint8Array): Uint8Array {
  if (value.byteLength >= SEAL_BYTES) {
    const payload = value.subarray(SEAL_BYTES)
    const crc = new DataView(value.buffer, value.byteOffset, value.byteLength).getUint32(0, true)
    if (crc === crc32(payload, crc32(key))) return payload
  }
  throw recordsDamaged(`the value under key ${Buffer.from(key).toString('hex')} fails its checksum`, {
    key: Buffer.from(key).toString('hex'),
  })
}

export function recordsDamaged(
  reason: string,
  details: Readonly<Record<string, unknown>>,
  cause?: unknown,
): ReplivecError {
  return new ReplivecError(
    'RECORDS_DAMAGED',
    `The record store is damaged: ${reason}. Run verify() for a full report, then restore from a backup or a replica.`,
    { cause, details: { reason, ...details } },
  )
}
