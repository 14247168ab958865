import { copyMetadata, type Metadata } from '../records/metadata.js'

/** A hit before its flags are looked at. */
export interface AnyHit {
  id: string
  score: number
  distance: number
  metadata?: Metadata
  vector?: Float32Array
}

/** Hits that share nothing with `hits`: what the owner of one changes, the owner of the other does not see. */
export function copyHits(hits: readonly AnyHit[]): AnyHit[] {
  return hits.map(copyHit)
}

function copyHit({ id, score, distance, metadata, vector }: AnyHit): AnyHit {
  const copy: AnyHit = { id, score, distance }
  if (metadata) copy.metadata = copyMetadata(metadata)
  if (vector) copy.vector = vector.slice()
  return copy
}

/** What objects take in memory besides their parts, in bytes, as measured on V8 with 64-bit pointers. */
const HIT_BYTES = 88
const OBJECT_BYTES = 40
const ARRAY_BYTES = 48
const DATE_BYTES = 104
const VECTOR_BYTES = 264
const STRING_BYTES = 20
const SLOT_BYTES = 8

/** About how much memory hits take, in bytes, if they share nothing with others. */
export function hitsBytes(hits: readonly AnyHit[]): number {
  let bytes = ARRAY_BYTES
  for (const { id, metadata, vector } of hits) {
    bytes += SLOT_BYTES + HIT_BYTES + stringBytes(id)
    if (metadata) bytes += valueBytes(metadata)
    if (vector) bytes += VECTOR_BYTES + vector.byteLength
  }
  return bytes
}

/** With the slot that holds the value. */
function valueBytes(value: unknown): number {
  if (typeof value === 'string') return SLOT_BYTES + stringBytes(value)
  if (typeof value === 'number') return SLOT_BYTES + (Number.isInteger(value) ? 0 : SLOT_BYTES * 2)
  if (typeof value !== 'object' || value === null) return SLOT_BYTES
  if (value instanceof Date) return SLOT_BYTES + DATE_BYTES
  let bytes = SLOT_BYTES + (Array.isArray(value) ? ARRAY_BYTES : OBJECT_BYTES)
  for (const part of Array.isArray(value) ? value : Object.values(value)) bytes += valueBytes(part)
  return bytes
}

/** A character takes one byte where all of the string are of Latin-1, else two. */
function stringBytes(text: string): number {
  return STRING_BYTES + (/[^\u0000-\u00ff]/.test(text) ? 2 * text.length : text.length)
}
