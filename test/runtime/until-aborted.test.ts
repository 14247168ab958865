import { expect, test } from 'vitest'
import { untilAborted } from '../../lib/runtime/until-aborted.js'

test('what comes first counts', async () => {
  const { signal } = new AbortController()
  expect(await untilAborted(Promise.resolve(1), signal)).toBe(1)
  expect(await untilAborted(Promise.resolve(2), undefined)).toBe(2)
  await expect(untilAborted(Promise.reject(new Error('own')), signal)).rejects.toThrow('own')
  const controller = new AbortController()
  const never = untilAborted(new Promise(() => undefined), controller.signal)
  controller.abort('enough')
  await expect(never).rejects.toBe('enough')
  await expect(untilAborted(new Promise(() => undefined), AbortSignal.abort('before'))).rejects.toBe('before')
})
