/** Waits, without asking for anything, until the background has nothing more to do to an index. */
import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'

const POLL_MS = 100
/** Nothing changed for this long: it is done; where vectors are pending, a build of them may be going on for longer. */
const QUIET_MS = 5_000
const BUILD_MS_MAX = 60_000
const LIMIT_MS = 300_000

/**
 * @param {import('../dist/index.js').Collection} collection
 * @returns {Promise<{ ms: number, pending: number, dead: number, segments: number, done: boolean }>} `ms` until the last
 *   change; `done` is false where it went on beyond all patience
 */
export async function settled(collection) {
  const started = performance.now()
  let last = collection.getStats().index
  let changed = started
  for (;;) {
    await delay(POLL_MS)
    const now = performance.now()
    const index = collection.getStats().index
    if (['pending', 'dead', 'segments', 'indexed'].some((key) => index[key] !== last[key])) changed = now
    last = index
    const done = now - changed >= (index.pending > 0 ? BUILD_MS_MAX : QUIET_MS)
    if (!done && now - started < LIMIT_MS) continue
    const { pending, dead, segments } = index
    return { ms: changed - started, pending, dead, segments, done }
  }
}
