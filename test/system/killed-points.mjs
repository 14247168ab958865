/**
 * The calls that a process makes on points until it is killed, one after another. The n-th call of a run follows from the
 * seed: so whoever knows how many calls were answered knows what the store has to hold.
 */
import { SeededRandom } from '../../dist/testing/seeded-random.js'

export const DIMENSIONS = 16
const IDS = 7_000
const CLUSTERS = 20

/**
 * The `index`-th call of run `run`.
 *
 * @param from - where components begin
 */
export function callOf(seed, run, index, from) {
  const random = new SeededRandom(`${seed}/${run}/${index}`)
  const kind = random.int(100)
  if (kind < 60) {
    const first = random.int(IDS)
    const count = random.pick([1, 100, 400, 1_200])
    const records = Array.from({ length: count }, (_, i) => {
      return { id: `p${(first + i * 7) % IDS}`, vector: vectorOf(random, from) }
    })
    return { kind: 'upsert', records: [...new Map(records.map((record) => [record.id, record])).values()] }
  }
  if (kind < 80) return { kind: 'move', id: `p${random.int(IDS)}`, vector: vectorOf(random, from) }
  const first = random.int(IDS)
  const ids = Array.from({ length: 1 + random.int(250) }, (_, i) => `p${(first + i) % IDS}`)
  return { kind: 'delete', ids }
}

/** A vector in one of the clusters, as f32 keeps it. */
export function vectorOf(random, from) {
  const centre = new SeededRandom(`centre ${random.int(CLUSTERS)}`)
  return Array.from({ length: DIMENSIONS }, () => {
    return Math.fround(from + 2 * centre.next() + 0.4 * random.next())
  })
}
