import type { Abortable, Observable } from '../abortable.js'
import type { CollectionState } from '../collection/collection-state.js'
import { progressReporter } from '../runtime/progress.js'
import { TimeSlice } from '../runtime/time-slice.js'
import { ReplivecError } from '../errors.js'
import type { KeyValueReader } from '../records/key-value.js'
import { idRange, recordKey, vectorKey } from '../records/record-keys.js'
import { RecordReader } from '../records/record-reader.js'
import { openValue } from '../records/sealed-value.js'
import type { StoreParts } from './store-parts.js'

/** One damaged place. */
export interface Damage {
  /** `'log'` or `'records'`, or a path where one file or the directory of one segment is meant. */
  readonly file: string
  /** What it holds, where that is known: a record, a byte offset. */
  readonly at: string | null
  readonly reason: string
}

export interface VerifyReport {
  readonly ok: boolean
  /** Commits of the log that were read. */
  readonly commits: number
  /** Values of the record store that were read. */
  readonly values: number
  /** Records whose parts were all found. */
  readonly records: number
  readonly damage: readonly Damage[]
}

/** Reports end here: a file that is damaged all over need not be listed whole. */
const DAMAGE_MAX = 1_000
const PROGRESS_STEPS = 10_000

/** Reads the log, the record store and all segments, and checks that every record has all its parts. */
export async function verifyStore(
  { environment, log, applier, keyValues, catalogue }: StoreParts,
  { signal, onProgress }: Abortable & Observable,
): Promise<VerifyReport> {
  const slice = new TimeSlice(environment.clock, signal)
  const damage: Damage[] = []
  const note = (file: string, at: string | null, reason: string): void => {
    if (damage.length < DAMAGE_MAX) damage.push({ file, at, reason })
  }
  const report = progressReporter(onProgress)
  signal?.throwIfAborted()
  let commits = 0
  const total = log.head.seq - log.oldestSeq + 1
  const readLog = async (): Promise<void> => {
    const fromSeq = log.oldestSeq
    try {
      for await (const { lastSeq } of log.read(fromSeq)) {
        const pause = slice.step()
        if (pause) await pause
        commits += 1
        if (commits % PROGRESS_STEPS === 0) report?.({ done: lastSeq - fromSeq + 1, total, phase: 'log' })
      }
    } catch (error) {
      // What was trimmed while it was read is not missed: the rest is read again.
      if (!ReplivecError.is(error, 'POSITION_LOST') || log.oldestSeq === fromSeq) throw error
      commits = 0
      await readLog()
    }
  }
  try {
    await readLog()
  } catch (error) {
    noteError(error, 'log', note, signal)
  }
  await applier.drain()
  report?.({ done: total, total, phase: 'log' })
  const snapshot = keyValues.snapshot()
  let totalValues = 0
  let values = 0
  let records = 0
  try {
    const everything = { start: Uint8Array.of(0), end: Uint8Array.of(0xff) }
    if (report) totalValues = await countEntries(snapshot, everything, slice)
    for (const { key, value } of snapshot.range(everything)) {
      values += 1
      try {
        openValue(key, value)
      } catch (error) {
        note('records', describeKey(key, catalogue.states()), (error as ReplivecError).message)
      }
      const pause = slice.step()
      if (pause) await pause
      if (values % PROGRESS_STEPS === 0) report?.({ done: values, total: totalValues, phase: 'values' })
    }
    report?.({ done: values, total: totalValues, phase: 'values' })
    const totalRecords = catalogue.states().reduce((sum, state) => sum + state.liveCount, 0)
    for (const state of catalogue.states()) {
      records += await verifyRecords(state, new RecordReader(snapshot), slice, note, snapshot)
      report?.({ done: Math.min(records, totalRecords), total: totalRecords, phase: 'records' })
    }
  } catch (error) {
    noteError(error, 'records', note, signal)
  } finally {
    snapshot.close()
  }
  for (const { index } of catalogue.states()) {
    await index.verify((path, error) => note(path, null, (error as Error).message))
    signal?.throwIfAborted()
  }
  return { ok: damage.length === 0, commits, values, records, damage }
}

async function countEntries(
  snapshot: KeyValueReader,
  range: { start: Uint8Array; end: Uint8Array },
  slice: TimeSlice,
): Promise<number> {
  let count = 0
  for (const _ of snapshot.range(range)) {
    count += 1
    const pause = slice.step()
    if (pause) await pause
  }
  return count
}

async function verifyRecords(
  state: CollectionState,
  reader: RecordReader,
  slice: TimeSlice,
  note: (file: string, at: string | null, reason: string) => void,
  snapshot: {
    range(range: { start: Uint8Array; end: Uint8Array }): Iterable<{ key: Uint8Array; value: Uint8Array }>
  },
): Promise<number> {
  const { number: collection, name } = state
  const live = reader.live(collection)
  let whole = 0
  for (const { key, value } of snapshot.range(idRange(collection))) {
    // The entry is only valid within this tick: other work may read from the store in a pause.
    try {
      const payload = openValue(key, value)
      const number = new DataView(payload.buffer, payload.byteOffset).getUint32(0, true)
      const record = reader.record(collection, number)
      const vector = reader.vector(collection, number, state.dimensions)
      if (!record || !vector)
        note('records', `${name} record ${number}`, 'its metadata or its vector is missing')
      else if (!live.has(number))
        note('records', `${name} id ${record.id}`, 'its record number is not marked as used')
      else whole += 1
      live.delete(number)
    } catch (error) {
      if (!ReplivecError.is(error)) throw error
      note('records', name, error.message)
    }
    const pause = slice.step()
    if (pause) await pause
  }
  live.forEach((number) => note('records', `${name} record ${number}`, 'it is marked as used but has no id'))
  return whole
}

function noteError(
  error: unknown,
  file: string,
  note: (file: string, at: string | null, reason: string) => void,
  signal: AbortSignal | undefined,
): void {
  if (signal?.aborted || !ReplivecError.is(error)) throw error
  const { path, offset } = error.details
  note(
    typeof path === 'string' ? path : file,
    typeof offset === 'number' ? `byte ${offset}` : null,
    error.message,
  )
}

/** Names the record a key belongs to, as far as the key tells. */
function describeKey(key: Uint8Array, states: readonly CollectionState[]): string {
  const buffer = Buffer.from(key.buffer, key.byteOffset, key.byteLength)
  if (key[0] === 2 && key.byteLength === 12) {
    const collection = buffer.readUIntBE(1, 6)
    const number = buffer.readUInt32BE(8)
    const name = states.find((state) => state.number === collection)?.name ?? `collection ${collection}`
    if (buffer.equals(recordKey(collection, number))) return `${name} record ${number}, metadata`
    if (buffer.equals(vectorKey(collection, number))) return `${name} record ${number}, vector`
  }
  return `key ${buffer.toString('hex')}`
}
