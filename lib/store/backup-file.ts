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
/** A chunk of short entries has tens of thousands, each of which is three objects: they are given in runs of so many. */
const ENTRIES_A_RUN = 2_048
/** Length and checksum. */
const CHUNK_HEAD_BYTES = 8
/** Lengths of the key and of the value. */
const ENTRY_HEAD_BYTES = 6
const NO_BYTES = Buffer.alloc(0)
const DIGEST_BYTES = 32

export type BackupHeader = replivec.v1.BackupHeader

/** Writes a backup from its first byte to its last. */
export class BackupWriter {
  readonly #file: OpenFile
  readonly #hash = createHash('sha256')
  #offset = 0
  #chunks = 0
  /** The chunk that is being filled: its entries, behind room for its length and checksum. Used again for the next one. */
  #chunk = Buffer.allocUnsafe(CHUNK_BYTES)
  #end = CHUNK_HEAD_BYTES

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

  /** Adds an entry; a promise when a chunk is full and has to be written, before the next one is added. */
  add({ key, value }: KeyValueEntry): Promise<void> | undefined {
    const at = this.#end
    const keyAt = at + ENTRY_HEAD_BYTES
    const end = keyAt + key.byteLength + value.byteLength
    this.#reserve(end)
    this.#chunk.writeUInt16LE(key.byteLength, at)
    this.#chunk.writeUInt32LE(value.byteLength, at + 2)
    this.#chunk.set(key, keyAt)
    this.#chunk.set(value, keyAt + key.byteLength)
    this.#end = end
    return end < CHUNK_BYTES ? undefined : this.#flush()
  }

  /** Writes the rest and the trailer. */
  async finish(): Promise<void> {
    if (this.#end > CHUNK_HEAD_BYTES) await this.#flush()
    await this.#write(Buffer.alloc(4))
    const digest = this.#hash.digest()
    await this.#file.write(digest, this.#offset)
    this.#offset += digest.byteLength
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#chunk.byteLength) return
    const grown = Buffer.allocUnsafe(2 * bytes)
    grown.set(this.#chunk.subarray(0, this.#end))
    this.#chunk = grown
  }

  async #flush(): Promise<void> {
    const chunk = this.#chunk.subarray(0, this.#end)
    chunk.writeUInt32LE(chunk.byteLength - CHUNK_HEAD_BYTES, 0)
    chunk.writeUInt32LE(chunkCrc(chunk.subarray(0, 4), this.#chunks, chunk.subarray(CHUNK_HEAD_BYTES)), 4)
    this.#chunks += 1
    await this.#write(chunk)
    this.#end = CHUNK_HEAD_BYTES
  }

  async #write(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes)
    await this.#file.write(bytes, this.#offset)
    this.#offset += bytes.byteLength
  }
}

/** Some entries of one chunk. */
export interface EntryRun {
  readonly entries: readonly KeyValueEntry[]
  /** They are its last ones. */
  readonly endsChunk: boolean
}

/** Reads a backup from its first byte to its last, in pieces of any size, checking everything on the way. */
export class BackupDecoder {
  readonly #path: string
  readonly #isReleased: boolean
  readonly #hash: Hash = createHash('sha256')
  /** What was given of the preamble and header, of the head of a chunk, or of the digest. */
  #beginning: Buffer = NO_BYTES
  #header: BackupHeader | undefined
  /** The chunk that is being put together, its head included, and how much of it is there. */
  #chunk: Buffer | undefined
  #filledBytes = 0
  /** Memory of chunks whose entries were given, and of those that were taken back. */
  #given: Buffer[] = []
  #free: Buffer[] = []
  #chunks = 0
  #entries = 0
  #digest: Buffer | undefined
  #isWhole = false

  /**
   * @param path - what messages call it
   * @param isReleased - the memory of entries is free after `release`; otherwise whoever took them may keep it
   */
  constructor(path: string, isReleased = false) {
    this.#path = path
    this.#isReleased = isReleased
  }

  /** @throws `BACKUP_INVALID` when it was not reached yet */
  get header(): BackupHeader {
    if (!this.#header) throw this.#invalid('it is cut short')
    return this.#header
  }

  /**
   * Takes the next bytes, as they are asked for: all that is given must be taken before the next call. They are copied: the piece may
   * be somebody else's memory.
   *
   * @returns the entries of the chunks that end in them
   * @throws `BACKUP_INVALID`, `FORMAT_UNSUPPORTED`
   */
  *push(piece: Uint8Array): Generator<EntryRun, undefined> {
    let rest = piece
    while (rest.byteLength > 0) {
      if (this.#chunk) {
        rest = this.#fill(this.#chunk, rest)
        if (this.#filledBytes === this.#chunk.byteLength) yield* this.#endChunk(this.#chunk)
      } else {
        rest = this.#begin(rest)
      }
    }
  }

  /** Nobody needs the entries of the oldest chunk given any more: a next one has its memory, where that may be released. */
  release(): void {
    this.#free.push(...this.#given.splice(0, 1))
  }

  /** All was given. @throws `BACKUP_INVALID` when something is missing */
  finish(): void {
    if (!this.#isWhole) throw this.#invalid('it is cut short')
    const { entries } = this.header
    if (entries !== 0 && this.#entries !== entries) throw this.#invalid('it lacks entries')
  }

  /** Takes bytes until it is known what they begin. @returns the others */
  #begin(piece: Uint8Array): Uint8Array {
    if (this.#isWhole) throw this.#invalid('something follows its end')
    const wanted = this.#beginningBytes()
    const taken = piece.subarray(0, wanted - this.#beginning.byteLength)
    this.#beginning = Buffer.concat([this.#beginning, taken])
    if (this.#beginning.byteLength === wanted && wanted === this.#beginningBytes()) this.#begun()
    return piece.subarray(taken.byteLength)
  }

  /** How long what begins here is, as far as is known by now. */
  #beginningBytes(): number {
    if (this.#digest) return DIGEST_BYTES
    const { byteLength } = this.#beginning
    // A length of zero stands alone.
    if (this.#header) return byteLength < 4 || this.#beginning.readUInt32LE(0) === 0 ? 4 : CHUNK_HEAD_BYTES
    return byteLength < PREAMBLE_BYTES ? PREAMBLE_BYTES : PREAMBLE_BYTES + this.#headerBytes()
  }

  /** What begins here is there. */
  #begun(): void {
    const beginning = this.#beginning
    this.#beginning = NO_BYTES
    if (this.#digest) {
      if (!this.#digest.equals(beginning)) throw this.#invalid('its digest does not match')
      this.#isWhole = true
      return
    }
    if (!this.#header) {
      this.#readHeader(beginning)
      this.#hash.update(beginning)
      return
    }
    const length = beginning.readUInt32LE(0)
    if (length === 0) {
      this.#digest = this.#hash.update(beginning).digest()
      return
    }
    if (length > CHUNK_BYTES_MAX) throw this.#invalid(`chunk ${this.#chunks} has an impossible length`)
    this.#chunk = this.#room(CHUNK_HEAD_BYTES + length)
    this.#filledBytes = beginning.copy(this.#chunk)
  }

  #room(bytes: number): Buffer {
    const memory = this.#free.pop()
    if (memory && memory.byteLength >= bytes) return memory.subarray(0, bytes)
    // Chunks are a little longer than they are meant to be, each by something else.
    const roomBytes = this.#isReleased ? bytes + CHUNK_BYTES / 16 : bytes
    return Buffer.allocUnsafeSlow(roomBytes).subarray(0, bytes)
  }

  #fill(chunk: Buffer, piece: Uint8Array): Uint8Array {
    const taken = piece.subarray(0, chunk.byteLength - this.#filledBytes)
    chunk.set(taken, this.#filledBytes)
    this.#filledBytes += taken.byteLength
    return piece.subarray(taken.byteLength)
  }

  *#endChunk(chunk: Buffer): Generator<EntryRun> {
    const number = this.#chunks
    const body = chunk.subarray(CHUNK_HEAD_BYTES)
    if (chunk.readUInt32LE(4) !== chunkCrc(chunk.subarray(0, 4), number, body))
      throw this.#invalid(`chunk ${number} fails its checksum`)
    this.#hash.update(chunk)
    this.#chunk = undefined
    if (this.#isReleased) this.#given.push(Buffer.from(chunk.buffer, chunk.byteOffset))
    this.#chunks += 1
    yield* this.#runsOf(body, number)
  }

  /** From the preamble, once that is there. */
  #headerBytes(): number {
    const preamble = this.#beginning
    if (preamble.toString('latin1', 0, 4) !== MAGIC)
      throw this.#invalid('it does not begin like a replivec backup')
    const length = preamble.readUInt32LE(8)
    if (length > CHUNK_BYTES) throw this.#invalid('its header length is impossible')
    return length
  }

  #readHeader(beginning: Buffer): void {
    const format = beginning.readUInt32LE(4)
    const header = beginning.subarray(PREAMBLE_BYTES)
    const crc = crc32(header, crc32(beginning.subarray(0, 12)))
    if (crc !== beginning.readUInt32LE(12)) throw this.#invalid('its header checksum does not match')
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
  }

  *#runsOf(body: Buffer, number: number): Generator<EntryRun> {
    for (let at = 0; at < body.byteLength; ) {
      const entries: KeyValueEntry[] = []
      while (at < body.byteLength && entries.length < ENTRIES_A_RUN) {
        if (at + ENTRY_HEAD_BYTES > body.byteLength)
          throw this.#invalid(`chunk ${number} ends inside an entry`)
        const keyEnd = at + ENTRY_HEAD_BYTES + body.readUInt16LE(at)
        const end = keyEnd + body.readUInt32LE(at + 2)
        if (end > body.byteLength) throw this.#invalid(`chunk ${number} ends inside an entry`)
        entries.push({
          key: body.subarray(at + ENTRY_HEAD_BYTES, keyEnd),
          value: body.subarray(keyEnd, end),
        })
        at = end
      }
      this.#entries += entries.length
      yield { entries, endsChunk: at === body.byteLength }
    }
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

  /** The entries, some at a time. After the last ones the digest has been checked. @throws `BACKUP_INVALID`, `FORMAT_UNSUPPORTED` */
  async *runs(): AsyncGenerator<readonly KeyValueEntry[]> {
    for (let at = 0; ; ) {
      const piece = Buffer.allocUnsafe(CHUNK_BYTES)
      const had = await this.#file.read(piece, at)
      at += had
      for (const { entries } of this.#decoder.push(piece.subarray(0, had))) yield entries
      if (had < CHUNK_BYTES) break
    }
    this.#decoder.finish()
  }
}

function chunkCrc(lengthField: Uint8Array, number: number, body: Uint8Array): number {
  const numberField = Buffer.alloc(4)
  numberField.writeUInt32LE(number, 0)
  return crc32(body, crc32(numberField, crc32(lengthField)))
}
