import { beforeEach, describe, expect, test } from 'vitest'
import { CommitTimes } from '../../lib/replication/commit-times.js'
import type { Ack } from '../../lib/replication/protocol/messages.js'
import {
  type RegisteredReplica,
  type ReplicaLinkFigures,
  ReplicaRegistry,
  type StoredReplica,
} from '../../lib/replication/replica-registry.js'

const ack = (seq: number, durableSeq = seq): Ack => ({
  ...{ kind: 'ack', receivedSeq: seq, durableSeq, appliedSeq: seq, snapshotBytes: 0, question: 0 },
})
const idle: ReplicaLinkFigures = {
  queuedBytes: 0,
  inFlightBytes: 0,
  compression: null,
  bytesSent: 0,
  isSyncing: false,
}
const thresholds = { laggingAfterMs: 1_000, disconnectedAfterMs: 60_000 }
const stored: StoredReplica = {
  ...{
    id: 'b',
    host: '192.0.2.10',
    port: 6381,
    offset: 7,
    operationsSynced: 9,
    bytesSent: 100,
    lastHeartbeat: 5,
  },
}

describe('the replicas that a master knows', () => {
  test('are those it knew before, in the order of their ids', () => {
    const registry = new ReplicaRegistry([{ ...stored, id: 'c' }, stored])
    registry.register('a')
    expect(registry.size).toBe(3)
    expect(registry.byId().map(({ id }) => id)).toEqual(['a', 'b', 'c'])
    expect([...registry.all()].map(({ id }) => id)).toEqual(['c', 'b', 'a'])
    expect(registry.get('b')?.stored()).toEqual(stored)
    expect(registry.get('d')).toBeUndefined()
  })

  test('have no more than the master, which may have lost the end of its log', () => {
    const registry = new ReplicaRegistry([stored], 4)
    expect(registry.lowestOffset()).toBe(4)
    expect(registry.get('b')?.info(4, new CommitTimes(), 0)).toMatchObject({ offset: 4, lagOperations: 0 })
  })

  test('are registered once, and stay until they are forgotten', () => {
    const registry = new ReplicaRegistry([])
    const replica = registry.register('b')
    expect(registry.register('b')).toBe(replica)
    expect(replica.stored()).toEqual({
      ...{
        id: 'b',
        host: null,
        port: null,
        offset: 0,
        operationsSynced: 0,
        bytesSent: 0,
        lastHeartbeat: null,
      },
    })
    expect([registry.forget('b'), registry.forget('b'), registry.size]).toEqual([true, false, 0])
  })

  test('the lowest operation that all have, linked or not', () => {
    const registry = new ReplicaRegistry([])
    expect(registry.lowestOffset()).toBeUndefined()
    for (const [id, seq] of [
      ['a', 8],
      ['b', 5],
    ] as const) {
      registry.register(id).joined(seq, false, () => idle)
      registry.get(id)?.acknowledge(ack(seq))
    }
    expect(registry.lowestOffset()).toBe(5)
    registry.get('b')?.left()
    expect(registry.lowestOffset()).toBe(5)
    registry.forget('b')
    expect(registry.lowestOffset()).toBe(8)
  })
})

describe('one replica', () => {
  let replica: RegisteredReplica
  let times: CommitTimes
  beforeEach(() => {
    replica = new ReplicaRegistry([stored]).register('b')
    times = new CommitTimes()
  })

  test('has received what it joins with, and nothing on stable storage before it says so', () => {
    replica.joined(4, false, () => idle)
    expect([replica.offset, replica.receivedSeq, replica.durableSeq]).toEqual([4, 4, 0])
    replica.acknowledge(ack(4, 3))
    expect([replica.offset, replica.receivedSeq, replica.durableSeq]).toEqual([4, 4, 3])
  })

  test('counts what it acknowledges once', () => {
    replica.joined(7, false, () => idle)
    expect(replica.acknowledge(ack(7))).toBe(0)
    expect(replica.acknowledge(ack(10))).toBe(3)
    expect(replica.acknowledge(ack(9))).toBe(0)
    expect(replica.acknowledge(ack(12))).toBe(2)
    expect([replica.offset, replica.operationsSynced]).toEqual([12, 9 + 5])
  })

  test('adds up the bytes of its links', () => {
    expect(replica.bytesSent).toBe(100)
    let bytesSent = 40
    replica.joined(7, false, () => ({ ...idle, bytesSent }))
    bytesSent = 50
    expect(replica.bytesSent).toBe(150)
    replica.left()
    expect([replica.bytesSent, replica.stored().bytesSent, replica.link]).toEqual([150, 150, undefined])
    replica.left()
    expect(replica.bytesSent).toBe(150)
  })

  test('is behind since the first operation that it has not was committed', () => {
    replica.joined(7, false, () => idle)
    times.add(8, 1_000)
    times.add(9, 3_000)
    expect(replica.lagMs(9, times, 5_000)).toBe(4_000)
    replica.acknowledge(ack(8))
    expect(replica.lagMs(9, times, 5_000)).toBe(2_000)
    replica.acknowledge(ack(9))
    expect(replica.lagMs(9, times, 5_000)).toBe(0)
  })

  test('is behind at least since it was seen to be, where nobody knows the times', () => {
    expect(replica.lagMs(9, times, 5_000)).toBe(0)
    expect(replica.lagMs(9, times, 6_500)).toBe(1_500)
    replica.acknowledge(ack(9))
    expect(replica.lagMs(9, times, 7_000)).toBe(0)
    expect(replica.lagMs(10, times, 8_000)).toBe(0)
    expect(replica.lagMs(10, times, 8_100)).toBe(100)
  })

  test('tells when its status changes, and what it was', () => {
    const judge = (nowMs: number, headSeq = 7) => replica.judge(headSeq, times, nowMs, thresholds)
    expect([judge(0), replica.status]).toEqual([undefined, 'Disconnected'])
    replica.heard(10, 1_700_000_000_000)
    expect([judge(10), replica.status, replica.lastHeartbeat]).toEqual([
      'Disconnected',
      'Connected',
      1_700_000_000_000,
    ])
    expect(judge(20)).toBeUndefined()
    times.add(8, 1_000)
    expect([judge(2_000, 8), replica.status]).toEqual([undefined, 'Connected'])
    expect([judge(2_001, 8), replica.status]).toEqual(['Connected', 'Lagging'])
    replica.joined(7, false, () => ({ ...idle, isSyncing: true }))
    expect([judge(2_500), replica.status]).toEqual(['Lagging', 'Syncing'])
    expect([judge(60_011), replica.status]).toEqual(['Syncing', 'Disconnected'])
  })

  test('that has nothing is syncing, unless there is nothing to have', () => {
    const fresh = new ReplicaRegistry([]).register('c')
    fresh.heard(0, 0)
    fresh.judge(0, times, 1, thresholds)
    expect(fresh.status).toBe('Connected')
    fresh.judge(5, times, 1, thresholds)
    expect(fresh.status).toBe('Syncing')
  })

  test('says how it stands, linked and not', () => {
    times.add(9, 1_000)
    replica.joined(7, false, () => ({
      queuedBytes: 30,
      inFlightBytes: 20,
      compression: null,
      bytesSent: 10,
      isSyncing: false,
    }))
    const linked = {
      ...{ id: 'b', host: '192.0.2.10', port: 6381, status: 'Disconnected', lastHeartbeat: 5 },
      ...{ operationsSynced: 9, offset: 7, lagMs: 500, linked: true, lagOperations: 2 },
      ...{ queuedBytes: 30, inFlightBytes: 20, compression: null, bytesSent: 110 },
    }
    expect(replica.info(9, times, 1_500)).toEqual(linked)
    replica.left()
    expect(replica.info(9, times, 1_500)).toEqual({
      ...linked,
      linked: false,
      queuedBytes: 0,
      inFlightBytes: 0,
      compression: null,
    })
    expect(replica.info(3, times, 1_500).lagOperations).toBe(0)
  })
})
