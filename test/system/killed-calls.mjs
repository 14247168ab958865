/**
 * The calls that a process makes until it is killed. Each caller owns its ids, and its n-th call of a run follows from
 * the seed: so whoever knows how many calls were answered knows what the store has to hold.
 */
import { SeededRandom } from '../../dist/testing/seeded-random.js'

export const CALLERS = 16
export const DIMENSIONS = 8
const IDS = 12
const GROUPS = 3

/** The `index`-th call of `caller` in run `run`. */
export function callOf(seed, run, caller, index) {
  const random = new SeededRandom(`${seed}/${run}/${caller}/${index}`)
  const id = () => `${caller}-${random.int(IDS)}`
  const vector = () => Array.from({ length: DIMENSIONS }, () => random.int(41) - 20)
  const tag = `${run}.${caller}.${index}`
  const kind = random.int(100)
  if (kind < 55) {
    const ids = new Set(Array.from({ length: 1 + random.int(8) }, id))
    const records = [...ids].map((each) => {
      const metadata = {
        owner: caller,
        group: random.int(GROUPS),
        tag,
        padding: tag.repeat(300 + random.int(1_200)),
      }
      return { id: each, vector: vector(), metadata }
    })
    return { kind: 'upsert', records }
  }
  if (kind < 70) return { kind: 'update', id: id(), patch: { metadata: { tag, group: random.int(GROUPS) } } }
  if (kind < 80) return { kind: 'update', id: id(), patch: { vector: vector() } }
  if (kind < 85) return { kind: 'update', id: id(), patch: { vector: vector(), metadata: { tag } } }
  if (kind < 95) return { kind: 'delete', ids: [id(), id()] }
  return { kind: 'deleteGroup', group: random.int(GROUPS) }
}
