import { describe, expect, test } from 'vitest'
import type { IndexBackend } from '../../lib/index/backend.js'
import { plainScan } from '../../lib/index/backends/plain-scan.js'
import { simdScan } from '../../lib/index/backends/simd-scan.js'
import { testBackend } from '../../lib/testing/test-backend.js'
import { toyBackend } from '../index/toy-backend.js'
import { brokenBackends, persistingBackend } from './broken-backends.js'

testBackend('plain scan', () => plainScan, { describe, test })
testBackend('SIMD scan', async () => simdScan, { describe, test })
testBackend('a toy from outside', () => toyBackend, { describe, test })
testBackend('one that persists', () => persistingBackend, { describe, test })

describe('the suite itself', () => {
  test.each(brokenBackends)('catches a backend that $name', async ({ make, caughtBy }) => {
    const failures = await failuresOf(make())
    expect(failures.map(({ title }) => title)).toContainEqual(expect.stringContaining(caughtBy))
    for (const { error } of failures) expect(error).toBeInstanceOf(Error)
  })

  test('names the backend and registers the same tests whatever the backend is', () => {
    const names: string[] = []
    const titles: string[] = []
    testBackend('mine', () => plainScan, {
      describe: (name, body) => {
        names.push(name)
        body()
      },
      test: (title) => titles.push(title),
    })
    expect(names).toEqual(['index backend: mine'])
    expect(new Set(titles).size).toBe(titles.length)
    expect(titles.length).toBeGreaterThan(15)
  })
})

/** Runs the suite with a runner that collects instead of reporting. */
async function failuresOf(backend: IndexBackend): Promise<{ title: string; error: unknown }[]> {
  const tests: { title: string; body: () => Promise<void> | void }[] = []
  testBackend('broken', () => backend, {
    describe: (_, body) => body(),
    test: (title, body) => tests.push({ title, body }),
  })
  const failures: { title: string; error: unknown }[] = []
  for (const { title, body } of tests) {
    try {
      await body()
    } catch (error) {
      failures.push({ title, error })
    }
  }
  return failures
}
