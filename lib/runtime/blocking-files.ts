import { closeSync, fstatSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs'

/** Read or written by one call at most: more than 2 GiB is refused by some systems. */
const CALL_BYTES_MAX = 1 << 30
/** Small pieces are written together. */
const CHUNK_BYTES = 1 << 20

/** A file read by a thread that has nothing else to do than wait for it. All errors are those of the file system. */
export class BlockingReader {
  readonly #file: number
  /** Bytes, when it was opened. */
  readonly size: number

  constructor(path: string) {
    this.#file = openSync(path, 'r')
    this.size = fstatSync(this.#file).size
  }

  read(position: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length)
    this.readInto(bytes, position)
    return bytes
  }

  /** Fills `bytes` from `position` on. */
  readInto(bytes: Buffer, position: number): void {
    for (let done = 0; done < bytes.length; ) {
      const length = Math.min(bytes.length - done, CALL_BYTES_MAX)
      const read = readSync(this.#file, bytes, done, length, position + done)
      if (read === 0) throw new RangeError(`the file ends at ${position + done}, before what is read of it`)
      done += read
    }
  }

  close(): void {
    closeSync(this.#file)
  }
}

/** Writes a file anew, from its beginning to its end, for a thread that has nothing else to do. */
export class BlockingWriter {
  readonly #file: number
  readonly #chunk = Buffer.allocUnsafe(CHUNK_BYTES)
  #used = 0

  constructor(path: string) {
    this.#file = openSync(path, 'w')
  }

  write(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) {
      const length = Math.min(bytes.length - done, CHUNK_BYTES - this.#used)
      this.#chunk.set(bytes.subarray(done, done + length), this.#used)
      this.#used += length
      done += length
      if (this.#used === CHUNK_BYTES) this.flush()
    }
  }

  /** Gives to the system what is still held together here. */
  flush(): void {
    for (let done = 0; done < this.#used; )
      done += writeSync(this.#file, this.#chunk, done, this.#used - done)
    this.#used = 0
  }

  /** Without a flush before, what was written last may be missing. */
  close(): void {
    closeSync(this.#file)
  }
}

export function removeBlocking(path: string): void {
  rmSync(path)
}

export function renameBlocking(from: string, to: string): void {
  renameSync(from, to)
}
