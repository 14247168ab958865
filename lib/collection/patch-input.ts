import { ReplivecError } from '../errors.js'
import { checkKey, encodeMetadata } from '../records/metadata.js'
import { BatchBudget, copyVector, type VectorShape } from './record-input.js'
import type { PreparedPatch } from './record-writes.js'
import { checkOptions } from './call-options.js'

/** What an update changes; what is absent stays. */
export interface Patch<M extends object = Record<string, unknown>> {
  readonly vector?: Float32Array | readonly number[] | undefined
  /** Top-level fields to set; each replaces the whole field. */
  readonly metadata?: Partial<M> | undefined
  /** Top-level fields to remove: those that `M` need not have. */
  readonly unset?: readonly OptionalField<M>[] | undefined
}

type OptionalField<M extends object> = {
  [F in keyof M]-?: Record<never, never> extends Pick<M, F> ? F : never
}[keyof M] &
  string

/** Checks and copies a patch. */
export function preparePatch(patch: unknown, shape: VectorShape): PreparedPatch {
  const { vector, metadata, unset = [] } = checkOptions(patch, 'patch') as Partial<Patch>
  if (!Array.isArray(unset) || Array.from(unset).some((field) => typeof field !== 'string')) {
    throw new ReplivecError('OPTIONS_INVALID', 'unset must be an array of top-level field names.')
  }
  const set = metadata === undefined ? '{}' : encodeMetadata(metadata)
  const fields = unset.length > 0 ? (JSON.parse(set) as object) : {}
  for (const field of unset) {
    checkKey(field, '')
    if (Object.hasOwn(fields, field)) {
      throw new ReplivecError(
        'METADATA_INVALID',
        `The field ${JSON.stringify(field)} is both set and unset.`,
        {
          details: { path: field },
        },
      )
    }
  }
  const prepared = {
    vector: vector === undefined ? undefined : copyVector(vector, shape, 'The patch'),
    set,
    unset: [...new Set(unset)],
  }
  new BatchBudget().spend(shape.dimensions * 4 + patchBytes(prepared))
  return prepared
}

/** Bytes of a patch's metadata part in the log. */
export function patchBytes({ set, unset }: PreparedPatch): number {
  let bytes = Buffer.byteLength(set)
  for (const field of unset) bytes += Buffer.byteLength(field) + 4
  return bytes
}
