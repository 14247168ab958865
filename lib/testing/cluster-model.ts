import { crc32 } from 'node:zlib'
import { decodeCommit, type Operation, readFrame } from '../log/frame.js'
import type { Position } from '../log/position.js'
import { violation } from './violation.js'

export interface ModelRecord {
  readonly vector: readonly number[]
  readonly metadata: Readonly<Record<string, unknown>>
}

export interface ModelCollection {
  readonly name: string
  readonly settings: string
  readonly records: ReadonlyMap<string, ModelRecord>
}

/** Collections by the operation that created them. */
export type ModelState = ReadonlyMap<number, ModelCollection>

/** One commit of the master, and what everybody has who applied it and all before it. */
export interface ModelCommit extends Position {
  readonly firstSeq: number
  readonly parent: ModelCommit | undefined
  readonly bytes: number
  readonly checksum: number
  readonly operations: readonly Operation[]
  readonly state: ModelState
}

/**
 * What the master committed, by position: worked out anew from the frames it wrote, in the plainest way. Where a master lost the end
 * of its log there are several that follow the same commit.
 */
export class ClusterModel {
  readonly #commits = new Map<string, ModelCommit>()
  /** The largest commit so far. */
  bytesMax = 0

  readonly #counts: { commits: number }

  /** @param counts - counts the commits */
  constructor(counts: { commits: number }) {
    this.#counts = counts
  }

  /** The beginning of a history. */
  #root(history: string): ModelCommit {
    const key = `${history}/0`
    let root = this.#commits.get(key)
    if (!root) {
      root = {
        state: new Map(),
        ...{ epoch: 0, seq: 0, firstSeq: 0, parent: undefined, bytes: 0, checksum: 0, operations: [] },
      }
      this.#commits.set(key, root)
    }
    return root
  }

  at(history: string, { epoch, seq }: Position): ModelCommit | undefined {
    return seq === 0 ? this.#root(history) : this.#commits.get(`${history}/${epoch}/${seq}`)
  }

  /** The master wrote a commit. @param parent - the one before */
  add(history: string, parent: ModelCommit, frame: Uint8Array): ModelCommit {
    const { epoch, firstSeq, count, operations } = decodedFrame(frame)
    const seq = firstSeq + count - 1
    if (firstSeq !== parent.seq + 1)
      throw violation('position', `the master wrote operation ${firstSeq} after ${parent.seq}`)
    const checksum = crc32(frame)
    const key = `${history}/${epoch}/${seq}`
    const before = this.#commits.get(key)
    if (before && before.checksum !== checksum)
      throw violation('position', `the master used position ${epoch}/${seq} for two commits`)
    if (epoch < parent.epoch)
      throw violation('position', `the master wrote in epoch ${epoch} after ${parent.epoch}`)
    if (before) return before
    this.#counts.commits += 1
    const bytes = frame.byteLength
    this.bytesMax = Math.max(this.bytesMax, bytes)
    const state = applied(parent.state, firstSeq, operations)
    const commit = { epoch, seq, firstSeq, parent, bytes, checksum, operations, state }
    this.#commits.set(key, commit)
    return commit
  }

  /** A replica wrote a commit. @returns the master's */
  found(history: string, node: string, frame: Uint8Array): ModelCommit {
    const { epoch, firstSeq, count } = decodedFrame(frame)
    const seq = firstSeq + count - 1
    const commit = this.at(history, { epoch, seq })
    if (!commit || commit.firstSeq !== firstSeq)
      throw violation('prefix', `${node} wrote a commit ${epoch}/${seq} that the master did not`)
    if (commit.checksum !== crc32(frame))
      throw violation('position', `${node} wrote something else than the master at ${epoch}/${seq}`)
    return commit
  }
}

/** Whether one commit is another, or one of those before it. */
export function isBeforeOrAt(early: ModelCommit, late: ModelCommit): boolean {
  let commit: ModelCommit | undefined = late
  while (commit && commit.seq > early.seq) commit = commit.parent
  return commit === early
}

function decodedFrame(frame: Uint8Array): ReturnType<typeof decodeCommit> {
  const reading = readFrame(frame, 0)
  if (reading.kind !== 'frame') throw violation('position', 'a damaged commit was written')
  return decodeCommit(reading.body)
}

function applied(before: ModelState, firstSeq: number, operations: readonly Operation[]): ModelState {
  const state = new Map(before)
  const own = new Set<number>()
  for (const [index, operation] of operations.entries()) apply(state, firstSeq + index, operation, own)
  return state
}

/** @param own - collections whose records are a copy of this commit's own by now */
function apply(
  state: Map<number, ModelCollection>,
  seq: number,
  operation: Operation,
  own: Set<number>,
): void {
  const { createCollection, configureCollection, dropCollection } = operation
  const { put, setVector, setMetadata, update, delete: gone } = operation
  if (createCollection) {
    const { name, dimensions, metric, backend, indexed } = createCollection
    const settings = settingsText({ dimensions: dimensions ?? 0, metric: metric ?? '', backend, indexed })
    state.set(seq, { name: name ?? '', settings, records: new Map() })
    return
  }
  if (dropCollection) {
    state.delete(dropCollection.collection ?? 0)
    return
  }
  const change = configureCollection ?? put ?? setVector ?? setMetadata ?? update ?? gone
  const number = change?.collection ?? 0
  const collection = state.get(number)
  if (!collection) return
  if (configureCollection) {
    const { dimensions, metric } = JSON.parse(collection.settings)
    const { backend, indexed } = configureCollection
    state.set(number, { ...collection, settings: settingsText({ dimensions, metric, backend, indexed }) })
    return
  }
  const records = own.has(number)
    ? (collection.records as Map<string, ModelRecord>)
    : new Map(collection.records)
  own.add(number)
  state.set(number, { ...collection, records })
  const { id } = (put ?? setVector ?? setMetadata ?? update ?? gone) as { id?: string }
  const record = records.get(id ?? '')
  if (gone) records.delete(id ?? '')
  else if (put)
    records.set(id ?? '', { vector: floats(put.vector), metadata: JSON.parse(put.metadata || '{}') })
  else if (record) {
    const vector = (setVector ?? update)?.vector
    const patch = setMetadata ?? update
    const merged = { ...record.metadata, ...JSON.parse(patch?.set || '{}') }
    const kept = Object.entries(merged).filter(([field]) => !patch?.unset?.includes(field))
    records.set(id ?? '', {
      vector: vector ? floats(vector) : record.vector,
      metadata: Object.fromEntries(kept),
    })
  }
}

export function settingsText(settings: {
  dimensions: number
  metric: string
  backend?: string | null | undefined
  indexed?: readonly string[] | null | undefined
}): string {
  const { dimensions, metric, backend, indexed } = settings
  return JSON.stringify({ dimensions, metric, backend, indexed: [...(indexed ?? [])].sort() })
}

function floats(bytes: Uint8Array | null | undefined): number[] {
  const copy = new Uint8Array(bytes ?? [])
  return [...new Float32Array(copy.buffer)]
}

/** One line for each collection and each record. */
export function describeState(state: ModelState): string[] {
  const lines: string[] = []
  for (const { name, settings, records } of state.values()) {
    lines.push(`${name} ${settings}`)
    for (const [id, record] of records) lines.push(`${name}/${describeRecord(id, record)}`)
  }
  return lines.sort()
}

export function describeRecord(id: string, { vector, metadata }: ModelRecord): string {
  const fields = Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1))
  return `${id} (${vector.join()}) ${JSON.stringify(fields)}`
}
