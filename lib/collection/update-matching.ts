import { ReplivecError } from '../errors.js'
import { compileFilter } from '../filter/evaluate.js'
import { mergeMetadata } from '../records/metadata.js'
import type { CollectionHost, WriteOptions, WriteResult } from './collection-host.js'
import type { CollectionState } from './collection-state.js'
import { patchBytes } from './patch-input.js'
import { BatchBudget } from './record-input.js'
import { isEmptyPatch, type PreparedPatch, stageMetadataOfMany } from './record-writes.js'
import { idsMatching, parseSelection, type Selection, stillMatching } from './selection.js'

/** Changes the metadata of all records that match, in one commit: they are found in slices and checked again when it is staged. */
export async function updateMatching<M extends object>(
  state: CollectionState,
  host: CollectionHost,
  target: Selection<M>,
  patch: PreparedPatch,
  options: WriteOptions,
): Promise<WriteResult> {
  const filter = parseSelection(target)
  if (patch.vector) {
    throw new ReplivecError(
      'OPTIONS_INVALID',
      'An update by filter changes metadata only; update vectors by id.',
    )
  }
  const ids = isEmptyPatch(patch) ? [] : await idsMatching(state, host, filter, options.signal)
  const matches = compileFilter(filter)
  const budget = new BatchBudget()
  for (const id of ids) budget.spend(Buffer.byteLength(id) + patchBytes(patch))
  const result = await host.commit(state.number, {
    kind: 'update',
    options,
    size: ids.length,
    stage: (firstSeq) => {
      const still = stillMatching(state, ids, matches)
      const merge = (metadata: string) => mergeMetadata(metadata, patch.set, patch.unset)
      return stageMetadataOfMany(state, still, patch, merge, firstSeq)
    },
  })
  state.counts.updated += result.count
  return result
}
