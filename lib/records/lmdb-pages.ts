import { Bitmap } from '../bitmap.js'
import type { OpenFile } from '../runtime/files.js'
import type { LmdbMeta, LmdbTree } from './lmdb-meta.js'

// Layout of LMDB data version 2, from mdb.c (MDB_page, MDB_node). All numbers are little-endian 16-bit words here,
// as every supported platform is; nodes are aligned to 2 bytes.
const HEADER_BYTES = 24
const NODE_HEADER_BYTES = 8
const BRANCH = 1
const LEAF = 2
const KIND_MASK = 0xff
const NODE_IN_OVERFLOW = 1
/** A node in overflow pages holds its first page, its transaction and its page count, 64 bits each. */
const OVERFLOW_REFERENCE_BYTES = 24

const WINDOW_BYTES = 1024 * 1024
/** Reading over this many pages that are not needed is cheaper than another read. */
const GAP_PAGES_MAX = 8

/** Stops the walk at the first impossible thing. */
class Impossible {
  constructor(readonly reason: string) {}
}
