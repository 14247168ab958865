import { vectorRoom } from '../collection/vector-room.js'
import { ReplivecError } from '../errors.js'
import type { Metric } from '../index/metric.js'
import type { Operation } from '../log/frame.js'
import type { replivec } from '../log/schema.js'
import { isStoredMetadata } from '../records/metadata-form.js'
import { mergeMetadata } from '../records/metadata.js'
import type { Catalogue } from './catalogue.js'
import { recordOperation } from './replay.js'

const METRICS: readonly Metric[] = ['cosine', 'dot', 'euclidean']
const DIMENSIONS_MAX = 65_536

/**
 * Looks whether every operation of a commit of another node can be applied here, before any of it is: a commit is applied as a
 * whole or not at all.
 *
 * @returns the vectors that the operations bring, by their places in the commit
 * @throws `FORMAT_UNSUPPORTED` for a kind of operation that this version does not know, `PROTOCOL_VIOLATED` for one that makes no sense
 */
export function checkReceived(
  catalogue: Catalogue,
  commit: replivec.v1.Commit,
): (Float32Array | undefined)[] {
  const copies = new VectorCopies(commit.operations.length)
  return commit.operations.map((operation, index) => {
    const reason = objection(catalogue, operation, copies)
    if (typeof reason !== 'string') return reason
    const seq = commit.firstSeq + index
    if (reason === UNKNOWN_KIND) {
      throw new ReplivecError(
        'FORMAT_UNSUPPORTED',
        `Operation ${seq} is of a kind that this version does not know. Upgrade this replica.`,
        { details: { format: `operation ${seq}`, supported: 1 } },
      )
    }
    throw new ReplivecError(
      'PROTOCOL_VIOLATED',
      `Operation ${seq} of the master cannot be applied: ${reason}. Look for damage there; resync() takes everything anew.`,
      { details: { reason, seq } },
    )
  })
}

const UNKNOWN_KIND = 'its kind is unknown'
const UNREADABLE = 'its metadata cannot be read or grows too large'

/** What is wrong with an operation, in words; when nothing is, its vector, if it brings one. */
function objection(
  catalogue: Catalogue,
  operation: Operation,
  copies: VectorCopies,
): string | Float32Array | undefined {
  const { createCollection, configureCollection, dropCollection } = operation
  if (createCollection) {
    const { dimensions, metric, name } = createCollection
    if (!dimensions || dimensions > DIMENSIONS_MAX) return `a collection of ${dimensions ?? 0} dimensions`
    if (!METRICS.some((known) => known === metric)) return `the metric '${metric ?? ''}'`
    return name ? undefined : 'a collection without a name'
  }
  const record = recordOperation(operation)
  const collection = (record ?? configureCollection ?? dropCollection)?.collection
  if (collection === undefined || collection === null) return record ? 'it names no collection' : UNKNOWN_KIND
  if (!catalogue.knows(collection)) return `there is no collection ${collection}`
  const state = catalogue.state(collection)
  // What is done to a collection that is gone is done to nothing.
  if (!state || !record) return undefined
  if (!record.id) return 'a record without an id'
  const bytes = (operation.put ?? operation.setVector ?? operation.update)?.vector
  if (bytes && bytes.byteLength !== state.dimensions * 4)
    return `a vector of ${bytes.byteLength} bytes for ${state.dimensions} dimensions`
  const vector = bytes ? copies.of(bytes, state.dimensions) : undefined
  if (vector && !isFiniteThroughout(vector)) return 'a vector with a component that is not finite'
  if (operation.put && !isStoredMetadata(operation.put.metadata ?? '{}')) return UNREADABLE
  const set = (operation.setMetadata ?? operation.update)?.set
  const unset = (operation.setMetadata ?? operation.update)?.unset ?? []
  try {
    if (set) mergeMetadata(state.pendingMetadata(record.id) ?? '{}', set, unset)
  } catch {
    return UNREADABLE
  }
  return vector
}

/** Copies the vectors of a commit: bytes of a frame lie at any alignment. */
class VectorCopies {
  readonly #count: number
  /** By dimensions: a commit may be about several collections. */
  readonly #rooms = new Map<number, () => Float32Array>()

  /** @param count - how many there are at most */
  constructor(count: number) {
    this.#count = count
  }

  /** @param bytes - of so many dimensions */
  of(bytes: Uint8Array, dimensions: number): Float32Array {
    let room = this.#rooms.get(dimensions)
    if (!room) {
      room = vectorRoom(this.#count, dimensions)
      this.#rooms.set(dimensions, room)
    }
    const vector = room()
    new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength).set(bytes)
    return vector
  }
}

/** Zero times what is not finite is no number, and stays none in a sum. */
function isFiniteThroughout(vector: Float32Array): boolean {
  let sum = 0
  for (let at = 0; at < vector.length; at++) sum += (vector[at] as number) * 0
  return sum === 0
}
