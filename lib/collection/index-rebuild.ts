import { ReplivecError } from '../errors.js'
import type { CollectionIndex } from '../index/collection-index.js'
import type { CollectionHost } from './collection-host.js'
import type { CollectionState } from './collection-state.js'
import { fillIndex } from './index-filling.js'
import type { LiveIndex } from './live-index.js'

/**
 * Completes the index that is to replace the present one, which answers meanwhile, and puts it in its place. Where it cannot be
 * built it takes the place all the same: it answers by scan then, and says why. Where it cannot be filled, it would answer
 * nothing: then the present one stays, and the next open begins with what was asked for.
 *
 * @param onFailure - told why the present one stays
 * @returns the index that is not needed any more; `undefined` when yet another one is wanted by now
 */
export async function rebuildIndex(
  state: CollectionState,
  host: CollectionHost,
  next: LiveIndex,
  onFailure: (error: ReplivecError) => void,
): Promise<CollectionIndex | undefined> {
  try {
    await next.filled(() => fillIndex(state, host, next))
  } catch (cause) {
    if (state.next !== next || !isUsable(state, host)) return undefined
    const failure = unfilled(state, next, cause)
    onFailure(failure)
    return state.giveUpNext(failure.message)
  }
  // The builder has told why already.
  await next.index.flush().catch(() => undefined)
  return state.adoptNext(next)
}

/** A store that closes, or a collection that was dropped, closes both indexes itself. */
function isUsable({ number }: CollectionState, host: CollectionHost): boolean {
  try {
    host.assertUsable(number)
    return true
  } catch {
    return false
  }
}

function unfilled(state: CollectionState, next: LiveIndex, cause: unknown): ReplivecError {
  return new ReplivecError(
    'BACKEND_FAILED',
    `'${state.backend}' could not be built for '${state.name}', because not all vectors can be read; '${state.index.kind}' goes on answering. The next open tries again.`,
    { cause, details: { kind: next.index.kind } },
  )
}
