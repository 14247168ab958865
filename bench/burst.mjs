/** A burst of writes: batches, of which a writer that does not wait for each has several on their way. */
import { performance } from 'node:perf_hooks'

export const BATCH = 100
export const DIMENSIONS = 64
/** Batches in flight. */
const WRITERS = 4

/** @returns {Promise<number>} how long it took, in milliseconds */
export async function writeBurst(collection, operations, batchOf) {
  const started = performance.now()
  let next = 0
  const writer = async () => {
    while (next < operations / BATCH) await collection.upsert(batchOf(next++))
  }
  await Promise.all(Array.from({ length: WRITERS }, writer))
  return performance.now() - started
}

/**
 * Records of 64 dimensions, the same in every run, made when they are asked for: as 200 000 objects in the master's heap they would be
 * marked by its garbage collector again and again, on the processors that are measured.
 *
 * @param {number} operations
 * @param {(id: number) => object} metadataOf - 100 bytes by default
 */
export function burstOf(operations, metadataOf = (id) => ({ number: id, text: TEXT })) {
  let state = 12345
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32 - 0.5
  }
  const vectors = Float32Array.from({ length: operations * DIMENSIONS }, random)
  const record = (id) => ({
    id: `record-${id}`,
    vector: vectors.subarray(id * DIMENSIONS, (id + 1) * DIMENSIONS),
    metadata: metadataOf(id),
  })
  return (batch) => Array.from({ length: BATCH }, (_, row) => record(batch * BATCH + row))
}

const TEXT = 'x'.repeat(80)
