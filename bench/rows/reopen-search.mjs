/** From `open` to the first answer of a search, in a fresh process, with the files in the page cache. */
import { join } from 'node:path'
import { runChild } from '../child-process.mjs'
import { loadDataset } from '../dataset.mjs'

export const title = 'reopen to first search'
const SMALL_SHARE = 5

/** @returns {Promise<import('../line.mjs').Line[]>} */
export async function measure({ directory, repetitions }) {
  const large = loadDataset().count
  const small = Math.floor(large / SMALL_SHARE)
  const samples = new Map([large, small].map((count) => [count, []]))
  const path = (count) => join(directory, `store-${count}`)
  for (const count of samples.keys()) {
    await runChild('store-process.mjs', ['writeIndexed', path(count), String(count)])
  }
  for (let round = -1; round < repetitions; round++) {
    for (const [count, kept] of samples) {
      const sample = await runChild('store-process.mjs', ['reopenSearch', path(count), String(count)])
      if (round >= 0) kept.push(sample)
    }
  }
  const line = (count, more) => {
    const [{ kind, pending }] = samples.get(count)
    return {
      name: `${count} records`,
      unit: 'ms',
      ours: samples.get(count).map(({ searchedMs }) => searchedMs),
      note: `'${kind}' answered, ${pending} vectors pending`,
      ...more,
    }
  }
  return [
    line(large, {
      baseline: { name: `at ${small}`, samples: samples.get(small).map(({ searchedMs }) => searchedMs) },
      bars: [
        { of: 'ours', atMost: 300 },
        { of: 'ratio', atMost: 3 },
      ],
    }),
    line(small, {}),
  ]
}
