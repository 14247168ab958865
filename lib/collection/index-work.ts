import type { Observable } from '../abortable.js'
import { progressReporter } from '../runtime/progress.js'
import { untilAborted } from '../runtime/until-aborted.js'
import type { CollectionHost } from './collection-host.js'
import type { CollectionState } from './collection-state.js'
import { fillIndex } from './index-filling.js'

/**
 * Options of a call that waits for the index.
 *
 * @example
 * ```ts
 * import type { Collection } from 'replivec'
 *
 * declare const articles: Collection
 *
 * await articles.flush({ onProgress: ({ done, total }) => console.log(`${done} of ${total} vectors`) })
 * await articles.compact({ signal: AbortSignal.timeout(60_000) }) // waits for a minute at most
 * ```
 */
export interface IndexWorkOptions extends Observable {
  /** Aborting ends the wait; the work goes on. */
  readonly signal?: AbortSignal | undefined
}

/** A collection in the generation of the store that its handle is in at this moment. */
export interface PresentCollection {
  readonly state: CollectionState
  readonly host: CollectionHost
}

/**
 * Resolves when the index that answers knows every record. It may be exchanged for an empty one at any await, and so may the whole
 * generation be that the collection is in.
 *
 * @param present - asked after every await
 */
export async function completeIndex(
  present: () => PresentCollection,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (;;) {
    const { state, host } = present()
    const { live } = state
    if (live.isFilled) return
    const filled = live.filled(() => fillIndex(state, host, live))
    if (filled) await untilAborted(filled, signal)
    present().host.assertUsable(state.number)
  }
}

/** Waits until every vector written so far is in a segment of the backend that was asked for last. */
export function flushIndex(
  state: CollectionState,
  host: CollectionHost,
  options: IndexWorkOptions,
): Promise<void> {
  return work(state, host, options, (report) => state.index.flush(report))
}

/** Waits until all segments are built anew, without what is dead in them. */
export function compactIndex(
  state: CollectionState,
  host: CollectionHost,
  options: IndexWorkOptions,
): Promise<void> {
  return work(state, host, options, (report) => state.index.compact(report))
}

async function work(
  state: CollectionState,
  host: CollectionHost,
  { onProgress, signal }: IndexWorkOptions,
  run: (report: ((done: number, total: number) => void) | undefined) => Promise<boolean>,
): Promise<void> {
  const reporter = progressReporter(onProgress)
  const report = reporter && ((done: number, total: number) => reporter({ done, total, phase: 'index' }))
  for (let isDone = false; !isDone; ) {
    while (state.next) {
      const rebuilt = state.next.index.watch(report, () => state.rebuilt ?? Promise.resolve())
      await untilAborted(rebuilt, signal)
      host.assertUsable(state.number)
    }
    await completeIndex(() => ({ state, host }), signal)
    isDone = await untilAborted(run(report), signal)
    // The index was closed: with the store, with the collection, or because another one answers by now.
    if (!isDone) host.assertUsable(state.number)
  }
}
