import type { SeededRandom } from './seeded-random.js'

/** The unit in which a simulated disk stores, loses and counts data, in bytes. */
export const pageBytes = 4096
/** A disk writes whole sectors: a page is torn at a sector boundary, never inside one. In bytes. */
const sectorBytes = 512

type Pages = Map<number, Uint8Array>

/** What one sync is about to make durable: the state at the moment it was asked for. */
export interface SyncCapture {
  readonly generation: number
  readonly size: number
  /** Dirty pages by number; `undefined` was cut off by a truncation. */
  readonly pages: ReadonlyMap<number, Uint8Array | undefined>
}

/**
 * The content of one file in two versions: what readers see, and what is on stable storage. Pages are replaced, never
 * changed in place, so versions and captures share them.
 */
export class SimulatedFile {
  #size = 0
  #pages: Pages = new Map()
  readonly #dirty = new Set<number>()
  #durableSize = 0
  readonly #durablePages: Pages = new Map()
  // Of overlapping syncs the one asked for last has the newest data, whichever finishes last.
  #generation = 0
  #durableSizeGeneration = 0
  readonly #durableGenerations = new Map<number, number>()

  get size(): number {
    return this.#size
  }

  /** Space taken on the disk, in bytes: whole pages, holes excluded. */
  get allocatedBytes(): number {
    return this.#pages.size * pageBytes
  }

  read(into: Uint8Array, position: number): number {
    const length = Math.max(0, Math.min(into.byteLength, this.#size - position))
    forEachPage(position, length, (page, start, end, offset) => {
      const content = this.#pages.get(page)
      if (content) into.set(content.subarray(start, end), offset)
      else into.fill(0, offset, offset + end - start)
    })
    return length
  }

  write(bytes: Uint8Array, position: number): void {
    forEachPage(position, bytes.byteLength, (page, start, end, offset) => {
      this.#edit(page).set(bytes.subarray(offset, offset + end - start), start)
    })
    if (bytes.byteLength > 0) this.#size = Math.max(this.#size, position + bytes.byteLength)
  }

  /** How many of `length` bytes at `position` can be written when only `freeBytes` are left on the disk. */
  fits(position: number, length: number, freeBytes: number): number {
    let left = Math.floor(freeBytes / pageBytes)
    let fitting = 0
    let full = false
    forEachPage(position, length, (page, start, end) => {
      if (!this.#pages.has(page)) left--
      full ||= left < 0
      if (!full) fitting += end - start
    })
    return fitting
  }

  truncate(size: number): void {
    for (const page of cutPages(this.#pages, size)) this.#dirty.add(page)
    this.#size = size
  }

  capture(): SyncCapture {
    const pages = new Map([...this.#dirty].map((page) => [page, this.#pages.get(page)]))
    return { generation: ++this.#generation, size: this.#size, pages }
  }

  /** A sync succeeded: what was captured is durable. Pages written since stay dirty. */
  commit(capture: SyncCapture): void {
    for (const [page, content] of capture.pages) {
      this.#makeDurable(page, content, capture.generation)
      if (this.#pages.get(page) === content) this.#dirty.delete(page)
    }
    if (capture.generation < this.#durableSizeGeneration) return
    this.#durableSizeGeneration = capture.generation
    this.#durableSize = capture.size
  }

  /**
   * A sync failed: as on Linux the captured pages count as clean from now on, whether or not they reached the disk,
   * so a second sync succeeds without writing them (Rebello et al., "Can Applications Recover from fsync Failures?",
   * USENIX ATC 2020). `random` decides which did. The new size stays unsynced.
   */
  dropCapture(capture: SyncCapture, random: SeededRandom): void {
    for (const [page, content] of capture.pages) {
      if (random.chance(0.5)) this.#makeDurable(page, content, capture.generation)
      if (this.#pages.get(page) === content) this.#dirty.delete(page)
    }
  }

  /** Leaves what a power cut leaves: everything synced, and of the rest whatever `random` decides. */
  cutPower(random: SeededRandom): void {
    for (const page of [...this.#dirty].sort((a, b) => a - b)) {
      storePage(this.#durablePages, page, this.#survivor(page, random))
    }
    this.#durableSize = this.#survivingSize(random)
    this.#pages = new Map(this.#durablePages)
    this.#dirty.clear()
    this.truncate(this.#durableSize)
    // The truncation only cut off what lies past the end; it leaves nothing to sync.
    this.commit(this.capture())
  }

  /** Damage: inverts one bit, of what is read and of what is durable. */
  flipBit(offset: number, bit: number): void {
    const page = Math.floor(offset / pageBytes)
    const versions = [this.#pages, this.#durablePages]
    const stored = versions.filter((pages) => pages.has(page))
    for (const pages of stored.length > 0 ? stored : versions) {
      const content = copyPage(pages, page)
      content[offset % pageBytes] = (content[offset % pageBytes] ?? 0) ^ (1 << bit)
      pages.set(page, content)
    }
  }

  /** Damage: loses everything from `size` on, of what is read and of what is durable. */
  cutShort(size: number): void {
    cutPages(this.#pages, size)
    cutPages(this.#durablePages, size)
    this.#size = Math.min(this.#size, size)
    this.#durableSize = Math.min(this.#durableSize, size)
  }

  /** A file that holds only what is durable of this one. */
  durableCopy(): SimulatedFile {
    const copy = new SimulatedFile()
    for (const [page, content] of this.#durablePages) {
      copy.#pages.set(page, content)
      copy.#dirty.add(page)
    }
    copy.truncate(this.#durableSize)
    copy.commit(copy.capture())
    return copy
  }

  /** A fresh version of a page to write into. */
  #edit(page: number): Uint8Array {
    const content = copyPage(this.#pages, page)
    this.#pages.set(page, content)
    this.#dirty.add(page)
    return content
  }

  #makeDurable(page: number, content: Uint8Array | undefined, generation: number): void {
    if (generation < (this.#durableGenerations.get(page) ?? 0)) return
    this.#durableGenerations.set(page, generation)
    storePage(this.#durablePages, page, content)
  }

  /** An unsynced page after a power cut: lost, kept, or part of each. */
  #survivor(page: number, random: SeededRandom): Uint8Array | undefined {
    const before = this.#durablePages.get(page)
    const after = this.#pages.get(page)
    const fate = random.pick(['lost', 'kept', 'torn'])
    if (fate === 'lost') return before
    if (fate === 'kept') return after
    const cut = (1 + random.int(pageBytes / sectorBytes - 1)) * sectorBytes
    const [head, tail] = random.chance(0.5) ? [after, before] : [before, after]
    const torn = new Uint8Array(pageBytes)
    if (head) torn.set(head.subarray(0, cut))
    if (tail) torn.set(tail.subarray(cut), cut)
    return torn
  }

  /** An unsynced size after a power cut: the old one, the new one, or, while growing, one between. */
  #survivingSize(random: SeededRandom): number {
    const grownBytes = this.#size - this.#durableSize
    if (grownBytes === 0) return this.#size
    const fate = random.pick(['lost', 'kept', 'part'])
    if (fate === 'lost') return this.#durableSize
    if (fate === 'kept' || grownBytes < 0) return this.#size
    return this.#durableSize + random.int(grownBytes)
  }
}

function copyPage(pages: Pages, page: number): Uint8Array {
  return pages.get(page)?.slice() ?? new Uint8Array(pageBytes)
}

function storePage(pages: Pages, page: number, content: Uint8Array | undefined): void {
  if (content) pages.set(page, content)
  else pages.delete(page)
}

/** Drops what lies past `size`, which reads as zeros when the file grows again; returns the pages it changed. */
function cutPages(pages: Pages, size: number): number[] {
  const changed = [...pages.keys()].filter((page) => (page + 1) * pageBytes > size)
  for (const page of changed) {
    const rest = size - page * pageBytes
    if (rest <= 0) pages.delete(page)
    else pages.set(page, copyPage(pages, page).fill(0, rest))
  }
  return changed
}

/** Splits a range of bytes at page boundaries; `start` and `end` are within the page, `offset` within the range. */
function forEachPage(
  position: number,
  length: number,
  visit: (page: number, start: number, end: number, offset: number) => void,
): void {
  for (let offset = 0; offset < length; ) {
    const page = Math.floor((position + offset) / pageBytes)
    const start = (position + offset) % pageBytes
    const end = Math.min(pageBytes, start + length - offset)
    visit(page, start, end, offset)
    offset += end - start
  }
}
