import type { ReplicationOptions } from '../store/replication-input.js'
import type { StoreOptions } from '../store/store-options.js'
import type { SeededRandom } from './seeded-random.js'
import type { LinkSettings } from './simulated-pipe.js'

/** What may go wrong in one run. */
export interface FaultPlan {
  readonly links: boolean
  readonly processes: boolean
  readonly power: boolean
  readonly disks: boolean
  readonly clocks: boolean
  readonly slowDisks: boolean
  readonly badTransport: boolean
  readonly operators: boolean
}

/** How the stores of one node are opened. */
export interface NodePlan {
  readonly name: string
  readonly role: 'master' | 'replica'
  readonly durability: 'sync' | 'buffered'
  readonly segmentBytes: number
  readonly diskYieldsMax: number
  readonly replication: Omit<ReplicationOptions, 'role' | 'transport' | 'master'>
}

/** Everything that is the same for a whole run, from its seed. */
export interface ClusterPlan {
  readonly nodes: readonly NodePlan[]
  readonly links: LinkSettings
  readonly faults: FaultPlan
  /** How many calls and faults there are. */
  readonly events: number
  readonly ids: number
  readonly batchMax: number
  readonly paddingMax: number
}

/** A frame takes no longer on its way; links that carry little carry small frames. */
const FRAME_MS_MAX = 1_000

const HEALTHY: FaultPlan = {
  links: false,
  processes: false,
  power: false,
  disks: false,
  ...{ clocks: false, slowDisks: false, badTransport: false, operators: false },
}

/** Draws a run. @param events - how many calls and faults; drawn too by default */
export function planCluster(random: SeededRandom, events?: number): ClusterPlan {
  const replicas = random.pick([1, 1, 2, 2, 3, 4])
  const security = planSecurity(random.fork('security'))
  const names = ['master', ...Array.from({ length: replicas }, (_, index) => `replica-${index + 1}`)]
  const timing = {
    heartbeatIntervalMs: random.pick([100, 1_000, 10_000]),
    laggingAfterMs: random.pick([300, 1_000, 1_000]),
    disconnectedAfterMs: random.pick([3_000, 20_000, 60_000]),
  }
  const disconnectedAfterMs = Math.max(timing.disconnectedAfterMs, 3 * timing.heartbeatIntervalMs)
  const master = {
    maxInFlightBytes: random.pick([300, 2_000, 20_000, 8 * 1024 * 1024]),
    maxQueuedBytes: random.pick([1_000, 20_000, 8 * 1024 * 1024]),
    retention: { bytes: random.pick([0, 0, 3_000, 30_000, 1_000_000]) },
    ...(random.chance(0.1) ? { maxBytesPerSecond: random.pick([5_000, 100_000]) } : {}),
    ...{ ...timing, ...security, disconnectedAfterMs, members: names },
  }
  return {
    nodes: names.map((name, index) => ({
      name,
      role: index === 0 ? 'master' : 'replica',
      durability: random.chance(0.6) ? 'sync' : 'buffered',
      segmentBytes: random.pick([600, 4_000, 100_000]),
      diskYieldsMax: random.pick([0, 1, 4]),
      replication:
        index === 0 ? master : { ...timing, ...security, disconnectedAfterMs, retention: master.retention },
    })),
    links: planLinks(random),
    faults: random.chance(0.08) ? HEALTHY : planFaults(random),
    events: events ?? random.pick([20, 40, 60, 100]),
    ids: random.pick([6, 24, 60]),
    batchMax: random.pick([2, 6, 20]),
    paddingMax: random.pick([0, 100, 1_000]),
  }
}

/** Compression has threads of the machine at work, whose pace no seed repeats: it is not part of a run. */
function planSecurity(random: SeededRandom): Pick<ReplicationOptions, 'secret' | 'authenticateFrames'> {
  if (random.chance(0.5)) return {}
  return { secret: 'a secret of thirty-two characters', authenticateFrames: random.chance(0.5) }
}

function planLinks(random: SeededRandom): LinkSettings {
  const latencyMsMin = random.pick([0, 0, 1, 20])
  const bytesPerMs = random.pick([20, 1_000, 100_000])
  const maxFrameBytes = random.pick([256, 2_000, 16 * 1024 * 1024, 16 * 1024 * 1024])
  return {
    latencyMsMin,
    latencyMsMax: latencyMsMin + random.pick([0, 2, 40, 300]),
    bytesPerMs,
    queueBytes: random.pick([200, 4_000, 1_000_000]),
    // While one frame is on its way nothing is heard: it must not take as long as silence may last.
    maxFrameBytes: Math.min(maxFrameBytes, bytesPerMs * FRAME_MS_MAX),
  }
}

function planFaults(random: SeededRandom): FaultPlan {
  return {
    links: random.chance(0.6),
    processes: random.chance(0.5),
    power: random.chance(0.5),
    disks: random.chance(0.2),
    clocks: random.chance(0.2),
    slowDisks: random.chance(0.3),
    badTransport: random.chance(0.2),
    operators: random.chance(0.4),
  }
}

const SILENT = { debug() {}, info() {}, warn() {}, error() {} }

/** What a node is opened with. @param transport - the network as its process sees it */
export function storeOptions(
  { name, role, durability, replication }: NodePlan,
  transport: NonNullable<ReplicationOptions['transport']>,
): StoreOptions {
  const master = role === 'replica' ? { master: { id: 'master', address: 'master:7000' } } : {}
  return {
    replication: { role, transport, ...master, ...replication },
    // Warnings are in the trace.
    logger: SILENT,
    ...{ path: '/data/store', nodeId: name, durability },
  }
}
