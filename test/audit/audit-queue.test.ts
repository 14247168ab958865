import { expect, test } from 'vitest'
import { AuditDigest } from '../../lib/audit/audit-digest.js'
import { AuditQueue } from '../../lib/audit/audit-queue.js'
import { connected } from './sample-audit.js'

const digest = new AuditDigest(undefined)
const START = { seq: 0, hash: '0'.repeat(64) }

test('what has its place in the chain stays as it is until it is written', () => {
  const queue = new AuditQueue(1_000_000)
  queue.add(connected('b'), 1)
  queue.add(connected('c'), 2)
  const batch = queue.next(digest, START, 3, { nodeId: 'a' })
  queue.add(connected('d'), 3)
  expect(queue.next(digest, START, 4, {})).toBe(batch)
  expect([batch.length, queue.size]).toEqual([2, 3])
  queue.written(1)
  expect(queue.next(digest, START, 5, {})).toEqual(batch.slice(1))
  queue.written(1)
  const last = batch[1]?.link as typeof START
  const [next] = queue.next(digest, last, 6, {})
  expect(JSON.parse(new TextDecoder().decode(next?.line))).toMatchObject({
    ...{ seq: 3, atMs: 3, kind: 'connected', peerId: 'd', previous: last.hash },
  })
  queue.written(1)
  expect([queue.size, queue.bytes, queue.lost]).toEqual([0, 0, 0])
})

test('takes bounded memory: the oldest go, never those with a place in the chain', () => {
  const queue = new AuditQueue(50_000)
  queue.add(connected('first'), 0)
  const [first] = queue.next(digest, START, 0, {})
  for (let at = 0; at < 10_000; at++) {
    queue.add(connected(`peer ${at}`), at)
    expect(queue.bytes).toBeLessThanOrEqual(50_000)
  }
  expect(queue.lost).toBeGreaterThan(9_800)
  expect(queue.next(digest, START, 0, {})).toEqual([first])
  queue.written(1)
  const texts = queue
    .next(digest, first?.link ?? START, 7, {})
    .map(({ line }) => new TextDecoder().decode(line))
  expect(JSON.parse(texts[0] as string)).toMatchObject({ seq: 2, atMs: 7, kind: 'lost', count: queue.lost })
  expect(JSON.parse(texts[1] as string)).toMatchObject({ seq: 3, peerId: `peer ${queue.lost}` })
  expect(JSON.parse(texts.at(-1) as string)).toMatchObject({ peerId: 'peer 9999' })
})

test('one entry that was lost is said too', () => {
  const queue = new AuditQueue(1_100)
  for (const peerId of ['b', 'c', 'd']) queue.add(connected(peerId), 1)
  expect(queue.lost).toBe(1)
  const lines = queue.next(digest, START, 2, {}).map(({ line }) => JSON.parse(new TextDecoder().decode(line)))
  expect(lines).toMatchObject([{ kind: 'lost', count: 1 }, { peerId: 'c' }, { peerId: 'd' }])
})

test('one that is larger than all room is kept, and what recovery says comes first', () => {
  const queue = new AuditQueue(100)
  queue.add(connected('a peer'), 1)
  queue.addFirst({ kind: 'recovered', bytes: 5 }, 0)
  const lines = queue.next(digest, START, 2, {}).map(({ line }) => JSON.parse(new TextDecoder().decode(line)))
  expect(lines.map(({ kind }) => kind)).toEqual(['recovered', 'connected'])
})
