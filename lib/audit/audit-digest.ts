import { createHash, createHmac } from 'node:crypto'

/** Digits of a name for a key: enough to tell keys apart, and nothing of the key itself. */
const KEY_ID_DIGITS = 16

/** How the entries of one audit log are chained: by SHA-256, which everybody can compute, or by HMAC-SHA-256 with a key. */
export class AuditDigest {
  readonly #key: string | undefined
  /** A name for the key; null without one. */
  readonly keyId: string | null

  constructor(key: string | undefined) {
    this.#key = key
    this.keyId = key === undefined ? null : this.of('replivec audit key').slice(0, KEY_ID_DIGITS)
  }

  /** 64 hexadecimal digits. */
  of(bytes: Uint8Array | string): string {
    const hash = this.#key === undefined ? createHash('sha256') : createHmac('sha256', this.#key)
    return hash.update(bytes).digest('hex')
  }

  /** What stands before the first entry: another value for every store, so that no log passes for that of another. */
  origin(nodeId: string, historyId: string): string {
    return this.of(`replivec audit 1\n${nodeId}\n${historyId}\n`)
  }
}
