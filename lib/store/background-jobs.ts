import type { IndexedField } from '../collection/collection-settings.js'
import type { CollectionState } from '../collection/collection-state.js'
import type { KeyValue } from '../records/key-value.js'
import { FieldIndexWriter } from '../records/field-index-writer.js'
import { decodeMetadata } from '../records/metadata.js'
import { contentRange, fieldRange, type KeyRange } from '../records/record-keys.js'
import type { RecordReader } from '../records/record-reader.js'
import type { BackgroundJob } from './applier.js'

/** Records indexed, and keys removed, in one transaction. */
const RECORDS_A_STEP = 2_048
const KEYS_A_STEP = 4_096

/** Enters the records that were there before an index was asked for. */
export function buildFieldJob(
  state: CollectionState,
  field: IndexedField,
  records: RecordReader,
): BackgroundJob {
  return {
    async step(batch, slice) {
      if (state.dropped || !state.fields.includes(field)) return { done: true }
      const numbers = records.live(state.number).toArray()
      const from = numbers.findIndex((number) => number >= field.builtBelow)
      const chosen = from === -1 ? [] : numbers.slice(from, from + RECORDS_A_STEP)
      const writer = new FieldIndexWriter(batch, state.number, field)
      for (const number of chosen) {
        const pause = slice.step()
        if (pause) await pause
        const record = records.record(state.number, number)
        if (!record) continue
        writer.add(number, decodeMetadata(record.metadata))
      }
      const done = chosen.length < RECORDS_A_STEP
      field.builtBelow = (chosen.at(-1) ?? field.builtBelow - 1) + 1
      const fields = state.stored.fields.map((stored) =>
        stored.field === field.field ? { ...field, ready: done } : stored,
      )
      state.stored = { ...state.stored, fields }
      batch.putCollection(state.number, state.stored)
      return {
        done,
        committed: () => {
          field.ready = done
        },
      }
    },
  }
}

/** Removes the entries of an index that is no longer wanted. */
export function sweepFieldJob(state: CollectionState, field: number, keyValues: KeyValue): BackgroundJob {
  return {
    async step(batch) {
      const isSwept = sweep(batch, keyValues, fieldRange(state.number, field))
      if (!isSwept) return { done: false }
      state.retiredFields = state.retiredFields.filter((retired) => retired !== field)
      state.stored = { ...state.stored, retiredFields: [...state.retiredFields] }
      if (!state.dropped) batch.putCollection(state.number, state.stored)
      return { done: true }
    },
  }
}

/** Removes what a dropped collection left. */
export function sweepCollectionJob(state: CollectionState, keyValues: KeyValue): BackgroundJob {
  return {
    async step(batch) {
      const isSwept = sweep(batch, keyValues, contentRange(state.number))
      if (isSwept) batch.deleteCollection(state.number)
      return { done: isSwept }
    },
  }
}

/** Removes some keys of a range; returns whether those were the last. */
function sweep(batch: { deleteKey(key: Uint8Array): void }, keyValues: KeyValue, range: KeyRange): boolean {
  let keys = 0
  for (const { key } of keyValues.range({ ...range, limit: KEYS_A_STEP })) {
    batch.deleteKey(key)
    keys += 1
  }
  return keys < KEYS_A_STEP
}
