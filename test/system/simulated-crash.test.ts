import { expect, test } from 'vitest'
import { seedsFor } from '../seeds.js'
import { CrashRun } from './crash-run.js'

const ALL = seedsFor(300)

test(`a store loses nothing it promised, whatever stops it (seeds ${ALL[0]} to ${ALL.at(-1)})`, async () => {
  const failures: string[] = []
  for (const seed of ALL) {
    if (failures.length > 0) break
    await new CrashRun(seed).run().catch((error: Error) => failures.push(error.message))
  }
  expect(failures.join('\n')).toBe('')
}, 7_200_000)

/** As many as the sums below do not depend on a single turn of the microtask queue. */
const SEEDS = 30

test('the same seed does the same, to the last operation of the disk', async () => {
  const sum = { acknowledged: 0, recoveries: 0, lost: 0, trimmed: 0 }
  const hashes = new Set<string>()
  for (let seed = 1; seed <= SEEDS; seed++) {
    const report = await new CrashRun(seed).run()
    expect(await new CrashRun(seed).run()).toEqual(report)
    hashes.add(report.hash)
    sum.acknowledged += report.acknowledged
    sum.recoveries += report.recoveries
    sum.lost += report.lost
    sum.trimmed += report.trimmed
  }
  expect(hashes.size).toBe(SEEDS)
  // So much happens that a store which forgets, repeats or mixes up anything is found out.
  expect(sum.acknowledged).toBeGreaterThan(200)
  expect(sum.recoveries).toBeGreaterThan(40)
  expect(sum.trimmed).toBeGreaterThan(20)
  // A power cut may take what a buffered store acknowledged.
  expect(sum.lost).toBeGreaterThan(0)
})
