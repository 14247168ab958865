/** From `open` to the first record, in a fresh process, with the files in the page cache. */
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { runChild } from '../child-process.mjs'
import { loadDataset } from '../dataset.mjs'
import { figure, median } from '../statistics.mjs'

export const title = 'reopen to first get'
const SMALL_SHARE = 5

/** @returns {Promise<import('../line.mjs').Line[]>} */
export async function measure({ directory, repetitions }) {
  const large = loadDataset().count
  const small = Math.floor(large / SMALL_SHARE)
  const clean = await samplesOf({ large, small }, repetitions, async (count) => {
    const path = join(directory, `clean-${count}`)
    await runChild('store-process.mjs', ['write', path, String(count)])
    return () => path
  })
  const killed = await samplesOf({ large, small }, repetitions, async (count) => {
    const path = join(directory, `killed-${count}`)
    await runChild('store-process.mjs', ['writeAndDie', path, String(count)], { diesBy: 'SIGKILL' })
    // An open repairs: every repetition gets the files as they were found after the kill.
    return () => {
      const copy = join(directory, 'copy')
      rmSync(copy, { recursive: true, force: true })
      cpSync(path, copy, { recursive: true })
      return copy
    }
  })
  const line = (name, samples, more) => ({
    name,
    unit: 'ms',
    ours: samples.map(({ getMs }) => getMs),
    note: `the first search then takes ${spreadOf(samples, 'searchMs')}`,
    ...more,
  })
  const baseline = (samples) => ({ name: `at ${small}`, samples: samples.map(({ getMs }) => getMs) })
  return [
    line(`${large} records, closed`, clean.large, {
      baseline: baseline(clean.small),
      bars: [
        { of: 'ours', atMost: 100 },
        { of: 'ratio', atMost: 3 },
      ],
      note: `the first search then takes ${spreadOf(clean.large, 'searchMs')}; loading the library took ${spreadOf(clean.large, 'loadedMs')} before`,
    }),
    line(`${small} records, closed`, clean.small, { bars: [{ of: 'ours', atMost: 100 }] }),
    line(`${large} records, killed with the last acknowledgement`, killed.large, {
      baseline: baseline(killed.small),
    }),
    line(`${small} records, killed with the last acknowledgement`, killed.small, {}),
  ]
}

async function samplesOf({ large, small }, repetitions, prepare) {
  const paths = { large: await prepare(large), small: await prepare(small) }
  const samples = { large: [], small: [] }
  for (let round = -1; round < repetitions; round++) {
    for (const [size, count] of [
      ['large', large],
      ['small', small],
    ]) {
      const sample = await runChild('store-process.mjs', ['reopen', paths[size](), String(count)])
      if (round >= 0) samples[size].push(sample)
    }
  }
  return samples
}

function spreadOf(samples, key) {
  return `${figure(median(samples.map((sample) => sample[key])))} ms`
}
