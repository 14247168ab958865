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
  readonly dead: Readonly<Record<string, string>>
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
    return ({ path: segment }) => {
      const words = found.dead[basename(segment)]
      return words === undefined ? undefined : wordsOf(words)
    }
  }
}

function wordsOf(base64: string): Uint32Array {
  const bytes = Uint8Array.from(Buffer.from(base64, 'base64'))
  return new Uint32Array(bytes.buffer, 0, bytes.byteLength >>> 2)
}
