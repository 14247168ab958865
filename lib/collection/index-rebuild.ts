import type { CollectionIndex } from '../index/collection-index.js'
import type { CollectionHost } from './collection-host.js'
import type { CollectionState } from './collection-state.js'
import { fillIndex } from './index-filling.js'
import type { LiveIndex } from './live-index.js'

/**
 * Completes the index that is to replace the present one, which answers meanwhile, and puts it in its place. Where it cannot be
 * completed it takes the place all the same: it answers by scan then, and says why.
 *
 * @returns the replaced index; `undefined` when yet another one is wanted by now
 */
export async function rebuildIndex(
  state: CollectionState,
  host: CollectionHost,
  next: LiveIndex,
): Promise<CollectionIndex | undefined> {
  try {
    await next.filled(() => fillIndex(state, host, next))
    await next.index.flush()
  } catch {
    // Whoever asks the index next meets the same failure and is told.
  }
  return state.adoptNext(next)
}
