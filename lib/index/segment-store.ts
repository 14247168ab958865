import { basename, join } from 'node:path'
import { crc32 } from 'node:zlib'
import { ReplivecError } from '../errors.js'
import { readCheckedJson, writeCheckedJson } from '../runtime/checked-json.js'
import type { Clock } from '../runtime/clock.js'
import type { Files, OpenFile } from '../runtime/files.js'
import { TimeSlice } from '../runtime/time-slice.js'
import { Liveness } from './liveness.js'
import type { Metric } from './metric.js'
import { Rows } from './rows.js'
import { VectorPieces } from './vector-pieces.js'

const FORMAT = 1
const DESCRIPTION = 'segment.json'
const ROWS = 'rows.bin'
const INDEX = 'index'
/** What one checksum covers. */
const CHUNK_BYTES = 1024 * 1024
/** Directories are called by a number that is never used again. */
const NAME = /^[0-9]{8,}$/

/** What a segment is told by, besides its rows. */
export interface SegmentFacts {
  /** Kind of the backend that built its index. */
  readonly kind: string
  readonly dimensions: number
  readonly metric: Metric
  readonly largestNorm: number
  readonly unitSlack: number
}

/** The directory of one segment. */
export interface SegmentPlace {
  readonly path: string
  /** Where the backend's own files lie. */
  readonly indexPath: string
}

/** A segment as it was found on disk; which of its rows are alive is not known yet. */
export interface FoundSegment {
  readonly place: SegmentPlace
  readonly rows: Rows
  readonly largestNorm: number
  readonly unitSlack: number
  /** Bytes of the rows' file. */
  readonly diskBytes: number
}

export interface SegmentStoreOptions {
  readonly files: Files
  /** Of one collection. */
  readonly directory: string
  readonly clock: Clock
  /** Segments of another history belong to other operations. */
  readonly historyId: string
  /** Resolves when the log holds everything up to an operation on stable storage; `undefined` when it does. */
  readonly logSynced: (seq: number) => Promise<void> | undefined
}

/**
 * The segments of one collection on disk. A segment is a directory: the backend's files, the rows it was built over, and last
 * a description with their checksums, without which there is none. It never changes. Which of its rows are alive is not
 * written: a row is while its record still has the vector of that operation.
 */
export class SegmentStore {
  /** Which rows of the segments were dead at the close. */
  readonly liveness: Liveness
  readonly #options: SegmentStoreOptions
  /** Names of those being built or in use. */
  readonly #held = new Set<string>()
  #last: number | undefined
  #isUnwanted = false

  constructor(options: SegmentStoreOptions) {
    this.#options = options
    this.liveness = new Liveness(options)
  }

  /** Makes the directory of a segment to be built. */
  async begin(): Promise<SegmentPlace> {
    const { files } = this.#options
    const found = this.#last === undefined ? Math.max(0, ...(await this.#names()).map(Number)) : 0
    // Another one may have begun meanwhile.
    this.#last = Math.max(this.#last ?? 0, found) + 1
    const name = String(this.#last).padStart(8, '0')
    this.#held.add(name)
    const place = this.#place(name)
    try {
      await files.makeDirectory(place.indexPath)
    } catch (error) {
      this.letGo(place)
      throw error
    }
    return place
  }

  /**
   * Writes the rows of a segment, whose index is built and durable. From then on it counts.
   *
   * @returns bytes of the rows' file
   */
  async finish(place: SegmentPlace, rows: Rows, facts: SegmentFacts): Promise<number> {
    const { files, directory, historyId, logSynced } = this.#options
    const { count } = rows
    let lastSeq = 0
    for (let ordinal = 0; ordinal < count; ordinal++) lastSeq = Math.max(lastSeq, rows.seqAt(ordinal))
    const { size, checksums } = await this.#writeRows(join(place.path, ROWS), rows)
    // Were the end of the log lost, its numbers would be given to other operations.
    await logSynced(lastSeq)
    await files.syncDirectory(place.path)
    const { kind, dimensions, metric, largestNorm, unitSlack } = facts
    const description = {
      format: FORMAT,
      historyId,
      kind,
      dimensions,
      metric,
      largestNorm,
      unitSlack,
      count,
      checksums,
    }
    await writeCheckedJson(files, join(place.path, DESCRIPTION), description)
    await files.syncDirectory(directory)
    return size
  }

  /** A segment is in use: it stays until it is removed. */
  hold({ path }: SegmentPlace): void {
    this.#held.add(basename(path))
  }

  /** Nobody uses a segment any more, which stays. */
  letGo({ path }: SegmentPlace): void {
    this.#held.delete(basename(path))
  }

  /** Removes a segment; what is left of it, should that fail in between, is no segment. */
  async remove({ path }: SegmentPlace): Promise<void> {
    const { files } = this.#options
    const description = join(path, DESCRIPTION)
    if ((await files.stat(description))?.kind === 'file') {
      await files.remove(description)
      // Or a power cut could bring it back to files that are gone.
      await files.syncDirectory(path)
    }
    await files.removeTree(path)
    this.#held.delete(basename(path))
    await this.#removeDirectory()
  }

  /** Removes all there is: what somebody holds, when it is removed. */
  async removeAll(): Promise<void> {
    this.#isUnwanted = true
    await this.removeOthers()
    await this.#removeDirectory()
  }

  /** Removes the segments that nobody holds. */
  async removeOthers(): Promise<void> {
    for (const place of await this.places()) await this.remove(place)
  }

  /** The segments that may be there and nobody holds yet, oldest first; what is certainly none is removed. */
  async places(): Promise<SegmentPlace[]> {
    const { files } = this.#options
    const places: SegmentPlace[] = []
    for (const name of await this.#names()) {
      if (this.#held.has(name)) continue
      const place = this.#place(name)
      if (await files.stat(join(place.path, DESCRIPTION))) places.push(place)
      else await files.removeTree(place.path)
    }
    return places
  }

  /**
   * Reads a segment and checks every byte of its rows. All of them are dead.
   *
   * @param id - unique among the rows of one index
   * @returns `undefined` when it is of another kind of backend, or of another history
   * @throws `BACKEND_FAILED` when it is damaged, `FORMAT_UNSUPPORTED`, or what the system answers
   */
  async load(
    place: SegmentPlace,
    id: number,
    facts: Omit<SegmentFacts, 'largestNorm' | 'unitSlack'>,
  ): Promise<FoundSegment | undefined> {
    const { files, historyId } = this.#options
    const path = join(place.path, DESCRIPTION)
    const found = (await readCheckedJson(files, path)) as StoredSegment | undefined
    if (!found) throw damaged(path, 'it does not match its own checksum')
    if (found.format !== FORMAT) {
      throw new ReplivecError(
        'FORMAT_UNSUPPORTED',
        `${path} has format ${found.format}; this version reads format ${FORMAT}. Upgrade replivec.`,
        { details: { path, format: found.format, supported: FORMAT } },
      )
    }
    const { kind, dimensions, metric } = facts
    if (found.historyId !== historyId || found.kind !== kind) return undefined
    if (found.dimensions !== dimensions || found.metric !== metric) return undefined
    const { rows, diskBytes } = await this.#readRows(join(place.path, ROWS), id, found)
    return { place, rows, largestNorm: found.largestNorm, unitSlack: found.unitSlack, diskBytes }
  }

  async #removeDirectory(): Promise<void> {
    const { files, directory } = this.#options
    if (this.#isUnwanted && this.#held.size === 0) await files.removeTree(directory)
  }

  async #names(): Promise<string[]> {
    const { files, directory } = this.#options
    if (!(await files.stat(directory))) return []
    const names = (await files.list(directory)).filter((name) => NAME.test(name))
    // Of nine digits they are no longer in the order of the alphabet.
    return names.sort((a, b) => Number(a) - Number(b))
  }

  #place(name: string): SegmentPlace {
    const path = join(this.#options.directory, name)
    return { path, indexPath: join(path, INDEX) }
  }

  async #writeRows(path: string, rows: Rows): Promise<{ size: number; checksums: number[] }> {
    const { files, clock } = this.#options
    const { vectors, numbers, seqs, scaled } = rows.content()
    const slice = new TimeSlice(clock)
    const checksums: number[] = []
    let size = 0
    const file = await files.open(path, 'create')
    try {
      for (const part of [...vectors, numbers, seqs, scaled]) {
        const bytes = bytesOf(part)
        for (const chunk of chunksOf(bytes)) {
          const pause = slice.step()
          if (pause) await pause
          checksums.push(crc32(chunk))
        }
        await file.write(bytes, size)
        size += bytes.byteLength
      }
      await file.sync()
    } finally {
      await file.close()
    }
    return { size, checksums }
  }

  async #readRows(
    path: string,
    id: number,
    found: StoredSegment,
  ): Promise<{ rows: Rows; diskBytes: number }> {
    const { files, clock } = this.#options
    const { count, dimensions, checksums } = found
    const vectors = new VectorPieces(dimensions, count)
    const numbers = new Uint32Array(count)
    const seqs = new Float64Array(count)
    const scaled = new Uint32Array((count + 31) >>> 5)
    const parts = [...vectors.pieces, numbers, seqs, scaled].map(bytesOf)
    const diskBytes = parts.reduce((sum, { byteLength }) => sum + byteLength, 0)
    const file = await files.open(path, 'read')
    try {
      if ((await file.size()) !== diskBytes)
        throw damaged(path, `it has not the ${diskBytes} bytes it was written with`)
      await readChecked(file, parts, checksums, path, clock)
    } finally {
      await file.close()
    }
    return { rows: Rows.found(id, { vectors, numbers, seqs, scaled }), diskBytes }
  }
}

interface StoredSegment {
  readonly format: number
  readonly historyId: string
  readonly kind: string
  readonly dimensions: number
  readonly metric: Metric
  readonly largestNorm: number
  readonly unitSlack: number
  readonly count: number
  readonly checksums: readonly number[]
}

/** Fills `parts` from a file; one is read while the one before is summed. */
async function readChecked(
  file: OpenFile,
  parts: readonly Uint8Array[],
  checksums: readonly number[],
  path: string,
  clock: Clock,
): Promise<void> {
  const slice = new TimeSlice(clock)
  let position = 0
  const read = (part: Uint8Array | undefined): Promise<number> | undefined => {
    if (!part) return undefined
    const reading = file.read(part, position)
    position += part.byteLength
    // It may fail before anybody waits for it.
    reading.catch(() => undefined)
    return reading
  }
  let next = read(parts[0])
  let chunks = 0
  for (const [index, part] of parts.entries()) {
    await next
    next = read(parts[index + 1])
    for (const chunk of chunksOf(part)) {
      const pause = slice.step()
      if (pause) await pause
      if (crc32(chunk) !== checksums[chunks]) {
        await next
        throw damaged(path, `chunk ${chunks} does not match its checksum`)
      }
      chunks += 1
    }
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

function* chunksOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let from = 0; from < bytes.byteLength; from += CHUNK_BYTES)
    yield bytes.subarray(from, from + CHUNK_BYTES)
}

function damaged(path: string, problem: string): ReplivecError {
  return new ReplivecError('BACKEND_FAILED', `A segment's file is damaged: ${path}: ${problem}.`, {
    details: { path },
  })
}
