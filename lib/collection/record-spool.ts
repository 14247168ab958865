import type { Files, OpenFile } from '../runtime/files.js'

/** Records of a scan stay in memory up to this many bytes; the rest waits in a temporary file. */
const MEMORY_BYTES_MAX = 8 * 1024 * 1024

/** A record on its way to the reader of a scan. */
export interface SpooledRecord {
  readonly id: string
  readonly metadata: string
  readonly vector: Float32Array | undefined
}

/**
 * A queue of records between a pass over a view and whoever reads the scan, however slowly: it begins in memory and
 * goes on in a temporary file, so that a slow reader holds neither the view nor much memory.
 */
export class RecordSpool {
  readonly #place: { readonly files: Files; readonly path: () => string } | undefined
  #memory: SpooledRecord[] = []
  #memoryBytes = 0
  #file: { readonly handle: OpenFile; readonly path: string } | undefined
  #written = 0
  #read = 0

  /** @param place - where the temporary file goes; without one everything stays in memory */
  constructor(place: { readonly files: Files; readonly path: () => string } | undefined) {
    this.#place = place
  }

  get isEmpty(): boolean {
    return this.#memory.length === 0 && this.#read === this.#written
  }

  async push(records: readonly SpooledRecord[]): Promise<void> {
    if (!this.#place || (this.#read === this.#written && this.#memoryBytes < MEMORY_BYTES_MAX)) {
      for (const record of records) {
        this.#memory.push(record)
        this.#memoryBytes += record.metadata.length + (record.vector?.byteLength ?? 0) + record.id.length
      }
      return
    }
    if (!this.#file) {
      const path = this.#place.path()
      this.#file = { handle: await this.#place.files.open(path, 'create'), path }
    }
    const page = encodePage(records)
    await this.#file.handle.write(page, this.#written)
    this.#written += page.byteLength
  }

  /** The next run of records, oldest first; empty when there is none at the moment. */
  async take(): Promise<SpooledRecord[]> {
    if (this.#memory.length > 0) {
      const records = this.#memory
      this.#memory = []
      this.#memoryBytes = 0
      return records
    }
    if (!this.#file || this.#read === this.#written) return []
    const header = new Uint8Array(4)
    await this.#file.handle.read(header, this.#read)
    const length = new DataView(header.buffer).getUint32(0, true)
    const page = new Uint8Array(length)
    await this.#file.handle.read(page, this.#read + 4)
    this.#read += 4 + length
    return decodePage(page)
  }

  async close(): Promise<void> {
    if (!this.#file || !this.#place) return
    const { handle, path } = this.#file
    this.#file = undefined
    await handle.close()
    await this.#place.files.remove(path)
  }
}

/** A page: its length, then JSON of ids and metadata, then the vectors. Read back by the process that wrote it only. */
function encodePage(records: readonly SpooledRecord[]): Uint8Array {
  const text = Buffer.from(
    JSON.stringify(records.map(({ id, metadata, vector }) => [id, metadata, vector?.length ?? 0])),
  )
  const vectors = records.map(({ vector }) =>
    vector ? Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength) : Buffer.alloc(0),
  )
  const body = Buffer.concat([Buffer.alloc(8), text, ...vectors])
  body.writeUInt32LE(body.byteLength - 4, 0)
  body.writeUInt32LE(text.byteLength, 4)
  return body
}

function decodePage(page: Uint8Array): SpooledRecord[] {
  const textEnd = 4 + new DataView(page.buffer).getUint32(0, true)
  const rows = JSON.parse(new TextDecoder().decode(page.subarray(4, textEnd))) as [string, string, number][]
  let at = textEnd
  return rows.map(([id, metadata, components]) => {
    if (components === 0) return { id, metadata, vector: undefined }
    const vector = new Float32Array(page.slice(at, at + components * 4).buffer)
    at += components * 4
    return { id, metadata, vector }
  })
}
