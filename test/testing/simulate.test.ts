import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { simulate, type SimulationResult } from '../../lib/testing/simulate.js'
import { freshSeeds } from '../seeds.js'

/** `seed why`, one a line. */
const FAILED = readFileSync(new URL('failed-seeds.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => /^\d/.test(line))
  .map((line) => line.split(' '))
  .map(([seed, ...why]) => [Number(seed), why.join(' ')] as const)

describe('a cluster keeps its promises', () => {
  test.each(FAILED)('also with seed %i: %s', async (seed) => {
    await simulate({ seed })
  })

  const fresh = freshSeeds(250)
  test(`with fresh seeds (${fresh[0]} to ${fresh.at(-1)})`, async () => {
    for (const seed of fresh) await simulate({ seed })
  }, 1_800_000)

  test('over a long time', async () => {
    const { commits } = await simulate({ seed: 1, events: 400 })
    expect(commits).toBeGreaterThan(100)
  }, 120_000)
})

describe('simulate', () => {
  test('does the same for the same seed, to the last frame', async () => {
    const sum: Partial<Record<keyof SimulationResult, number>> = {}
    const digests = new Set<string>()
    for (let seed = 1; seed <= 40; seed++) {
      const result = await simulate({ seed })
      if (seed <= 15) expect(await simulate({ seed })).toEqual(result)
      digests.add(result.digest)
      for (const name of NUMBERS) sum[name] = (sum[name] ?? 0) + result[name]
    }
    expect(digests.size).toBe(40)
    // So much happens that a promise that is not kept is found out.
    expect(sum.commits).toBeGreaterThan(1_000)
    expect(sum.snapshots).toBeGreaterThan(40)
    expect(sum.crashes).toBeGreaterThan(20)
    expect(sum.powerCuts).toBeGreaterThan(20)
    expect(sum.checks).toBeGreaterThan(100)
    expect(sum.frames).toBeGreaterThan(10_000)
  }, 300_000)

  test('tells every line of its trace', async () => {
    const lines: string[] = []
    const { events } = await simulate({ seed: 3, events: 5, print: (line) => lines.push(line) })
    expect(lines.length).toBe(events)
    expect(lines[0]).toContain('plan')
    expect(lines.join('\n')).toContain('is equal')
  })
})

const NUMBERS = ['commits', 'snapshots', 'crashes', 'powerCuts', 'checks', 'frames'] as const
