import type { ClusterModel } from './cluster-model.js'
import type { SharedTime } from './shared-time.js'
import type { SimulatedNetwork } from './simulated-network.js'
import type { SimulationTrace } from './simulation-trace.js'
import type { Invariant } from './violation.js'

/** How often things happened: a simulation in which nothing happens proves nothing. */
export interface SimulationCounts {
  commits: number
  calls: number
  frames: number
  crashes: number
  powerCuts: number
  snapshots: number
  checks: number
}

/** What everything in one simulated cluster shares. */
export interface ClusterContext {
  readonly time: SharedTime
  readonly trace: SimulationTrace
  readonly network: SimulatedNetwork
  readonly model: ClusterModel
  readonly counts: SimulationCounts
  /** A promise is broken: the run ends with it. The first one counts. */
  fail(invariant: Invariant, what: string): void
  /** Runs what may find a broken promise deep within code that would swallow an exception. */
  attempt(run: () => void): void
  /** A replica said what it has, and goes on from there. */
  joined(name: string): void
}
