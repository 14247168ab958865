import { Bitmap } from '../bitmap.js'
import type { OpenFile } from '../runtime/files.js'
import { damagedError } from './lmdb-error.js'
import type { LmdbMeta, LmdbTree } from './lmdb-meta.js'

// Layout of LMDB data version 2, from mdb.c (MDB_page_header, MDB_node, MDB_ovpage), as 16-bit words, to which all of
// it is aligned. A page: number (4 words), transaction (4), key size, flags, end of the node offsets, start of the
// nodes, node offsets …, nodes. Offsets count from the end of this header. A node: two words, flags, key bytes, key,
// data. In a branch the first three words are the child's page number; in a leaf the first two the size of the data.
const HEADER_BYTES = 24
const HEADER_WORDS = 12
const NODE_HEADER_BYTES = 8
const BRANCH = 1
const LEAF = 2
const KIND_MASK = 0xff
const IN_OVERFLOW = 1
/** What stands in a leaf for data in overflow pages: first page, transaction, count of pages, 64 bits each. */
const OVERFLOW_REFERENCE_BYTES = 24

const WINDOW_BYTES = 1024 * 1024
/** Reading over this many pages that are not wanted costs less than another read. */
const GAP_PAGES_MAX = 8

/** The data of one leaf node: a copy, or the pages where it is. */
type NodeData = Uint16Array | { readonly page: number; readonly dataBytes: number }

/**
 * Walks everything LMDB may follow in a file that was not closed in order, because LMDB trusts all of it: a wrong
 * page number, offset or size there reads or writes outside the map and ends the process. Every reachable page must
 * lie in the file, be used once, be of the kind its level asks for, and hold its nodes; free pages must be unused.
 * What keys and values say is not looked at.
 *
 * @throws ReplivecError `RECORDS_DAMAGED`
 */
export async function checkLmdbPages(file: OpenFile, path: string, meta: LmdbMeta): Promise<void> {
  const walk = new PageWalk(file, path, meta, await file.size())
  await walk.tree(meta.main)
  const freeLists: NodeData[] = []
  await walk.tree(meta.free, (list) => freeLists.push(list))
  await walk.freeLists(freeLists)
}

class PageWalk {
  readonly #file: OpenFile
  readonly #path: string
  readonly #meta: LmdbMeta
  readonly #pageWords: number
  readonly #filePages: number
  readonly #used = Bitmap.of([0, 1])
  readonly #words = new Uint16Array(WINDOW_BYTES / 2)

  constructor(file: OpenFile, path: string, meta: LmdbMeta, fileBytes: number) {
    this.#file = file
    this.#path = path
    this.#meta = meta
    this.#pageWords = meta.pageBytes / 2
    this.#filePages = Math.floor(fileBytes / meta.pageBytes)
    this.#used.reserve(this.#filePages)
  }

  /** Walks one tree level by level, each in the order of the file. */
  async tree(tree: LmdbTree, visitData?: (data: NodeData) => void): Promise<void> {
    if (tree.depth === 0) return
    this.#use(tree.rootPage, 1)
    let level = Float64Array.of(tree.rootPage)
    for (let depth = 1; depth < tree.depth; depth++) {
      const children: number[] = []
      await this.#forEachPage(level, (start, page) => this.#branch(start, page, children))
      level = Float64Array.from(children).sort()
    }
    let entries = 0
    await this.#forEachPage(level, (start, page) => {
      entries += this.#leaf(start, page, visitData)
    })
    if (entries !== tree.entries) this.#fail(`a tree has ${entries} entries instead of ${tree.entries}`)
  }

  /** Looks through all lists of free pages, which LMDB will write to without asking. */
  async freeLists(lists: readonly NodeData[]): Promise<void> {
    let count = 0
    for (const list of lists) count += this.#freePages(await this.#load(list))
    // Pages past the end of the file were freed before they were ever written, so the lists know them.
    if (this.#meta.lastPage >= this.#filePages + count) this.#fail('it ends before its last page')
  }

  /**
   * Checks one list: how many numbers follow, then page numbers, 0 for none, and blocks of pages as a negative length
   * before their first page.
   */
  #freePages(list: BigInt64Array): number {
    const end = Number(list[0] ?? -1n) + 1
    if (!(end >= 1 && end <= list.length)) this.#fail('a list of free pages has no end')
    let count = 0
    for (let index = 1; index < end; index++) {
      let length = 1
      let page = Number(list[index])
      if (page === 0) continue
      if (page < 0) {
        length = -page
        page = Number(list[++index])
      }
      if (!(page >= 2 && page + length - 1 <= this.#meta.lastPage)) this.#fail(`page ${page} cannot be free`)
      for (let used = page; used < Math.min(page + length, this.#filePages); used++) {
        if (this.#used.has(used)) this.#fail(`page ${used} is free and in use`)
      }
      count += length
    }
    return count
  }

  /** The data of a node as 64-bit numbers. */
  async #load(data: NodeData): Promise<BigInt64Array> {
    if (data instanceof Uint16Array) return new BigInt64Array(data.buffer, 0, data.length >> 2)
    const bytes = new Uint8Array(data.dataBytes - (data.dataBytes % 8))
    await this.#file.read(bytes, data.page * this.#meta.pageBytes + HEADER_BYTES)
    return new BigInt64Array(bytes.buffer)
  }

  /** Reads pages, given in ascending order, in windows, and calls `visit` with where in `#words` each begins. */
  async #forEachPage(pages: Float64Array, visit: (start: number, page: number) => void): Promise<void> {
    const { pageBytes } = this.#meta
    const bytes = new Uint8Array(this.#words.buffer)
    const windowPages = WINDOW_BYTES / pageBytes
    for (let from = 0; from < pages.length; ) {
      const first = pages[from] as number
      let to = from + 1
      while (to < pages.length && this.#reaches(pages, to, first + windowPages)) to++
      const last = pages[to - 1] as number
      await this.#file.read(bytes.subarray(0, (last - first + 1) * pageBytes), first * pageBytes)
      for (; from < to; from++) {
        const page = pages[from] as number
        visit((page - first) * this.#pageWords, page)
      }
    }
  }

  /** Whether the page at `index` belongs into the window that ends before `end`. */
  #reaches(pages: Float64Array, index: number, end: number): boolean {
    const page = pages[index] as number
    return page < end && page - (pages[index - 1] as number) <= GAP_PAGES_MAX
  }

  #branch(start: number, page: number, children: number[]): void {
    const count = this.#nodeCount(start, page, BRANCH)
    for (let index = 0; index < count; index++) {
      const node = this.#node(start, page, index)
      // Of the fourth word, which is the size of the key, nothing counts here.
      const child = this.#word(node) + this.#word(node + 1) * 2 ** 16 + this.#word(node + 2) * 2 ** 32
      this.#use(child, 1)
      children.push(child)
    }
  }

  /** Returns how many entries the leaf has. */
  #leaf(start: number, page: number, visitData: ((data: NodeData) => void) | undefined): number {
    const count = this.#nodeCount(start, page, LEAF)
    for (let index = 0; index < count; index++) {
      const node = this.#node(start, page, index)
      const dataBytes = this.#word(node) + this.#word(node + 1) * 2 ** 16
      const flags = this.#word(node + 2)
      if (flags > IN_OVERFLOW) this.#fail(`page ${page} has an entry of an impossible kind`)
      const dataStart = node * 2 + NODE_HEADER_BYTES + this.#word(node + 3)
      const leafBytes = flags === IN_OVERFLOW ? OVERFLOW_REFERENCE_BYTES : dataBytes
      if (dataStart + leafBytes > (start + this.#pageWords) * 2)
        this.#fail(`page ${page} ends within an entry`)
      if (flags === IN_OVERFLOW) {
        const overflow = this.#overflow(dataStart, dataBytes, page)
        visitData?.(overflow)
      } else visitData?.(this.#words.slice(dataStart / 2, (dataStart + dataBytes) / 2))
    }
    return count
  }

  #overflow(reference: number, dataBytes: number, page: number): { page: number; dataBytes: number } {
    // Keys of odd length put the reference at an odd byte, so it cannot be read as words.
    const view = new DataView(this.#words.buffer, reference, OVERFLOW_REFERENCE_BYTES)
    const first = Number(view.getBigUint64(0, true))
    const count = Number(view.getBigUint64(16, true))
    if (view.getBigUint64(8, true) > this.#meta.transaction)
      this.#fail(`page ${page} has an entry of the future`)
    if (HEADER_BYTES + dataBytes > count * this.#meta.pageBytes)
      this.#fail(`page ${page} has too long an entry`)
    this.#use(first, count)
    return { page: first, dataBytes }
  }

  /** How many nodes a page has, once it is what it should be. */
  #nodeCount(start: number, page: number, kind: number): number {
    const number = this.#number(start)
    const lower = this.#word(start + 10)
    const upper = this.#word(start + 11)
    if (number !== page || (this.#word(start + 9) & KIND_MASK) !== kind) {
      this.#fail(`page ${page} is not what the tree says`)
    }
    // LMDB takes a page of a later transaction for one that it is just writing, in memory of its own.
    if (this.#number(start + 4) > this.#meta.transaction) this.#fail(`page ${page} is of the future`)
    if (lower === 0 || lower % 2 !== 0 || lower > upper || upper > this.#meta.pageBytes - HEADER_BYTES) {
      this.#fail(`page ${page} has impossible bounds`)
    }
    return lower / 2
  }

  /** Where in `#words` a node begins, once its key is within the page. */
  #node(start: number, page: number, index: number): number {
    const offset = this.#word(start + HEADER_WORDS + index)
    const room = this.#meta.pageBytes - HEADER_BYTES - NODE_HEADER_BYTES
    if (offset % 2 === 0 && offset >= this.#word(start + 11) && offset <= room) {
      const node = start + HEADER_WORDS + offset / 2
      if (offset + this.#word(node + 3) <= room) return node
    }
    return this.#fail(`page ${page} has an entry outside itself`)
  }

  /** Takes pages for one use; a second use, also by a loop, is damage. */
  #use(page: number, count: number): void {
    if (!(page >= 2 && count >= 1 && page + count - 1 <= this.#meta.lastPage)) {
      this.#fail(`page ${page} is outside the range of pages`)
    }
    if (page + count > this.#filePages) this.#fail(`it ends before page ${page}`)
    for (let used = page; used < page + count; used++) {
      if (this.#used.has(used)) this.#fail(`page ${used} is used twice`)
      this.#used.add(used)
    }
  }

  /** Four words as one number; exact up to 2^53, and larger ones stay larger. */
  #number(index: number): number {
    const high = this.#word(index + 2) * 2 ** 32 + this.#word(index + 3) * 2 ** 48
    return this.#word(index) + this.#word(index + 1) * 2 ** 16 + high
  }

  #word(index: number): number {
    return this.#words[index] as number
  }

  #fail(reason: string): never {
    throw damagedError(this.#path, reason)
  }
}
