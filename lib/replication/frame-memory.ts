/** Shorter frames come out of the pool of `Buffer`, which costs nothing worth saving. */
const SMALL_BYTES = 4 * 1024
const FREE_BYTES_MAX = 4 * 1024 * 1024 + 4 * 1024
const WRAPPING_BYTES = 256

/**
 * Memory for frames on their way out. A link is done with a frame once its `send` resolved, and the next frame has the memory: V8
 * counts what it is asked for outside of its heap as if it were in it, and a steady stream of new buffers has it collect everything
 * several times a second.
 */
export class FrameMemory {
  /** Shortest first. */
  #free: Uint8Array[] = []
  #freeBytes = 0

  /** At least so many bytes; whatever is in them. */
  take(bytes: number): Uint8Array {
    if (bytes < SMALL_BYTES) return Buffer.allocUnsafe(bytes)
    const at = this.#free.findIndex(({ byteLength }) => byteLength >= bytes)
    const [memory] = at < 0 ? [] : this.#free.splice(at, 1)
    if (!memory) return Buffer.allocUnsafeSlow(roundedUp(bytes))
    this.#freeBytes -= memory.byteLength
    return memory
  }

  /** Takes back what `take` gave, when nobody reads it any more. */
  give(memory: Uint8Array): void {
    const bytes = memory.byteLength
    if (bytes < SMALL_BYTES || this.#freeBytes + bytes > FREE_BYTES_MAX) return
    const at = this.#free.findIndex(({ byteLength }) => byteLength >= bytes)
    this.#free.splice(at < 0 ? this.#free.length : at, 0, memory)
    this.#freeBytes += bytes
  }
}

/** A power of two, and room for what a full batch or piece is wrapped in: frames of a stream differ by a little. */
function roundedUp(bytes: number): number {
  if (bytes > FREE_BYTES_MAX) return bytes
  return 2 ** Math.ceil(Math.log2(bytes - WRAPPING_BYTES)) + WRAPPING_BYTES
}
