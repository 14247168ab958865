import { ReplivecError } from '../errors.js'

/** Keys are 1 up to this many bytes. */
export const KEY_BYTES_MAX = 1_100
/** Values are 0 up to this many bytes: one record with the largest vector and metadata, and room to spare. */
export const VALUE_BYTES_MAX = 8 * 1024 * 1024

/** One entry. Both views are valid until the next step of the iteration; copy to keep. */
export interface KeyValueEntry {
  readonly key: Uint8Array
  readonly value: Uint8Array
}

/** A run of keys, in byte order: `start <= key < end`. */
export interface KeyValueRange {
  readonly start: Uint8Array
  readonly end: Uint8Array
  /** From the last key to the first. */
  readonly reverse?: boolean
  /** At most this many entries, 0 or more. */
  readonly limit?: number
}

export interface KeyValueReader {
  /**
   * The value, or `undefined`. A view that is only valid until the next call on this store or the end of the tick:
   * copy to keep, and never write to it.
   *
   * @throws ReplivecError `CLOSED`, `RECORDS_DAMAGED`, `OPTIONS_INVALID` for an impossible key
   */
  get(key: Uint8Array): Uint8Array | undefined
  /**
   * The entries of a run of keys, of one instant. Iterate with `for … of`, or call `return`: an abandoned iteration
   * holds on to its instant. On the store itself it must be consumed in one tick; on a snapshot it may take longer.
   *
   * @throws ReplivecError `CLOSED` (also in the middle, when the reader is closed), `RECORDS_DAMAGED`
   */
  range(options: KeyValueRange): Iterable<KeyValueEntry>
}

/** One instant, until closed. Keep it for milliseconds to seconds: while it is open no space is reclaimed. */
export interface KeyValueSnapshot extends KeyValueReader {
  /** Idempotent. */
  close(): void
}

/** One change: a new value for a key, or, with an `undefined` value, its removal. */
export interface KeyValueWrite {
  readonly key: Uint8Array
  readonly value: Uint8Array | undefined
}

/** An ordered map from byte strings to byte strings that changes in atomic, durable steps. */
export interface KeyValue extends KeyValueReader {
  /** @throws ReplivecError `CLOSED`, `STORAGE_FAILED` when too many are open */
  snapshot(): KeyValueSnapshot
  /**
   * Applies all writes in order in one transaction, after those of earlier calls; resolves when they are visible. The
   * arrays are handed over: the caller must not change them, nor their memory; after that it may, unless `keepsWrites`.
   *
   * A commit that fails with `STORAGE_FAILED` is not visible, and neither is any later one: they fail too, until the
   * store has been closed and opened again. What stays is the state of an earlier commit, never a part of one.
   *
   * @throws ReplivecError `STORAGE_FAILED`, `RECORDS_DAMAGED`, `CLOSED`, `OPTIONS_INVALID` for an impossible write
   */
  commit(writes: readonly KeyValueWrite[]): Promise<void>
  /**
   * Resolves when everything committed before the call is on stable storage.
   *
   * @throws ReplivecError what the failed commit threw, when there was one
   */
  flushed(): Promise<void>
  /** What was written is kept as it was given; otherwise its memory is the caller's again when its commit resolved. */
  readonly keepsWrites: boolean
  /** How much the store takes, in bytes; the disk's part as of the last commits. */
  readonly bytes: { readonly memory: number; readonly disk: number }
  /** Waits for the commits under way, ends all snapshots and iterations, and closes. Idempotent. */
  close(): Promise<void>
}

/** Opens the key-value store of a directory; where one lives is the environment's choice. */
export interface KeyValueFactory {
  /**
   * @throws ReplivecError `RECORDS_DAMAGED`, `FORMAT_UNSUPPORTED`, `STORAGE_FAILED`, `LOCKED` when already open here
   */
  open(directory: string): Promise<KeyValue>
  /**
   * Removes whatever is stored in a directory, damaged or not, so that the next open starts empty. Other files there
   * stay.
   *
   * @throws ReplivecError `STORAGE_FAILED`, `LOCKED` when open here
   */
  discard(directory: string): Promise<void>
}

/**
 * The same bytes as a plain array. What a reader hands out is never a `Buffer`, whose `slice` makes no copy: callers
 * who keep what they read rely on one.
 */
export function plainBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
}

/** Refuses an impossible key before anything acts on it. */
export function checkKey(key: Uint8Array): void {
  if (key.byteLength > 0 && key.byteLength <= KEY_BYTES_MAX) return
  throw new ReplivecError(
    'OPTIONS_INVALID',
    `A record key has ${key.byteLength} bytes; use 1 to ${KEY_BYTES_MAX}.`,
    { details: { keyBytes: key.byteLength } },
  )
}

/** Refuses a commit with an impossible write before any of it is applied. */
export function checkWrites(writes: readonly KeyValueWrite[]): void {
  for (const { key, value } of writes) {
    checkKey(key)
    if (value === undefined || value.byteLength <= VALUE_BYTES_MAX) continue
    throw new ReplivecError(
      'OPTIONS_INVALID',
      `A record value has ${value.byteLength} bytes; split it, ${VALUE_BYTES_MAX} is the most.`,
      { details: { valueBytes: value.byteLength } },
    )
  }
}

/** What every call on a closed store or snapshot answers. */
export function closedError(what: 'record store' | 'snapshot'): ReplivecError {
  return new ReplivecError('CLOSED', `This ${what} is closed; open it again before using it.`)
}

/** What opening or discarding a directory answers while its store is open. */
export function openElsewhereError(directory: string): ReplivecError {
  return new ReplivecError(
    'LOCKED',
    `The record store in ${directory} is already open in this process; close it first.`,
    {
      details: { directory },
    },
  )
}
