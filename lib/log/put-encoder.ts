import { Tag } from './commit-tags.js'
import type { replivec } from './schema.js'
import { varintBytes, writeVarint } from './varint.js'

type Commit = replivec.v1.Commit.$Properties
type Put = replivec.v1.Put.$Properties
type Operation = replivec.v1.Operation.$Properties

/** Lengths of one operation, inside out. */
interface PutSize {
  readonly put: Put
  readonly idBytes: number
  readonly metadataBytes: number
  readonly putBytes: number
  readonly operationBytes: number
}

/**
 * Encodes the operations of a commit that only puts records, byte for byte as the generated encoder does: almost
 * every byte of a log is a put, and the generated encoder allocates an object a field (bench row `pieces`).
 *
 * @returns `undefined` when something else is among the operations
 */
export function encodePuts(operations: Commit['operations']): Uint8Array | undefined {
  return encodePutsAfter(0, operations)
}

/**
 * Encodes a whole commit that only puts records, after `reservedBytes` bytes of room for a header of the caller's.
 *
 * @returns `undefined` when something else is among the operations
 */
export function encodePutCommit(commit: Commit, reservedBytes: number): Uint8Array | undefined {
  const { epoch, originId, firstSeq, count, committedAtMs } = commit
  if (!epoch || !originId || !firstSeq || !count || !committedAtMs || commit.$unknowns) return undefined
  const originBytes = Buffer.byteLength(originId)
  const numbers = varintBytes(epoch) + varintBytes(firstSeq) + varintBytes(count) + varintBytes(committedAtMs)
  const startBytes = 4 + numbers + 1 + varintBytes(originBytes) + originBytes
  const bytes = encodePutsAfter(reservedBytes + startBytes, commit.operations)
  if (!bytes) return undefined
  let at = reservedBytes
  bytes[at++] = Tag.epoch
  at = writeVarint(bytes, epoch, at)
  bytes[at++] = Tag.originId
  at = writeVarint(bytes, originBytes, at)
  at += bytes.write(originId, at, 'utf8')
  bytes[at++] = Tag.firstSeq
  at = writeVarint(bytes, firstSeq, at)
  bytes[at++] = Tag.count
  at = writeVarint(bytes, count, at)
  bytes[at++] = Tag.committedAtMs
  writeVarint(bytes, committedAtMs, at)
  return bytes
}

function encodePutsAfter(room: number, operations: Commit['operations']): Buffer | undefined {
  if (!operations?.every(isPlainPut)) return undefined
  const sizes = operations.map(({ put }) => sizeOf(put as Put))
  let total = room
  for (const { operationBytes } of sizes) total += 1 + varintBytes(operationBytes) + operationBytes
  const bytes = Buffer.allocUnsafe(total)
  let at = room
  for (const { put, idBytes, metadataBytes, putBytes, operationBytes } of sizes) {
    bytes[at++] = Tag.operations
    at = writeVarint(bytes, operationBytes, at)
    bytes[at++] = Tag.put
    at = writeVarint(bytes, putBytes, at)
    bytes[at++] = Tag.collection
    at = writeVarint(bytes, put.collection as number, at)
    bytes[at++] = Tag.id
    at = writeVarint(bytes, idBytes, at)
    at += bytes.write(put.id as string, at, 'utf8')
    const vector = put.vector as Uint8Array
    bytes[at++] = Tag.vector
    at = writeVarint(bytes, vector.byteLength, at)
    bytes.set(vector, at)
    at += vector.byteLength
    bytes[at++] = Tag.metadata
    at = writeVarint(bytes, metadataBytes, at)
    at += bytes.write(put.metadata as string, at, 'utf8')
  }
  return bytes
}

/** A put with every field, and nothing that this version does not know. */
function isPlainPut({ put, version, $unknowns }: Operation): boolean {
  if (!put || version || $unknowns) return false
  return !!put.id && !!put.vector && !!put.metadata && !!put.collection && !put.$unknowns
}

function sizeOf(put: Put): PutSize {
  const idBytes = Buffer.byteLength(put.id as string)
  const metadataBytes = Buffer.byteLength(put.metadata as string)
  const vectorBytes = (put.vector as Uint8Array).byteLength
  const putBytes =
    4 +
    varintBytes(put.collection as number) +
    varintBytes(idBytes) +
    idBytes +
    varintBytes(vectorBytes) +
    vectorBytes +
    varintBytes(metadataBytes) +
    metadataBytes
  return { put, idBytes, metadataBytes, putBytes, operationBytes: 1 + varintBytes(putBytes) + putBytes }
}
