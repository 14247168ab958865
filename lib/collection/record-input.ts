import type { Progress } from '../abortable.js'
import { ReplivecError } from '../errors.js'
import type { Metric } from '../index/metric.js'
import { encodeMetadata } from '../records/metadata.js'
import { vectorRoom } from './vector-room.js'

const ID_BYTES_MAX = 512
/** Largest write call: ids, vectors and encoded metadata together. */
export const BATCH_BYTES_MAX = 64 * 1024 * 1024

/** What the log adds to a record: field headers and lengths, with room to spare. */
const OPERATION_BYTES = 32
/** Progress is reported every so many records. */
const PROGRESS_RECORDS = 1_000

/** A record as a caller writes it. Its `metadata` may be absent where `{}` is an `M`, and reads as `{}` then. */
export type RecordInput<M extends object = Record<string, unknown>> =
  // A union, so that a generic caller can give metadata before it is known whether they may be absent.
  | (VectorInput & { readonly metadata: M })
  | (Record<never, never> extends M ? VectorInput & { readonly metadata?: M } : never)

/** A record without its metadata, which are JSON values and dates. */
export interface VectorInput {
  /** 1–512 bytes of UTF-8 without lone surrogates. */
  readonly id: string
  /** Exactly as many components as the collection has dimensions, each finite as f32. */
  readonly vector: Float32Array | readonly number[]
}

/** A checked copy of a caller's record. */
export interface PreparedRecord {
  readonly id: string
  readonly vector: Float32Array
  readonly metadata: string
}

/** What vectors of a collection look like. */
export interface VectorShape {
  readonly dimensions: number
  readonly metric: Metric
}

/** Checks and copies records: what the caller changes afterwards changes nothing here. */
export function prepareRecords(
  input: unknown,
  shape: VectorShape,
  onProgress?: (progress: Progress) => void,
): PreparedRecord[] {
  const budget = new BatchBudget()
  if (!Array.isArray(input)) {
    return [prepareRecord(input, 'The record', shape, vectorRoom(1, shape.dimensions), budget)]
  }
  const records: readonly unknown[] = input
  const prepared: PreparedRecord[] = []
  const room = vectorRoom(records.length, shape.dimensions)
  for (let index = 0; index < records.length; index++) {
    prepared.push(prepareRecord(records[index], `Record ${index}`, shape, room, budget))
    const done = prepared.length
    if (onProgress && done % PROGRESS_RECORDS === 0)
      onProgress({ done, total: records.length, phase: 'prepare' })
  }
  return prepared
}

function prepareRecord(
  record: unknown,
  where: string,
  shape: VectorShape,
  room: () => Float32Array,
  budget: BatchBudget,
): PreparedRecord {
  if (typeof record !== 'object' || record === null) {
    throw new ReplivecError('OPTIONS_INVALID', `${where} is not an object; give { id, vector, metadata? }.`)
  }
  const { id, vector, metadata } = readRecord(record, where)
  const checkedId = checkId(id, where)
  const json = metadata === undefined ? '{}' : encodeMetadata(metadata)
  budget.spend(Buffer.byteLength(checkedId) + shape.dimensions * 4 + Buffer.byteLength(json))
  return { id: checkedId, vector: copyVector(vector, shape, where, room()), metadata: json }
}

function readRecord(record: object, where: string): Partial<RecordInput> {
  try {
    const isRecord = typeof (record as Partial<RecordInput>).id === 'string'
    // Not over `Object.keys`, which is an array for every record.
    for (const name in record) {
      if (name === 'id' || name === 'vector' || name === 'metadata') continue
      if (!isRecord || !Object.hasOwn(record, name)) continue
      throw new ReplivecError(
        'OPTIONS_INVALID',
        `${where} has a field ${JSON.stringify(name.slice(0, 100))}; a record is { id, vector, metadata? }. Put your own fields into metadata.`,
        { details: { field: name } },
      )
    }
    const { id, vector, metadata } = record as Partial<RecordInput>
    return { id, vector, metadata } as Partial<RecordInput>
  } catch (cause) {
    if (ReplivecError.is(cause)) throw cause
    // A getter or a proxy of the caller threw.
    throw new ReplivecError('OPTIONS_INVALID', `${where} could not be read; pass plain data.`, { cause })
  }
}

/** Counts what a call will write and refuses it when that is too much for one commit. */
export class BatchBudget {
  #bytes = 0

  /** @param bytes - of UTF-8 and of vectors, for one record */
  spend(bytes: number): void {
    this.#bytes += bytes + OPERATION_BYTES
    if (this.#bytes > BATCH_BYTES_MAX) {
      throw new ReplivecError(
        'BATCH_TOO_LARGE',
        `One call writes at most ${BATCH_BYTES_MAX} bytes (64 MiB), because it is one atomic commit. Split it into several calls.`,
        { details: { maxBytes: BATCH_BYTES_MAX } },
      )
    }
  }
}

/** @param where - what the id belongs to, to begin the message with */
export function checkId(id: unknown, where = 'The call'): string {
  if (typeof id !== 'string' || id === '') {
    throw invalidId(`${where} has an id that is not a non-empty string.`, id)
  }
  if (id.length * 3 > ID_BYTES_MAX && Buffer.byteLength(id) > ID_BYTES_MAX) {
    throw invalidId(`${where} has an id longer than ${ID_BYTES_MAX} bytes of UTF-8.`, `${id.slice(0, 40)}…`)
  }
  if (!id.isWellFormed())
    throw invalidId(`${where} has an id with a lone surrogate, which UTF-8 cannot hold.`, id)
  return id
}

export function checkIds(ids: unknown): string[] {
  if (!Array.isArray(ids)) throw invalidId('Give ids as an array of strings.', ids)
  // A hole reads as `undefined`; `map` alone would pass over it.
  return Array.from(ids, (id, index) => checkId(id, `Entry ${index}`))
}

/**
 * Checks a vector and copies it.
 *
 * @throws `VECTOR_INVALID` with the component that is wrong
 */
export function copyVector(
  vector: unknown,
  shape: VectorShape,
  where: string,
  target: Float32Array = new Float32Array(shape.dimensions),
): Float32Array {
  try {
    return copyComponents(vector, shape, where, target)
  } catch (error) {
    if (ReplivecError.is(error)) throw error
    // A proxy of the caller threw.
    throw invalidVector(`${where} has a vector that could not be read; pass plain data.`, {}, error)
  }
}

function copyComponents(
  vector: unknown,
  { dimensions, metric }: VectorShape,
  where: string,
  copy: Float32Array,
): Float32Array {
  if (!(vector instanceof Float32Array) && !Array.isArray(vector)) {
    throw invalidVector(`${where} has a vector that is neither a Float32Array nor an array of numbers.`)
  }
  if (vector.length !== dimensions) {
    throw invalidVector(
      `${where} has a vector of ${vector.length} components; the collection has ${dimensions} dimensions.`,
      {
        length: vector.length,
        dimensions,
      },
    )
  }
  if (vector instanceof Float32Array) copy.set(vector)
  else copyNumbers(vector, copy, where)
  // A finite number times zero is zero; NaN and the infinities make the sum NaN.
  let zero = 0
  let isZero = true
  for (let i = 0; i < dimensions; i++) {
    const component = copy[i] as number
    zero += component * 0
    if (component !== 0) isZero = false
  }
  if (zero !== 0) {
    const at = copy.findIndex((component) => !Number.isFinite(component))
    const given = Number.isFinite(vector[at]) ? 'a number too large for 32-bit floats' : String(vector[at])
    throw invalidVector(`${where} has ${given} as component ${at} of its vector.`, { component: at })
  }
  if (isZero && metric === 'cosine') {
    throw invalidVector(`${where} has a zero vector, which has no direction to compare by cosine.`)
  }
  return copy
}

function copyNumbers(vector: readonly unknown[], copy: Float32Array, where: string): void {
  for (let i = 0; i < copy.length; i++) {
    const component = vector[i]
    if (typeof component !== 'number') {
      throw invalidVector(
        `${where} has no number but ${component === null ? 'null' : typeof component} as component ${i} of its vector.`,
        {
          component: i,
        },
      )
    }
    copy[i] = component
  }
}

function invalidId(message: string, id: unknown): ReplivecError {
  return new ReplivecError('ID_INVALID', message, {
    details: { id: typeof id === 'string' ? id : typeof id },
  })
}

function invalidVector(
  message: string,
  details: Readonly<Record<string, unknown>> = {},
  cause?: unknown,
): ReplivecError {
  return new ReplivecError('VECTOR_INVALID', message, { details, ...(cause === undefined ? {} : { cause }) })
}
