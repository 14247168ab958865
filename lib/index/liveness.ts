import { basename, join } from 'node:path'
import { readCheckedJson, writeCheckedJson } from '../runtime/checked-json.js'
import type { Files } from '../runtime/files.js'

const FORMAT = 1
const NAME = 'live.json'

export interface LivenessOptions {
  readonly files: Files
  /** Where the segments of a collection lie. */
  readonly directory: string
  readonly historyId: string
}

/** A segment, by its directory. */
interface Segment {
  readonly path: string
}

interface StoredLiveness {
  readonly format: number
  readonly historyId: string
  readonly seq: number
  /** Bitmaps in base64 by the names of the segments. */
  readonly dead: unknown
}

/** Which rows of the segments of a collection were dead when it was closed, so that the next open need not ask every record. */
export class Liveness {
  readonly #options: LivenessOptions

  constructor(options: LivenessOptions) {
    this.#options = options
  }

  /**
   * Writes it as of operation `seq`, the last one there is.
   *
   * @param dead - words of a bitmap by segment
   */
  async write(seq: number, dead: ReadonlyMap<Segment, Uint32Array>): Promise<void> {
    const { files, directory, historyId } = this.#options
    const words = [...dead].map(([{ path }, { buffer, byteOffset, byteLength }]) => [
      basename(path),
      Buffer.from(buffer, byteOffset, byteLength).toString('base64'),
    ])
    const record: StoredLiveness = { format: FORMAT, historyId, seq, dead: Object.fromEntries(words) }
    await writeCheckedJson(files, join(directory, NAME), record)
  }

  /**
   * Reads what was written, and removes it: from now on rows die that it knows nothing of.
   *
   * @returns the dead rows of a segment; `undefined` when nothing was written, or as of another operation than `seq`
   */
  async take(seq: number): Promise<((segment: Segment) => Uint32Array | undefined) | undefined> {
    const { files, directory, historyId } = this.#options
    const path = join(directory, NAME)
    if ((await files.stat(path))?.kind !== 'file') return undefined
    const found = (await readCheckedJson(files, path)) as StoredLiveness | undefined
    await files.remove(path)
    await files.syncDirectory(directory)
    if (found?.format !== FORMAT || found.historyId !== historyId || found.seq !== seq) return undefined
    const words = bitmapsOf(found.dead)
    return ({ path: segment }) => words.get(basename(segment))
  }
}

/** A checksum proves who wrote it, not that it was this version: what has another shape is not known. */
function bitmapsOf(dead: unknown): Map<string, Uint32Array> {
  if (typeof dead !== 'object' || dead === null || Array.isArray(dead)) return new Map()
  return new Map(
    Object.entries(dead).flatMap(([name, words]) =>
      typeof words === 'string' ? [[name, wordsOf(words)] as const] : [],
    ),
  )
}

function wordsOf(base64: string): Uint32Array {
  const bytes = Uint8Array.from(Buffer.from(base64, 'base64'))
  return new Uint32Array(bytes.buffer, 0, bytes.byteLength >>> 2)
}
