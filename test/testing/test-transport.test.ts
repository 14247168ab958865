import { describe, expect, test } from 'vitest'
import { testTransport } from '../../lib/testing/test-transport.js'
import type { MakePair } from '../../lib/testing/transport-trial.js'
import { brokenTransports, soundLinks, soundPair } from './broken-transports.js'

testTransport('transports in memory', () => soundPair(), { describe, test })
testTransport('links in memory', soundLinks, { describe, test })

interface SuiteTest {
  readonly title: string
  readonly body: () => Promise<void> | void
}

describe('the suite itself', () => {
  test.each(brokenTransports)('catches a transport that $name', async ({ make, caughtBy }) => {
    const catching = testsOf(make, 1_000).filter(({ title }) => title.includes(caughtBy))
    expect(catching).toHaveLength(1)
    await expect(catching[0]!.body()).rejects.toBeInstanceOf(Error)
  })

  test('names the transport and registers the same tests whatever the transport is', () => {
    const names: string[] = []
    testTransport('mine', soundLinks, { describe: (name) => names.push(name), test: () => {} })
    expect(names).toEqual(['transport: mine'])
    const titles = testsOf(() => soundPair()).map(({ title }) => title)
    expect(titles).toEqual(testsOf(soundLinks).map(({ title }) => title))
    expect(new Set(titles).size).toBe(titles.length)
    expect(titles.length).toBeGreaterThan(20)
  })

  test('fails when the pair cannot be made, and when it cannot be released', async () => {
    const failing = new Error('no pair')
    const [first] = testsOf(() => Promise.reject(failing))
    await expect(first!.body()).rejects.toBe(failing)
    const [other] = testsOf(() => ({ ...soundPair(), close: () => Promise.reject(failing) }))
    await expect(other!.body()).rejects.toBe(failing)
    const [third] = testsOf(() => ({ ...soundPair(), close: () => new Promise<void>(() => {}) }), 100)
    await expect(third!.body()).rejects.toThrow('no end after 100 ms')
  })

  test('releases every pair, also one that no link was asked of', async () => {
    let open = 0
    const makePair = async () => {
      const pair = await soundLinks()
      open += 1
      return {
        ...pair,
        close: () => {
          open -= 1
          return pair.close?.()
        },
      }
    }
    for (const { body } of testsOf(makePair).filter(({ title }) => !/hold|pending|cut/.test(title)))
      await body()
    expect(open).toBe(0)
  })
})

/** The tests of the suite, as a runner gets them. */
function testsOf(makePair: MakePair, limitMs = 30_000): SuiteTest[] {
  const tests: SuiteTest[] = []
  testTransport(
    'broken',
    makePair,
    { describe: (_, body) => body(), test: (title, body) => tests.push({ title, body }) },
    { limitMs },
  )
  return tests
}
