import { ReplivecError } from '../errors.js'
import type { CollectionHost } from './collection-host.js'
import type { CollectionState } from './collection-state.js'
import { completeIndex } from './index-work.js'

/**
 * Fills the indexes of collections one after another, so that they are there before anybody searches. A search of one whose turn has
 * not come does not wait for those before it. It begins in a later turn of the event loop, and ends by itself.
 */
export class BackgroundFilling {
  readonly #states: readonly CollectionState[]
  readonly #host: CollectionHost
  readonly #onFailure: (error: ReplivecError) => void
  readonly #done: Promise<void>
  #isEnded = false

  /** @param onFailure - told why an index could not be filled; the next search tries again */
  constructor(
    states: readonly CollectionState[],
    host: CollectionHost,
    onFailure: (error: ReplivecError) => void,
  ) {
    this.#states = states
    this.#host = host
    this.#onFailure = onFailure
    // What these came with is built in the background; who writes now did not write it.
    for (const { index, liveCount } of states) index.excuse(liveCount)
    this.#done = this.#fillAll()
  }

  /** Stops, also what a search began, and resolves when nothing is read any more. */
  async end(): Promise<void> {
    this.#isEnded = true
    await Promise.all(this.#states.map(({ live }) => live.end()))
    await this.#done
  }

  async #fillAll(): Promise<void> {
    await this.#host.clock.yield()
    for (const state of this.#states) {
      if (this.#isEnded) return
      await this.#fill(state).catch((error: unknown) => {
        if (!this.#isEnded && !state.dropped) this.#onFailure(asFailure(state, error))
      })
    }
  }

  async #fill(state: CollectionState): Promise<void> {
    if (!state.dropped) await completeIndex(() => ({ state, host: this.#host }), undefined)
  }
}

function asFailure({ name, index }: CollectionState, cause: unknown): ReplivecError {
  if (ReplivecError.is(cause)) return cause
  return new ReplivecError(
    'BACKEND_FAILED',
    `The index of '${name}' could not be filled; the next search tries again.`,
    { cause, details: { kind: index.kind } },
  )
}
