import { expect, test } from 'vitest'
import { CrashRun } from './crash-run.js'

/** `REPLIVEC_SEEDS=5000` runs so many seeds, `REPLIVEC_SEEDS=17-17` only that one. */
const [first, last] = seedsOf(process.env.REPLIVEC_SEEDS ?? '300')

function seedsOf(text: string): [number, number] {
  const [from, to] = text.split('-').map(Number) as [number, number?]
  return to === undefined ? [1, from] : [from, to]
}

test(`a store loses nothing it promised, whatever stops it (seeds ${first} to ${last})`, async () => {
  const sum = { acknowledged: 0, recoveries: 0, lost: 0, trimmed: 0 }
  for (let seed = first; seed <= last; seed++) {
    const { acknowledged, recoveries, lost, trimmed } = await new CrashRun(seed).run()
    sum.acknowledged += acknowledged
    sum.recoveries += recoveries
    sum.lost += lost
    sum.trimmed += trimmed
  }
  console.log(sum)
}, 3_600_000)

test('the same seed does the same, to the last operation of the disk', async () => {
  for (const seed of [3, 4, 5]) {
    const one = await new CrashRun(seed).run()
    const other = await new CrashRun(seed).run()
    expect(other).toEqual(one)
  }
  expect((await new CrashRun(6).run()).hash).not.toBe((await new CrashRun(7).run()).hash)
})
