import type { ChangeKind } from '../collection/collection-host.js'
import type { CollectionState } from '../collection/collection-state.js'
import type { Version } from '../collection/versions.js'
import { ReplivecError } from '../errors.js'
import type { Operation } from '../log/frame.js'
import type { OpLog } from '../log/op-log.js'
import type { replivec } from '../log/schema.js'
import type { Metric } from '../index/metric.js'
import type { Applier } from './applier.js'
import type { Catalogue } from './catalogue.js'
import type { CommitPath, StagedCommit } from './commit-path.js'

/**
 * Publishes what the log holds and the record store does not, as if it had just been written. Replaying an operation
 * that was applied already changes nothing: operations on collections that are gone are passed over.
 */
export async function replayLog(
  log: OpLog,
  catalogue: Catalogue,
  commitPath: CommitPath,
  applier: Applier,
): Promise<void> {
  const from = applier.appliedSeq + 1
  if (from > log.head.seq) return
  for await (const { commit, firstSeq, lastSeq } of log.read(from)) {
    const room = applier.room()
    if (room) await room
    commitPath.replay(stageCommit(catalogue, commit, firstSeq), { epoch: commit.epoch, seq: lastSeq })
  }
}

/**
 * Stages a logged commit; runs of operations on one collection become one part.
 *
 * @param vectors - those of its operations, by their places, where they were read already
 */
export function stageCommit(
  catalogue: Catalogue,
  commit: replivec.v1.Commit,
  firstSeq: number,
  vectors: readonly (Float32Array | undefined)[] = [],
): StagedCommit[] {
  const parts: StagedCommit[] = []
  let run: { state: CollectionState; kind: ChangeKind; versions: Version[] } | undefined
  for (const [index, operation] of commit.operations.entries()) {
    const seq = firstSeq + index
    if (!isKnown(operation)) throw unknownOperation(seq)
    const settings = stageSettings(catalogue, operation, seq)
    if (settings) {
      run = undefined
      parts.push(settings)
      continue
    }
    const state = catalogue.state(collectionOf(operation))
    const version = state && stageRecord(state, operation, seq, vectors[index])
    if (!state || !version) continue
    const kind = kindOf(operation)
    if (run?.state !== state || run.kind !== kind) {
      run = { state, kind, versions: [] }
      parts.push({ operations: [], state, kind, versions: run.versions })
    }
    run.versions.push(version)
  }
  return parts.length > 0 ? parts : [{ operations: [], state: undefined, versions: [] }]
}

/** Nothing that a later version added may be passed over: what it changed would be missing here. */
function isKnown(operation: Operation): boolean {
  const { createCollection, configureCollection, dropCollection } = operation
  return (
    !!(createCollection ?? configureCollection ?? dropCollection) || recordOperation(operation) !== undefined
  )
}

function unknownOperation(seq: number): ReplivecError {
  return new ReplivecError(
    'FORMAT_UNSUPPORTED',
    `Operation ${seq} of the log is of a kind that this version does not know. Open the store with the version that wrote it, or upgrade.`,
    { details: { format: `operation ${seq}`, supported: 1 } },
  )
}

function stageSettings(catalogue: Catalogue, operation: Operation, seq: number): StagedCommit | undefined {
  const { createCollection, configureCollection, dropCollection } = operation
  if (createCollection) {
    if (catalogue.knows(seq)) return { operations: [], state: undefined, versions: [] }
    const { name, dimensions, metric, backend, indexed } = createCollection
    return catalogue.stageCreate(seq, name ?? '', {
      dimensions: dimensions ?? 0,
      metric: metric as Metric,
      backend: backend as 'cpu',
      indexed: indexed ?? [],
    })
  }
  if (configureCollection) {
    const state = catalogue.state(configureCollection.collection ?? 0)
    const { backend, indexed } = configureCollection
    return state && catalogue.stageConfigure(state, backend ?? 'cpu', indexed ?? [])
  }
  const dropped = dropCollection && catalogue.state(dropCollection.collection ?? 0)
  return dropped ? catalogue.stageDrop(dropped) : undefined
}

function stageRecord(
  state: CollectionState,
  operation: Operation,
  seq: number,
  read: Float32Array | undefined,
): Version | undefined {
  const { put, setVector, setMetadata, update, delete: gone } = operation
  if (put) return state.stagePut(seq, put.id ?? '', read ?? readVector(put.vector), put.metadata ?? '{}')
  if (setVector) return state.stageVector(seq, setVector.id ?? '', read ?? readVector(setVector.vector))
  if (setMetadata) {
    return state.stageMetadata(seq, setMetadata.id ?? '', setMetadata.set ?? '{}', setMetadata.unset ?? [])
  }
  if (update) {
    const vector = read ?? readVector(update.vector)
    return state.stageBoth(seq, update.id ?? '', vector, update.set ?? '{}', update.unset ?? [])
  }
  return gone ? state.stageDelete(seq, gone.id ?? '') : undefined
}

function kindOf(operation: Operation): ChangeKind {
  if (operation.put) return 'upsert'
  return operation.delete ? 'delete' : 'update'
}

function collectionOf(operation: Operation): number {
  return recordOperation(operation)?.collection ?? 0
}

export function recordOperation({ put, setVector, setMetadata, update, delete: gone }: Operation) {
  return put ?? setVector ?? setMetadata ?? update ?? gone ?? undefined
}

/** A copy: bytes of a frame lie at any alignment. */
export function readVector(bytes: Uint8Array | null | undefined): Float32Array {
  const vector = new Float32Array((bytes?.byteLength ?? 0) / 4)
  if (bytes) new Uint8Array(vector.buffer).set(bytes)
  return vector
}
