import { expect, test } from 'vitest'
import { openResources } from '../../lib/runtime/open-resources.js'

test('counts what is open, by kind, until it is closed', () => {
  const before = openResources().get('Timeout') ?? 0
  const timers = [setTimeout(() => {}, 60_000), setTimeout(() => {}, 60_000)]
  expect(openResources().get('Timeout')).toBe(before + 2)
  for (const timer of timers) clearTimeout(timer)
  expect(openResources().get('Timeout') ?? 0).toBe(before)
})
