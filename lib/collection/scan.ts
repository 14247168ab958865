import type { FilterNode } from '../filter/ast.js'
import { recordsDamaged } from '../records/sealed-value.js'
import type { CollectionHost, StoreView } from './collection-host.js'
import type { CollectionState } from './collection-state.js'
import { findMatches } from './filter-matches.js'
import { RecordLookup } from './record-lookup.js'
import { RecordSpool, type SpooledRecord } from './record-spool.js'
import { TimeSlice } from '../runtime/time-slice.js'

/** How long a scan may hold its view for a reader that takes its time; then the rest is copied aside. */
const VIEW_MS_MAX = 1_000

export interface ScanRequest {
  readonly filter: FilterNode | undefined
  readonly pageSize: number
  readonly includeVector: boolean
  readonly signal: AbortSignal | undefined
}

/**
 * The matching records of one instant, id ascending, page by page. A reader that keeps up reads straight from the
 * view; for one that does not, the rest of the pass is copied to a spool, because a pinned view keeps the record
 * store from reclaiming space.
 */
export async function* scanPages(
  state: CollectionState,
  host: CollectionHost,
  request: ScanRequest,
): AsyncGenerator<SpooledRecord[]> {
  const view = host.pin()
  const spool = new RecordSpool(host.spool)
  const pages = passOver(state, host, view, request)
  const pinnedAt = host.clock.monotonic()
  let draining: Promise<void> | undefined
  let failure: { readonly error: unknown } | undefined
  let abandoned = false
  const drain = async (): Promise<void> => {
    try {
      for await (const page of pages) {
        if (abandoned) break
        await spool.push(page)
      }
    } catch (error) {
      failure = { error }
    } finally {
      view.release()
    }
  }
  let reading = true
  const cancelTimer = host.clock.timer(() => {
    if (!reading) draining ??= drain()
  }, VIEW_MS_MAX)
  try {
    while (!draining) {
      reading = true
      const next = await pages.next()
      if (next.done) return
      if (host.clock.monotonic() - pinnedAt > VIEW_MS_MAX) {
        await spool.push(next.value)
        draining = drain()
        break
      }
      reading = false
      yield next.value
    }
    await draining
    for (;;) {
      const records = await spool.take()
      if (records.length === 0) break
      request.signal?.throwIfAborted()
      for (let from = 0; from < records.length; from += request.pageSize) {
        yield records.slice(from, from + request.pageSize)
      }
    }
    if (failure) throw (failure as { error: unknown }).error
  } finally {
    cancelTimer()
    abandoned = true
    await draining
    await pages.return(undefined)
    view.release()
    await spool.close()
  }
}

/** One pass over the matching records of a view, id ascending. */
async function* passOver(
  state: CollectionState,
  host: CollectionHost,
  view: StoreView,
  { filter, pageSize, includeVector, signal }: ScanRequest,
): AsyncGenerator<SpooledRecord[]> {
  const matches = filter && (await findMatches(state, view, filter, host.clock, signal)).numbers
  const lookup = new RecordLookup(state, view)
  const slice = new TimeSlice(host.clock, signal)
  // Noted now: what an earlier view held in the overlay may leave it in a pause, for the record store has it too.
  const visible = [...state.versions.visible(view.seq)]
  const touchedIds = new Set(visible.map(({ id }) => id))
  const touched = visible.filter((version) => version.alive)
  touched.sort((a, b) => (a.id < b.id ? -1 : 1))
  let nextTouched = 0
  let page: SpooledRecord[] = []
  const take = (number: number, id: string, metadata: string): void => {
    if (matches && !matches.has(number)) return
    page.push({ id, metadata, vector: includeVector ? lookup.vector(number) : undefined })
  }
  const takeTouched = (): void => {
    const version = touched[nextTouched++] as (typeof touched)[number]
    take(version.number, version.id, version.metadata ?? lookup.byNumber(version.number)?.metadata ?? '{}')
  }
  const isTouchedBelow = (id: string): boolean => {
    const version = touched[nextTouched]
    return version !== undefined && version.id < id
  }
  for (let after: string | undefined; ; ) {
    signal?.throwIfAborted()
    let seen = 0
    for (const { number } of [...view.records.numbersById(state.number, after, pageSize)]) {
      seen += 1
      const pause = slice.step()
      if (pause) await pause
      const record = view.records.record(state.number, number)
      if (!record)
        throw recordsDamaged(`record ${number} of collection '${state.name}' is missing`, { number })
      after = record.id
      while (isTouchedBelow(record.id)) takeTouched()
      if (!touchedIds.has(record.id)) take(number, record.id, record.metadata)
    }
    if (seen < pageSize) break
    if (page.length >= pageSize) {
      yield page
      page = []
    }
  }
  while (nextTouched < touched.length) {
    const pause = slice.step()
    if (pause) await pause
    takeTouched()
    if (page.length < pageSize) continue
    yield page
    page = []
  }
  if (page.length > 0) yield page
}
