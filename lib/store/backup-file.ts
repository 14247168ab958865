import { createHash, type Hash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { ReplivecError } from '../errors.js'
import { decodeMessage, encodeMessage } from '../log/codec.js'
import { replivec } from '../log/schema.js'
import type { KeyValueEntry } from '../records/key-value.js'
import type { OpenFile } from '../runtime/files.js'

/** The one file of a backup. */
export const BACKUP_NAME = 'store.backup'

/**
 * A backup file: a preamble like a log segment's, chunks of entries of the record store, and a trailer.
 *
 * ```
 * "RVBK" | u32 format | u32 header length | u32 CRC-32 of the twelve bytes before and the header | BackupHeader
 * chunk: u32 body length | u32 CRC-32 of the length field, the chunk's number (u32) and the body | body
 * body:  (u16 key length | u32 value length | key | value) …
 * end:   u32 0 | SHA-256 of everything before
 * ```
 */
const FORMAT = 1
const MAGIC = 'RVBK'
const PREAMBLE_BYTES = 16
const CHUNK_BYTES = 1024 * 1024
const CHUNK_BYTES_MAX = 16 * 1024 * 1024
const DIGEST_BYTES = 32

export type BackupHeader = replivec.v1.BackupHeader

/** Writes a backup from its first byte to its last. */
export class BackupWriter {
  readonly #file: OpenFile
  readonly #hash = createHash('sha256')
  #offset = 0
  #chunks = 0
  #parts: Uint8Array[] = []
  #partBytes = 0

  constructor(file: OpenFile) {
    this.#file = file
  }

  get bytes(): number {
    return this.#offset
  }

  async begin(header: replivec.v1.BackupHeader.$Properties): Promise<void> {
    const bytes = Buffer.from(encodeMessage(replivec.v1.BackupHeader, header, PREAMBLE_BYTES))
    bytes.write(MAGIC, 0, 'latin1')
    bytes.writeUInt32LE(FORMAT, 4)
    bytes.writeUInt32LE(bytes.byteLength - PREAMBLE_BYTES, 8)
    bytes.writeUInt32LE(crc32(bytes.subarray(PREAMBLE_BYTES), crc32(bytes.subarray(0, 12))), 12)
    await this.#write(bytes)
  }

  /** Adds an entry; a promise when a chunk is full and has to be written. */
  add({ key, value }: KeyValueEntry): Promise<void> | undefined {
    const head = Buffer.allocUnsafe(6)
    head.writeUInt16LE(key.byteLength, 0)
    head.writeUInt32LE(value.byteLength, 2)
    const entry = Buffer.concat([head, key, value])
    this.#parts.push(entry)
    this.#partBytes += entry.byteLength
    return this.#partBytes < CHUNK_BYTES ? undefined : this.#flush()
  }

  /** Writes the rest and the trailer, and syncs. */
  async finish(): Promise<void> {
    if (this.#partBytes > 0) await this.#flush()
    await this.#write(Buffer.alloc(4))
    const digest = this.#hash.digest()
    await this.#file.write(digest, this.#offset)
    this.#offset += digest.byteLength
    await this.#file.sync()
  }

  async #flush(): Promise<void> {
    const chunk = Buffer.concat([Buffer.alloc(8), ...this.#parts])
    this.#parts = []
    this.#partBytes = 0
    chunk.writeUInt32LE(chunk.byteLength - 8, 0)
    chunk.writeUInt32LE(chunkCrc(chunk.subarray(0, 4), this.#chunks, chunk.subarray(8)), 4)
    this.#chunks += 1
    await this.#write(chunk)
  }

  async #write(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes)
    await this.#file.write(bytes, this.#offset)
    this.#offset += bytes.byteLength
  }
}

/** Reads a backup from its first byte to its last, in pieces of any size, checking everything on the way. */
export class BackupDecoder {
  readonly #path: string
  readonly #hash: Hash = createHash('sha256')
  /** What was given and is not decoded yet. */
  #rest: Buffer = Buffer.alloc(0)
  #header: BackupHeader | undefined
  #chunks = 0
  #entries = 0
  #digest: Buffer | undefined
  #isWhole = false

  /** @param path - what messages call it */
  constructor(path: string) {
    this.#path = path
  }

  /** @throws `BACKUP_INVALID` when it was not reached yet */
  get header(): BackupHeader {
    if (!this.#header) throw this.#invalid('it is cut short')
    return this.#header
  }

  /**
   * Takes the next bytes.
   *
   * @returns the entries of the chunks that end in them
   * @throws `BACKUP_INVALID`, `FORMAT_UNSUPPORTED`
   */
  push(piece: Uint8Array): KeyValueEntry[][] {
    this.#rest = this.#rest.byteLength === 0 ? asBuffer(piece) : Buffer.concat([this.#rest, piece])
    if (!this.#header && !this.#readHeader()) return []
    const chunks: KeyValueEntry[][] = []
    for (let entries = this.#readChunk(); entries; entries = this.#readChunk()) chunks.push(entries)
    // What is kept must not hold the whole piece, and the piece may be somebody else's memory.
    this.#rest = Buffer.from(this.#rest)
    return chunks
  }

  /** All was given. @throws `BACKUP_INVALID` when something is missing */
  finish(): void {
    if (!this.#isWhole) throw this.#invalid('it is cut short')
    if (this.#entries !== this.header.entries) throw this.#invalid('it lacks entries')
  }

  #readHeader(): boolean {
    const preamble = this.#rest
    if (preamble.byteLength < PREAMBLE_BYTES) return false
    if (preamble.toString('latin1', 0, 4) !== MAGIC)
      throw this.#invalid('it does not begin like a replivec backup')
    const format = preamble.readUInt32LE(4)
    const length = preamble.readUInt32LE(8)
    if (length > CHUNK_BYTES) throw this.#invalid('its header length is impossible')
    if (preamble.byteLength < PREAMBLE_BYTES + length) return false
    const header = preamble.subarray(PREAMBLE_BYTES, PREAMBLE_BYTES + length)
    const crc = crc32(header, crc32(preamble.subarray(0, 12)))
    if (crc !== preamble.readUInt32LE(12)) throw this.#invalid('its header checksum does not match')
    if (format !== FORMAT) {
      throw new ReplivecError(
        'FORMAT_UNSUPPORTED',
        `The backup ${this.#path} has format ${format}; this version reads format ${FORMAT}. Upgrade replivec.`,
        { details: { path: this.#path, format, supported: FORMAT } },
      )
    }
    try {
      this.#header = decodeMessage(replivec.v1.BackupHeader, header)
    } catch (cause) {
      throw this.#invalid('its header cannot be decoded', cause)
    }
    this.#take(PREAMBLE_BYTES + length)
    return true
  }

  /** The entries of the next chunk, once it is there; at the end the digest is checked. */
  #readChunk(): KeyValueEntry[] | undefined {
    if (this.#digest) return this.#readDigest()
    if (this.#rest.byteLength < 4) return undefined
    const length = this.#rest.readUInt32LE(0)
    if (length === 0) {
      this.#take(4)
      this.#digest = this.#hash.digest()
      return this.#readDigest()
    }
    const number = this.#chunks
    if (length > CHUNK_BYTES_MAX) throw this.#invalid(`chunk ${number} has an impossible length`)
    const end = 8 + length
    if (this.#rest.byteLength < end) return undefined
    const body = this.#rest.subarray(8, end)
    if (this.#rest.readUInt32LE(4) !== chunkCrc(this.#rest.subarray(0, 4), number, body))
      throw this.#invalid(`chunk ${number} fails its checksum`)
    const entries = this.#entriesOf(body, number)
    this.#take(end)
    this.#chunks += 1
    this.#entries += entries.length
    return entries
  }

  #readDigest(): undefined {
    const { byteLength } = this.#rest
    if (this.#isWhole ? byteLength > 0 : byteLength > DIGEST_BYTES)
      throw this.#invalid('something follows its end')
    if (this.#isWhole || byteLength < DIGEST_BYTES) return undefined
    if (!this.#digest?.equals(this.#rest)) throw this.#invalid('its digest does not match')
    this.#rest = Buffer.alloc(0)
    this.#isWhole = true
    return undefined
  }

  #entriesOf(body: Buffer, number: number): KeyValueEntry[] {
    const entries: KeyValueEntry[] = []
    for (let at = 0; at < body.byteLength; ) {
      if (at + 6 > body.byteLength) throw this.#invalid(`chunk ${number} ends inside an entry`)
      const keyEnd = at + 6 + body.readUInt16LE(at)
      const end = keyEnd + body.readUInt32LE(at + 2)
      if (end > body.byteLength) throw this.#invalid(`chunk ${number} ends inside an entry`)
      entries.push({ key: body.subarray(at + 6, keyEnd), value: body.subarray(keyEnd, end) })
      at = end
    }
    return entries
  }

  #take(length: number): void {
    this.#hash.update(this.#rest.subarray(0, length))
    this.#rest = this.#rest.subarray(length)
  }

  #invalid(reason: string, cause?: unknown): ReplivecError {
    return new ReplivecError(
      'BACKUP_INVALID',
      `The backup ${this.#path} cannot be used: ${reason}. Nothing was restored; use another backup.`,
      { cause, details: { path: this.#path, reason } },
    )
  }
}

/** Reads the file of a backup. */
export class BackupReader {
  readonly #file: OpenFile
  readonly #decoder: BackupDecoder

  constructor(file: OpenFile, path: string) {
    this.#file = file
    this.#decoder = new BackupDecoder(path)
  }

  /** Known once the first chunk was given. */
  get header(): BackupHeader {
    return this.#decoder.header
  }

  /** The entries, chunk by chunk. After the last one the digest has been checked. @throws `BACKUP_INVALID`, `FORMAT_UNSUPPORTED` */
  async *chunks(): AsyncGenerator<KeyValueEntry[]> {
    for (let at = 0; ; ) {
      const piece = Buffer.allocUnsafe(CHUNK_BYTES)
      const had = await this.#file.read(piece, at)
      at += had
      yield* this.#decoder.push(piece.subarray(0, had))
      if (had < CHUNK_BYTES) break
    }
    this.#decoder.finish()
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function chunkCrc(lengthField: Uint8Array, number: number, body: Uint8Array): number {
  const numberField = Buffer.alloc(4)
  numberField.writeUInt32LE(number, 0)
  return crc32(body, crc32(numberField, crc32(lengthField)))
}
