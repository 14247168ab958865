import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { simulate } from '../../lib/testing/simulate.js'
import { invariantOf } from '../../lib/testing/violation.js'
import { BUGS, type BugName, plant, type Planted, uproot, withDeleted } from './planted-bugs.js'

const planted = vi.hoisted(
  (): Planted => ({
    ...{ onReplicaEvent: undefined, appendsDuplicates: false, keepsDeleted: false, keepsEpoch: false },
  }),
)

vi.mock('../../lib/replication/protocol/replica.js', async (load) => {
  const real = await load<typeof import('../../lib/replication/protocol/replica.js')>()
  return {
    ...real,
    stepReplica: (...given: Parameters<typeof real.stepReplica>) => {
      const [state, event] = given
      planted.onReplicaEvent?.(state, event)
      const step = real.stepReplica(...given)
      const operations = event.kind === 'message' && event.message.kind === 'operations' && event.message
      if (!planted.appendsDuplicates || !operations || operations.lastSeq > state.receivedSeq) return step
      const append = { kind: 'append', operations, afterSeq: operations.firstSeq - 1 } as const
      return state.phase === 'streaming' ? { ...step, effects: [...step.effects, append] } : step
    },
  }
})
vi.mock('../../lib/store/backup.js', async (load) => {
  const real = await load<typeof import('../../lib/store/backup.js')>()
  return {
    ...real,
    copyRecords: (...[parts, ...rest]: Parameters<typeof real.copyRecords>) =>
      real.copyRecords(planted.keepsDeleted ? withDeleted(parts) : parts, ...rest),
  }
})
vi.mock('../../lib/log/epoch-table.js', async (load) => {
  const real = await load<typeof import('../../lib/log/epoch-table.js')>()
  return {
    ...real,
    withNewEpoch: (...[table, row]: Parameters<typeof real.withNewEpoch>) =>
      planted.keepsEpoch ? [...table] : real.withNewEpoch(table, row),
  }
})

/** A row of the table of planted bugs. */
const ROW = /^\| (an? [^|]+?) *\| (\d+) *\| `(\w+)` *\|$/gm
/** So many seeds later it must have been found. */
const SEEDS_MAX = 200

/** Runs seeds until one finds a broken promise. @returns which promise */
async function hunt(from: number): Promise<string> {
  for (let seed = from; seed < from + SEEDS_MAX; seed++) {
    try {
      await simulate({ seed })
    } catch (error) {
      const invariant = invariantOf(error)
      if (invariant === undefined) throw error
      return invariant
    }
  }
  return 'none'
}

/** The bugs, the seed that found each first, and the promise it found broken. */
const FOUND = [...readFileSync(new URL('../../docs/TESTING.md', import.meta.url), 'utf8').matchAll(ROW)].map(
  ([, bug, seed, invariant]) => [bug as BugName, Number(seed), invariant as string] as const,
)

describe('a simulation finds a planted bug:', () => {
  afterEach(() => uproot(planted))

  test('all are in docs/TESTING.md', () => expect(FOUND.map(([bug]) => bug)).toEqual(BUGS))

  // Whatever changes in the library moves what a seed does: the hunt begins with the seed that found the bug and may go on.
  test.each(FOUND)(
    '%s (seed %i, %s)',
    async (bug, seed, invariant) => {
      plant(bug, planted)
      // A wrong record is found by whoever looks first: a comparison, an operation on it that fails, a node that never becomes equal.
      expect([invariant, 'prefix', 'convergence', 'position', 'durability']).toContain(await hunt(seed))
    },
    300_000,
  )
})
