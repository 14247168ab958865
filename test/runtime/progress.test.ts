import { expect, test } from 'vitest'
import { progressReporter } from '../../lib/runtime/progress.js'

test('a function that throws is told as a warning, once, and not called again', async () => {
  const warnings: Error[] = []
  const listen = (warning: Error) => warnings.push(warning)
  process.on('warning', listen)
  const seen: number[] = []
  const report = progressReporter(({ done }) => {
    seen.push(done)
    if (done === 2) throw new Error('progress of the host broke')
  })
  for (const done of [1, 2, 3]) report?.({ done, total: 3, phase: 'copy' })
  await expect
    .poll(() => warnings.map(({ message }) => message))
    .toEqual([expect.stringMatching(/^onProgress threw/)])
  process.off('warning', listen)
  expect(seen).toEqual([1, 2])
  expect(progressReporter(undefined)).toBeUndefined()
})
