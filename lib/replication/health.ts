import type { ReplicaStatus } from './replication.js'

/** When a node counts as lagging or gone; milliseconds. */
export interface HealthThresholds {
  readonly laggingAfterMs: number
  readonly disconnectedAfterMs: number
}

/** What is known of a node, in times that never go back. */
export interface Health {
  /** When something was last heard; `undefined` when nothing was since this store was opened. */
  readonly heardAtMs: number | undefined
  readonly lagMs: number
  /** It has applied something, or there was nothing to apply. */
  readonly hasApplied: boolean
  /** It takes a snapshot, or what waited for it in memory was dropped and it reads up on the log. */
  readonly isSyncing: boolean
}

/** All comparisons are strict: at a threshold a node still is what it was below it. */
export function statusOf(health: Health, nowMs: number, thresholds: HealthThresholds): ReplicaStatus {
  const { heardAtMs, lagMs, hasApplied, isSyncing } = health
  if (heardAtMs === undefined || nowMs - heardAtMs > thresholds.disconnectedAfterMs) return 'Disconnected'
  if (lagMs > thresholds.laggingAfterMs) return 'Lagging'
  return hasApplied && !isSyncing ? 'Connected' : 'Syncing'
}
