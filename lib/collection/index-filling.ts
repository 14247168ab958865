import type { CollectionHost } from './collection-host.js'
import type { CollectionState } from './collection-state.js'
import type { LiveIndex } from './live-index.js'
import { RecordLookup } from './record-lookup.js'
import { TimeSlice } from '../runtime/time-slice.js'

/**
 * Fills a collection's index from the record store, while writes go on: what is published meanwhile goes to the
 * index by itself, and what was there before is read at one instant, unless it was replaced or deleted since, or lies in a
 * segment on disk already. Ends early when another index is wanted meanwhile, or none any more.
 *
 * @returns whether it came to its end
 */
export async function fillIndex(
  state: CollectionState,
  host: CollectionHost,
  live: LiveIndex,
): Promise<boolean> {
  const { index } = live
  await index.restore(host.visibleSeq)
  if (!state.uses(live)) return false
  // From here to the pin nothing can be published.
  live.beginFilling()
  index.reviveKnown(host.visibleSeq)
  const view = host.pin()
  try {
    const lookup = new RecordLookup(state, view)
    const slice = new TimeSlice(host.clock)
    const vector = new Float32Array(state.dimensions)
    const numbers = view.records.live(state.number)
    for (const version of state.versions.visible(view.seq)) {
      for (let older = version.older; older; older = older.older) numbers.delete(older.number)
      if (version.alive) numbers.add(version.number)
      else numbers.delete(version.number)
    }
    for (const number of numbers.toArray()) {
      const pause = slice.step()
      if (pause) await pause
      if (!state.uses(live)) return false
      if (index.has(number)) continue
      const now = state.versions.ofNumber(number, host.visibleSeq)
      if (now && !now.alive) continue
      const seq = lookup.vectorSeq(number)
      if (index.revive(number, seq)) continue
      lookup.vectorInto(number, vector, 0)
      index.put(number, seq, vector)
    }
    index.endRestore()
    return true
  } finally {
    view.release()
  }
}
