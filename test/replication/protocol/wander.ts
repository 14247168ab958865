import { ReplivecError } from '../../../lib/errors.js'
import { decodeWire, encodeWire } from '../../../lib/replication/protocol/wire-codec.js'
import type { Message } from '../../../lib/replication/protocol/messages.js'
import type { SeededRandom } from '../../../lib/testing/seeded-random.js'
import { checkInvariants } from './invariants.js'
import type { ScenarioCluster } from './scenario-cluster.js'
import { runCommand } from './scenario-commands.js'
import { SAMPLES } from './scenario-nodes.js'
import type { End, ToyLink } from './toy-link.js'

/** Random stories for the same toys that scenarios are played with. */

/** What a random story does to the nodes, and how often. */
const MISHAPS: readonly (readonly [weight: number, (random: SeededRandom, replica: string) => string])[] = [
  [8, (random) => `write a ${1 + random.int(4)}`],
  [4, (random) => `commit a ${1 + random.int(12)} operations ${100 + random.int(3_000)} bytes`],
  [4, () => 'sync a'],
  [4, (_random, replica) => `sync ${replica}`],
  [2, () => 'crash a'],
  [2, (_random, replica) => `crash ${replica}`],
  [1, (_random, replica) => `crash ${replica} unnoticed`],
  [1, (_random, replica) => `pause ${replica}`],
  [3, (_random, replica) => `resume ${replica}`],
  [1, (_random, replica) => `resync ${replica}`],
  [1, () => 'pause a'],
  [3, () => 'resume a'],
  [1, () => 'lose snapshots of a'],
  [2, (random) => `hold ${random.pick(['reads', 'snapshots', 'sends', 'authorize'])} of a`],
  [4, (random) => `release ${random.pick(['reads', 'snapshots', 'sends', 'authorize'])} of a`],
  [2, (random, replica) => `hold ${random.pick(['store', 'apply', 'install'])} of ${replica}`],
  [4, (random, replica) => `release ${random.pick(['store', 'apply', 'install'])} of ${replica}`],
  [3, (random) => `want a ${random.pick(['durable', 'received'])} ${random.int(60)}`],
  [14, (random) => `advance ${random.pick([1, 20, 100, 200])}ms undelivered`],
  [2, (random) => `advance ${random.pick([2_000, 15_000, 70_000])}ms undelivered`],
  [8, (random) => `advance ${random.pick([1, 100, 1_000])}ms`],
  [1, (random, replica) => `poison ${replica} ${random.int(120)}`],
  [2, (_random, replica) => `cure ${replica}`],
  [1, (random) => `trim a ${random.int(60)}`],
  [1, (random) => `chance ${random.next()}`],
]

/** What it does to a link. */
const LINK_MISHAPS: readonly (readonly [weight: number, string])[] = [
  [60, 'deliver'],
  [3, 'cut'],
  [2, 'drop'],
  [2, 'duplicate'],
  [2, 'reorder'],
  [2, 'damage'],
  [1, 'block'],
  [2, 'unblock'],
  [2, 'nonsense'],
]

const UNTRUE: ReadonlySet<string> = new Set(['cut', 'drop', 'duplicate', 'reorder', 'nonsense'])

/** One step of a story. @returns what was done, for the report when it went wrong */
export function wander(cluster: ScenarioCluster, random: SeededRandom, replicas: readonly string[]): string {
  const dialing = [...cluster.replicas.values()].filter(({ isDialing }) => isDialing)
  if (dialing.length > 0 && random.chance(0.8))
    return played(cluster, `connect ${random.pick(dialing).name} a`)
  const link = random.chance(0.7) && cluster.links.length > 0 ? random.pick(cluster.links) : undefined
  if (link) return strike(cluster, random, link)
  return played(cluster, weighted(random, MISHAPS)(random, random.pick(replicas)))
}

function strike(cluster: ScenarioCluster, random: SeededRandom, link: ToyLink): string {
  const end: End = random.pick(['master', 'replica'])
  const verb = weighted(random, LINK_MISHAPS)
  const queue = link.queues[end]
  // A cut that one end does not hear of loses what was on its way to it.
  if (UNTRUE.has(verb)) link.isUntrue = true
  if (verb === 'cut') cluster.cut(link)
  if (verb === 'deliver') for (let left = 1 + random.int(4); left > 0; left--) cluster.deliver(link, end)
  if (verb === 'drop') queue.splice(random.int(queue.length + 1), 1)
  if (verb === 'duplicate' && queue[0]) queue.splice(random.int(queue.length), 0, queue[0])
  if (verb === 'reorder') queue.push(...queue.splice(random.int(queue.length + 1), 1))
  if (verb === 'damage') mutateFirst(link, end, random)
  if (verb === 'block' || verb === 'unblock') link.blocked[end] = verb === 'block'
  if (verb === 'nonsense') {
    const message = mutated(random.pick(Object.values(SAMPLES)), random)
    if (message && message.kind !== 'operations') queue.push(message)
  }
  checkInvariants(cluster)
  return `${verb} ${link.replica}-${link.master}, ${end}`
}

/** Bytes that are damaged, as far as a frame's checksum would not have told. */
function mutateFirst(link: ToyLink, end: End, random: SeededRandom): void {
  const queue = link.queues[end]
  const at = queue.findIndex((parcel) => parcel !== 'end' && CARRIES_CHECKSUMS.has(parcel.kind))
  const parcel = queue[at]
  if (!parcel || parcel === 'end') return
  if (parcel.kind === 'operations') {
    const frames = Uint8Array.from(parcel.frames)
    const place = random.int(frames.length)
    frames[place] = (frames[place] as number) ^ (1 << random.int(7))
    queue[at] = { ...parcel, frames }
  } else if (parcel.kind === 'snapshot-piece') {
    queue[at] = { ...parcel, bytes: parcel.bytes.map((byte, place) => (place === 3 ? byte ^ 1 : byte)) }
  }
}

const CARRIES_CHECKSUMS: ReadonlySet<Message['kind']> = new Set(['operations', 'snapshot-piece'])

/** @returns a message of any kind whose bytes were changed, if they still are one */
export function mutated(sample: Message, random: SeededRandom): Message | undefined {
  const bytes = Uint8Array.from(encodeWire(sample))
  for (let turns = random.int(4); turns >= 0 && bytes.length > 0; turns--)
    bytes[random.int(bytes.length)] = random.int(256)
  try {
    const message = decodeWire(bytes)
    return message.kind === 'part' || message.kind === 'packed' ? undefined : message
  } catch (error) {
    if (ReplivecError.is(error, 'PROTOCOL_VIOLATED')) return undefined
    throw error
  }
}

/** Ends all that a story does to its nodes, so that they can become equal again. */
export function heal(cluster: ScenarioCluster): void {
  for (const master of cluster.masters.values()) {
    for (const works of Object.values(master.works)) works.release()
    if (!master.isUp) master.open()
    master.isPaused = false
    master.changed()
  }
  for (const replica of cluster.replicas.values()) {
    if (!replica.isUp) replica.restart()
    for (const works of Object.values(replica.works)) works.release()
    replica.poisonSeq = undefined
    replica.step({ kind: 'resume' })
  }
  for (const link of cluster.links) link.blocked.master = link.blocked.replica = false
  for (const link of cluster.links.filter(({ isUntrue }) => isUntrue)) cluster.cut(link)
  cluster.chance = 0.5
  for (let minutes = 0; minutes < 5; minutes++) runCommand(cluster, 'advance 1min')
}

function played(cluster: ScenarioCluster, command: string): string {
  const [verb, name] = command.split(' ')
  const node = cluster.masters.get(name as string) ?? cluster.replicas.get(name as string)
  const isDown = node?.isUp === false
  if (isDown && verb !== 'connect') {
    runCommand(cluster, `restart ${name}`)
    return `restart ${name}`
  }
  runCommand(cluster, command)
  return command
}

function weighted<T>(random: SeededRandom, choices: readonly (readonly [weight: number, T])[]): T {
  let left = random.int(choices.reduce((sum, [weight]) => sum + weight, 0))
  for (const [weight, choice] of choices) {
    left -= weight
    if (left < 0) return choice
  }
  throw new Error('unreachable')
}
