import { expect, test } from 'vitest'
import { warnProcess } from '../../lib/runtime/process-warning.js'

test.each([
  [new Error('broken'), /Error: broken\n {4}at /],
  ['just a string', /^just a string$/],
])('the process warns of %s', async (cause, detail) => {
  const warned = new Promise<Error & { detail?: string }>((resolve) => process.once('warning', resolve))
  warnProcess('Something of yours broke.', cause)
  const warning = await warned
  expect([warning.name, warning.message]).toEqual(['ReplivecWarning', 'Something of yours broke.'])
  expect(warning.detail).toMatch(detail)
})
