import { expect, test } from 'vitest'
import { type Health, statusOf } from '../../lib/replication/health.js'

const thresholds = { laggingAfterMs: 1_000, disconnectedAfterMs: 60_000 }
const well: Health = { heardAtMs: 100_000, lagMs: 0, hasApplied: true, isSyncing: false }
const at = (health: Partial<Health>, nowMs = 100_000) => statusOf({ ...well, ...health }, nowMs, thresholds)

test('a node that was just heard, has applied and is not behind is connected', () => {
  expect(at({})).toBe('Connected')
})

test('at a threshold a node still is what it was below it', () => {
  expect(at({}, 160_000)).toBe('Connected')
  expect(at({}, 160_001)).toBe('Disconnected')
  expect(at({ lagMs: 1_000 })).toBe('Connected')
  expect(at({ lagMs: 1_001 })).toBe('Lagging')
  expect(at({ lagMs: 1_000.1 })).toBe('Lagging')
})

test('never heard is disconnected, whatever else is known', () => {
  expect(at({ heardAtMs: undefined })).toBe('Disconnected')
})

test('silence counts before lag, lag before what has been applied', () => {
  expect(at({ lagMs: 5_000, hasApplied: false }, 200_000)).toBe('Disconnected')
  expect(at({ lagMs: 5_000, hasApplied: false, isSyncing: true })).toBe('Lagging')
})

test('nothing applied yet, or reading up, is syncing', () => {
  expect(at({ hasApplied: false })).toBe('Syncing')
  expect(at({ isSyncing: true })).toBe('Syncing')
})

test("the thresholds are the caller's", () => {
  const strict = { laggingAfterMs: 0, disconnectedAfterMs: 0 }
  expect(statusOf(well, 100_000, strict)).toBe('Connected')
  expect(statusOf({ ...well, lagMs: 0.5 }, 100_000, strict)).toBe('Lagging')
  expect(statusOf(well, 100_001, strict)).toBe('Disconnected')
})
