import { ReplivecError } from '../errors.js'
import type { OpenFile } from '../runtime/files.js'
import { damagedError } from './lmdb-error.js'

// Layout of LMDB data version 2, from mdb.c (MDB_page_header, MDB_meta, MDB_db): each of the first two pages has a
// header of 24 bytes and one meta; a transaction writes the one its number is even or odd for.
const HEADER_BYTES = 24
const META_BYTES = 144
const MAGIC = 0xbeefc0de
const DATA_VERSION = 2
const META_PAGE = 8
/** All bits of the first tree's flags that are not about how the file was opened: integer keys, no encryption. */
const FREE_FLAGS_MASK = 0x2fff
const FREE_FLAGS = 8
const DEPTH_MAX = 32
const NO_PAGE = 2n ** 64n - 1n

/** One tree of an LMDB file. */
export interface LmdbTree {
  /** Levels, 0 when it is empty. */
  readonly depth: number
  readonly entries: number
  readonly rootPage: number
}

/** The state of an LMDB file that opening it will show. */
export interface LmdbMeta {
  readonly pageBytes: number
  /** The highest page in use. It may lie past the end of the file when it was freed before it was ever written. */
  readonly lastPage: number
  /** The number of the last transaction. */
  readonly transaction: number
  /** The tree of free pages. */
  readonly free: LmdbTree
  /** The tree of entries. */
  readonly main: LmdbTree
}

/**
 * Reads the newer of the two metas, as LMDB itself does, after checking both.
 *
 * @throws ReplivecError `RECORDS_DAMAGED`, `FORMAT_UNSUPPORTED` for a newer data version
 */
export async function readLmdbMeta(file: OpenFile, path: string): Promise<LmdbMeta> {
  const first = await readView(file, path, 0)
  const pageBytes = first.getUint32(HEADER_BYTES + 24, true)
  checkMeta(first, path)
  if (pageBytes < 512 || pageBytes > 65_536 || (pageBytes & (pageBytes - 1)) !== 0) {
    throw damagedError(path, `a page size of ${pageBytes} bytes is impossible`)
  }
  const second = await readView(file, path, pageBytes)
  checkMeta(second, path)
  const newer = transactionOf(first) >= transactionOf(second) ? first : second
  if (newer.getUint32(HEADER_BYTES + 24, true) !== pageBytes) {
    throw damagedError(path, 'its meta pages disagree about the page size')
  }
  const freeFlags = newer.getUint16(HEADER_BYTES + 28, true) & FREE_FLAGS_MASK
  const mainFlags = newer.getUint16(HEADER_BYTES + 76, true)
  if (freeFlags !== FREE_FLAGS || mainFlags !== 0) throw damagedError(path, 'its trees have impossible flags')
  return {
    pageBytes,
    lastPage: pageAt(newer, HEADER_BYTES + 120, path),
    transaction: Number(transactionOf(newer)),
    free: treeAt(newer, HEADER_BYTES + 24, path),
    main: treeAt(newer, HEADER_BYTES + 72, path),
  }
}

async function readView(file: OpenFile, path: string, position: number): Promise<DataView> {
  const bytes = new Uint8Array(HEADER_BYTES + META_BYTES)
  if ((await file.read(bytes, position)) < bytes.byteLength) throw damagedError(path, 'it has no meta pages')
  return new DataView(bytes.buffer)
}

function checkMeta(view: DataView, path: string): void {
  if (view.getUint16(18, true) !== META_PAGE || view.getUint32(HEADER_BYTES, true) !== MAGIC) {
    throw damagedError(path, 'it does not begin like an LMDB file')
  }
  const version = view.getUint32(HEADER_BYTES + 4, true)
  if (version === DATA_VERSION) return
  if (version < DATA_VERSION) throw damagedError(path, `data version ${version} was never written here`)
  throw new ReplivecError(
    'FORMAT_UNSUPPORTED',
    `${path} has LMDB data version ${version}; this version reads ${DATA_VERSION}. Upgrade replivec.`,
    { details: { file: path, version, supported: DATA_VERSION } },
  )
}

function transactionOf(view: DataView): bigint {
  return view.getBigUint64(HEADER_BYTES + 128, true)
}

function treeAt(view: DataView, offset: number, path: string): LmdbTree {
  const depth = view.getUint16(offset + 6, true)
  const entries = Number(view.getBigUint64(offset + 32, true))
  const empty = view.getBigUint64(offset + 40, true) === NO_PAGE
  if (depth > DEPTH_MAX || (depth === 0) !== empty) throw damagedError(path, 'a tree has an impossible depth')
  return { depth, entries, rootPage: empty ? 0 : pageAt(view, offset + 40, path) }
}

/** A page number: 48 bits in branch pages, so never more than that anywhere. */
function pageAt(view: DataView, offset: number, path: string): number {
  const page = view.getBigUint64(offset, true)
  if (page >= 2n ** 48n) throw damagedError(path, 'it refers to an impossible page')
  return Number(page)
}
