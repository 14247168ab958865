import type { OpenFile } from '../runtime/files.js'
import { FRAME_HEADER_BYTES, readFrame } from './frame.js'

const EMPTY: Uint8Array = new Uint8Array(0)

/** A frame as it lies in a file. */
export interface FileFrame {
  readonly kind: 'frame'
  readonly mark: boolean
  /** The whole frame, header included; where the reader uses its memory again, good until the next one is read. */
  readonly bytes: Uint8Array
  readonly body: Uint8Array
  readonly offset: number
  /** Offset of the byte after it. */
  readonly end: number
}

/** How reading ended: cleanly, in zero-filled space, or at bytes that are no frame. */
export type ScanEnd =
  | { readonly kind: 'end'; readonly offset: number }
  | { readonly kind: 'damaged'; readonly offset: number; readonly reason: string }

/** Reads the frames of a file one after the other, checking each, in chunks: it holds one chunk or one frame in memory. */
export class FrameReader {
  readonly #file: OpenFile
  readonly #chunkBytes: number
  /** Memory to be used again; `undefined` where whoever has a frame may keep it. */
  #memory: Uint8Array | undefined
  #buffer = EMPTY
  /** Where in the file the buffer begins. */
  #start: number
  /** Where in the buffer the next frame begins. */
  #at = 0

  /**
   * @param offset - where the first frame begins
   * @param isReused - each frame is copied, or done with, before the next one is read
   */
  constructor(file: OpenFile, offset: number, chunkBytes: number, isReused = false) {
    this.#memory = isReused ? EMPTY : undefined
    this.#file = file
    this.#start = offset
    this.#chunkBytes = chunkBytes
  }

  /**
   * The next frame. After an end or an error the next call tries again from the same place.
   *
   * @param endOffset - where the known content ends; nothing is read from beyond. It may grow from call to call
   */
  async next(endOffset: number): Promise<FileFrame | ScanEnd> {
    for (;;) {
      const offset = this.#start + this.#at
      const reading = readFrame(this.#buffer, this.#at)
      if (reading.kind === 'partial') {
        const end = this.#start + reading.end
        const stop = end > endOffset ? await this.#lastBytes(offset, end, endOffset) : undefined
        if (stop) return stop
        if (!(await this.#fill(end - offset, endOffset))) {
          return { kind: 'damaged', offset, reason: 'the file is shorter than it should be' }
        }
        continue
      }
      if (reading.kind === 'end') return { kind: 'end', offset }
      if (reading.kind === 'damaged') return { kind: 'damaged', offset, reason: reading.reason }
      const { mark, body } = reading
      const bytes = this.#buffer.subarray(this.#at, reading.end)
      this.#at = reading.end
      // Whoever has the frame keeps its memory; a reader that waits for more needs none, unless that is used again.
      if (this.#at === this.#buffer.byteLength) this.#forget()
      return { kind: 'frame', mark, bytes, body, offset, end: offset + bytes.byteLength }
    }
  }

  /** What content ends in that is too short for the frame that seems to begin there. */
  async #lastBytes(offset: number, end: number, endOffset: number): Promise<ScanEnd> {
    const left = endOffset - offset
    if (left <= 0) return { kind: 'end', offset }
    const damaged: ScanEnd = { kind: 'damaged', offset, reason: 'the last frame is cut short' }
    if (left >= FRAME_HEADER_BYTES && end - offset > FRAME_HEADER_BYTES) return damaged
    const rest = new Uint8Array(left)
    const had = await this.#file.read(rest, offset)
    return had === left && rest.every((byte) => byte === 0) ? { kind: 'end', offset } : damaged
  }

  /**
   * Reads on, into memory of its own unless that may be used again: what was given away stays as it is.
   *
   * @returns whether the file had all of it
   */
  async #fill(neededBytes: number, endOffset: number): Promise<boolean> {
    const offset = this.#start + this.#at
    const rest = this.#buffer.subarray(this.#at)
    const buffer = this.#room(Math.max(neededBytes, Math.min(this.#chunkBytes, endOffset - offset)))
    // Moved within the memory that is used again: from a failure on it is read anew.
    buffer.set(rest)
    if (this.#memory) this.#forget()
    const had = await this.#file.read(buffer.subarray(rest.byteLength), offset + rest.byteLength)
    if (had < buffer.byteLength - rest.byteLength) return false
    this.#buffer = buffer
    this.#start = offset
    this.#at = 0
    return true
  }

  #room(bytes: number): Uint8Array {
    if (!this.#memory || bytes > this.#chunkBytes) return new Uint8Array(bytes)
    if (bytes > this.#memory.byteLength) this.#memory = new Uint8Array(bytes)
    return this.#memory.subarray(0, bytes)
  }

  #forget(): void {
    this.#start += this.#at
    this.#at = 0
    this.#buffer = EMPTY
  }
}
