import { ReplivecError } from '../errors.js'
import type { Operation } from '../log/frame.js'
import type { Staged } from './collection-host.js'
import type { CollectionState } from './collection-state.js'
import type { PreparedRecord } from './record-input.js'
import type { Version } from './versions.js'

/** A checked patch of one record. Absent parts stay as they are. */
export interface PreparedPatch {
  readonly vector: Float32Array | undefined
  /** Encoded metadata with the top-level fields to set; `'{}'` sets none. */
  readonly set: string
  readonly unset: readonly string[]
}

export function isEmptyPatch(patch: PreparedPatch): boolean {
  return !patch.vector && !touchesMetadata(patch)
}

/** Replaces or adds whole records. Of an id that comes twice the last one counts. */
export function stageUpsert(
  state: CollectionState,
  records: readonly PreparedRecord[],
  firstSeq: number,
): Staged {
  return stagePuts(state, withoutRepeats(records), firstSeq)
}

/** @throws `ID_EXISTS` before anything is staged */
export function stageInsert(
  state: CollectionState,
  records: readonly PreparedRecord[],
  firstSeq: number,
): Staged {
  const ids = new Set<string>()
  for (const { id } of records) {
    if (ids.has(id) || state.pendingNumber(id) !== undefined) {
      throw new ReplivecError(
        'ID_EXISTS',
        ids.has(id)
          ? `The id ${JSON.stringify(id)} comes twice in one insert; nothing was written.`
          : `A record with the id ${JSON.stringify(id)} exists; nothing was written. Use upsert to replace it.`,
        { details: { id } },
      )
    }
    ids.add(id)
  }
  return stagePuts(state, records, firstSeq)
}

/** Changes one record in one operation. @throws `ID_NOT_FOUND`, `METADATA_INVALID` before anything is staged */
export function stageUpdate(
  state: CollectionState,
  id: string,
  patch: PreparedPatch,
  firstSeq: number,
): Staged {
  if (state.pendingNumber(id) === undefined) {
    throw new ReplivecError(
      'ID_NOT_FOUND',
      `There is no record with the id ${JSON.stringify(id)} to update; use upsert to create it.`,
      { details: { id } },
    )
  }
  if (isEmptyPatch(patch)) return { operations: [], versions: [] }
  const version = stagePatch(state, id, patch, firstSeq)
  return { operations: [patchOperation(state.number, id, patch)], versions: [version] }
}

/** Deletes those of the ids that exist. */
export function stageDelete(state: CollectionState, ids: readonly string[], firstSeq: number): Staged {
  const operations: Operation[] = []
  const versions: Version[] = []
  for (const id of ids) {
    const version = state.stageDelete(firstSeq + versions.length, id)
    if (!version) continue
    operations.push({ delete: { collection: state.number, id } })
    versions.push(version)
  }
  return { operations, versions }
}

/**
 * Changes the metadata of many records at once. All are merged before the first is staged, so that one that grows
 * too large refuses the whole call.
 */
export function stageMetadataOfMany(
  state: CollectionState,
  ids: readonly string[],
  patch: PreparedPatch,
  merge: (metadata: string) => string,
  firstSeq: number,
): Staged {
  const merged = ids.map((id) => merge(state.pendingMetadata(id) ?? '{}'))
  const versions = ids.map((id, index) =>
    state.stageMergedMetadata(firstSeq + index, id, merged[index] as string),
  )
  return { operations: ids.map((id) => patchOperation(state.number, id, patch)), versions }
}

/** Stages a patch on a record that exists; `METADATA_INVALID` is thrown first. */
export function stagePatch(state: CollectionState, id: string, patch: PreparedPatch, seq: number): Version {
  const staged = !touchesMetadata(patch)
    ? state.stageVector(seq, id, patch.vector as Float32Array)
    : patch.vector
      ? state.stageBoth(seq, id, patch.vector, patch.set, patch.unset)
      : state.stageMetadata(seq, id, patch.set, patch.unset)
  return staged as Version
}

function patchOperation(collection: number, id: string, { vector, set, unset }: PreparedPatch): Operation {
  if (!vector) return { setMetadata: { collection, id, set, unset: [...unset] } }
  if (set === '{}' && unset.length === 0) return { setVector: { collection, id, vector: bytesOf(vector) } }
  return { update: { collection, id, vector: bytesOf(vector), set, unset: [...unset] } }
}

function stagePuts(state: CollectionState, records: readonly PreparedRecord[], firstSeq: number): Staged {
  const collection = state.number
  // Mapped, not pushed: an array that grows by its first element has room for seventeen.
  const versions = records.map(({ id, vector, metadata }, index) =>
    state.stagePut(firstSeq + index, id, vector, metadata),
  )
  const operations = records.map(({ id, vector, metadata }) => ({
    put: { collection, id, vector: bytesOf(vector), metadata },
  }))
  return { operations, versions }
}

function withoutRepeats(records: readonly PreparedRecord[]): readonly PreparedRecord[] {
  if (records.length < 2) return records
  const last = new Map<string, PreparedRecord>()
  for (const record of records) last.set(record.id, record)
  return last.size === records.length ? records : [...last.values()]
}

function touchesMetadata({ set, unset }: PreparedPatch): boolean {
  return set !== '{}' || unset.length > 0
}

function bytesOf(vector: Float32Array): Uint8Array {
  return new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength)
}
