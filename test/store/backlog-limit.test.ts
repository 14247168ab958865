import { expect, test } from 'vitest'
import { backlogLimit } from '../../lib/store/backlog-limit.js'

const MIB = 1024 * 1024

test('a backlog is a 64th of the memory, and not more or less than bounds', () => {
  expect(backlogLimit(8 * 1024 * MIB)).toBe(128 * MIB)
  expect(backlogLimit(512 * MIB)).toBe(64 * MIB)
  expect(backlogLimit(64 * 1024 * MIB)).toBe(192 * MIB)
})
