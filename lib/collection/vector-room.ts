/** Vectors of one call lie together in runs of 1 MiB. */
const SLAB_FLOATS = 256 * 1024
/** Vectors of small calls share runs of 64 KiB: a run of memory of its own costs more than everything else of a call. */
const SHARED_FLOATS = 16 * 1024

/** One run of memory for many vectors: many small ones cost more to allocate and collect than to fill. */
class VectorSlab {
  #floats = new Float32Array(0)
  #at = 0

  /**
   * Room for a vector.
   *
   * @param floats - how long a new run is, where the present one is full
   */
  next(dimensions: number, floats: number): Float32Array {
    if (this.#at + dimensions > this.#floats.length) {
      this.#floats = new Float32Array(Math.max(floats, dimensions))
      this.#at = 0
    }
    const start = this.#at
    this.#at += dimensions
    return this.#floats.subarray(start, this.#at)
  }
}

/** Of all small calls. What is taken is never written again, so a run lives as long as any vector in it. */
const sharedSlab = new VectorSlab()

/** Room for the vectors of a call of `count` records, one after the other. */
export function vectorRoom(count: number, dimensions: number): () => Float32Array {
  if (count * dimensions <= SHARED_FLOATS / 4) return () => sharedSlab.next(dimensions, SHARED_FLOATS)
  const slab = new VectorSlab()
  let left = count
  return () => slab.next(dimensions, Math.min(left--, Math.floor(SLAB_FLOATS / dimensions)) * dimensions)
}
