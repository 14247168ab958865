import { expect } from 'vitest'
import type { ScenarioCluster } from './scenario-cluster.js'
import type { ToyMaster, ToySession } from './toy-master.js'
import type { ToyReplica } from './toy-replica.js'

/** What must be so after everything that can happen, whatever the nodes did. Throws with what is not. */
export function checkInvariants(cluster: ScenarioCluster): void {
  for (const master of cluster.masters.values()) checkNumbers(master)
  for (const replica of cluster.replicas.values()) {
    const { log, appliedSeq } = replica
    check(appliedSeq <= log.lastSeq, `${replica.name} has applied ${appliedSeq}, which is not in its log`)
    check(
      log.durableSeq <= log.lastSeq,
      `${replica.name} has ${log.durableSeq} durable, which is not in its log`,
    )
    isRun(replica)
  }
  for (const master of cluster.masters.values()) {
    for (const session of master.sessions.values()) {
      checkBudget(master, session)
      const replica = cluster.replicas.get(session.link.replica)
      if (replica) checkLink(master, session, replica)
    }
  }
}

/** Nodes whose link is up and that nothing holds back have the same. */
export function checkConverged(cluster: ScenarioCluster): void {
  for (const replica of cluster.replicas.values()) {
    const { link, state, works } = replica
    const master = link && cluster.masters.get(link.master)
    const session = link && master?.sessions.get(link)
    if (!master || !session || state.phase !== 'streaming') continue
    const isHeld =
      works.store.isHeld ||
      works.apply.isHeld ||
      master.isPaused ||
      link.blocked.master ||
      link.blocked.replica ||
      link.isUntrue
    const isSlow = Object.values(master.works).some((work) => work.isHeld) || session.state.rate !== undefined
    const isGathering =
      session.state.config.gatherMs > 0 && master.tickAtMs < cluster.nowMs + session.state.config.gatherMs
    if (isHeld || isSlow || isGathering) continue
    const where = `${replica.name} and ${master.id}`
    expect(idsOf(replica.log.commits), `${where} have the same commits`).toEqual(idsOf(master.log.commits))
    expect(replica.appliedSeq, `${replica.name} has applied all`).toBe(master.log.lastSeq)
    expect(session.state.acked.appliedSeq, `${master.id} knows that ${replica.name} has all`).toBe(
      master.log.lastSeq,
    )
    expect(session.state.inFlight, `nothing is in flight to ${replica.name}`).toEqual({
      bytes: 0,
      batches: [],
    })
  }
}

function isRun({ name, log }: ToyReplica): void {
  log.commits.forEach((commit, at) => {
    const before = log.commits[at - 1]
    check(
      commit.firstSeq === (before?.lastSeq ?? 0) + 1,
      `${name} has a gap before operation ${commit.firstSeq}`,
    )
  })
}

/** Numbers are given once: a commit's place, epoch and writer say which commit it is. */
function checkNumbers({ id, log }: ToyMaster): void {
  const { epochs } = log.identity
  const isGrowing = epochs.every(({ epoch }, at) => epoch > (epochs[at - 1]?.epoch ?? 0))
  check(isGrowing, `the epochs of ${id} do not grow`)
}

function checkBudget({ id, log }: ToyMaster, { state, link }: ToySession): void {
  const { config, inFlight, snapshot, acked } = state
  const largest = Math.max(config.batchBytes, ...log.commits.map(({ bytes }) => bytes))
  const sum = inFlight.batches.reduce((total, { bytes }) => total + bytes, 0)
  check(
    inFlight.bytes === sum,
    `${id} counts ${inFlight.bytes} bytes in flight to ${link.replica}, and there are ${sum}`,
  )
  check(
    inFlight.bytes <= config.windowBytes + largest,
    `${id} has ${inFlight.bytes} bytes in flight to ${link.replica}`,
  )
  if (!snapshot) return
  const ahead = snapshot.nextByte - acked.snapshotBytes
  check(ahead >= 0, `${link.replica} stored more of the snapshot than was sent`)
  const pieceBytes = 1024 * 1024
  check(ahead <= config.windowBytes + pieceBytes, `${id} is ${ahead} bytes ahead with the snapshot`)
}

/** What the two ends of a link believe of each other. */
function checkLink(master: ToyMaster, { state, link }: ToySession, replica: ToyReplica): void {
  const isSame = replica.log.identity.historyId === master.log.identity.historyId
  if (!isSame) return
  const { acked, phase, sentSeq } = state
  const { name, log } = replica
  const isStreaming = phase === 'catching-up' || phase === 'streaming'
  if (isStreaming) {
    const said = `${master.id} believes that ${name} has`
    check(acked.durableSeq <= log.durableSeq, `${said} ${acked.durableSeq} durable, it has ${log.durableSeq}`)
    // What was applied and not on stable storage may be lost with the replica, and its master hears of that later.
    check(
      replica.link !== link || acked.appliedSeq <= replica.appliedSeq,
      `${said} applied ${acked.appliedSeq}, it has ${replica.appliedSeq}`,
    )
    check(acked.receivedSeq <= sentSeq, `${said} received ${acked.receivedSeq}, and sent ${sentSeq}`)
  }
  if (replica.link !== link || replica.state.phase !== 'streaming' || !isStreaming) return
  check(
    replica.state.receivedSeq <= sentSeq,
    `${name} received ${replica.state.receivedSeq}, and ${sentSeq} was sent`,
  )
  const mine = idsOf(log.commits)
  expect(mine, `${name} has a beginning of what ${master.id} has`).toEqual(
    idsOf(master.log.commits).slice(0, mine.length),
  )
}

function idsOf(commits: readonly { readonly id: string }[]): string[] {
  return commits.map(({ id }) => id)
}

function check(isSo: boolean, otherwise: string): void {
  if (!isSo) throw new Error(otherwise)
}
