/**
 * Random stories of a master and its replicas over links that do everything that links can do, nonsense included: no machine
 * throws, the invariants hold after every step, and once nothing is done to them any more all have the same.
 */
import { expect, test } from 'vitest'
import { SeededRandom } from '../../lib/testing/seeded-random.js'
import { ScenarioCluster } from '../replication/protocol/scenario-cluster.js'
import { runCommand } from '../replication/protocol/scenario-commands.js'
import { heal, wander } from '../replication/protocol/wander.js'
import { seedsFor } from '../seeds.js'

const STEPS = 400

function story(seed: number): void {
  const random = new SeededRandom(seed)
  const cluster = new ScenarioCluster()
  const rate = random.chance(0.2) ? 'rate=20000' : ''
  runCommand(cluster, `master a window=${random.pick([500, 2_000, 4_000])} ${rate}`.trim())
  runCommand(cluster, 'replica b of a discardLocal')
  runCommand(cluster, 'replica c of a discardLocal')
  for (const name of ['a', 'b', 'c']) if (random.chance(0.4)) runCommand(cluster, `buffer ${name}`)
  const done: string[] = []
  try {
    for (let step = 0; step < STEPS; step++) done.push(wander(cluster, random, ['b', 'c']))
    done.push('heal')
    heal(cluster)
    const { log } = cluster.master('a')
    for (const replica of cluster.replicas.values()) {
      expect(replica.state.phase, `${replica.name} follows`).toBe('streaming')
      expect(replica.log.commits).toEqual(log.commits)
      expect(replica.appliedSeq).toBe(log.lastSeq)
      expect(replica.log.identity).toEqual(log.identity)
    }
  } catch (error) {
    const last = [...done.slice(-25), ...cluster.takeTrace().slice(-25)]
    throw new Error([`seed ${seed}: ${(error as Error).message}`, ...last].join('\n'), { cause: error })
  }
}

test.each(seedsFor(60))('seed %i', story)
