/** What an open store holds in memory before and after its first search, and what a record takes on disk. */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { runChild } from '../child-process.mjs'
import { DIMENSIONS, loadDataset } from '../dataset.mjs'

export const title = 'memory and disk'
const MIB = 1024 * 1024

/** @returns {Promise<import('../line.mjs').Line[]>} */
export async function measure({ directory, repetitions }) {
  const data = loadDataset()
  const path = join(directory, 'store')
  await runChild('store-process.mjs', ['write', path, String(data.count)])
  const samples = []
  for (let round = 0; round < repetitions; round++) {
    samples.push(await runChild('store-process.mjs', ['memory', path, String(data.count)]))
  }
  const mib = (pick) => samples.map((sample) => pick(sample) / MIB)
  const anonymous = (moment) => {
    const known = samples.every((sample) => sample[moment].anonymous !== null)
    return known
      ? `of which ${Math.round(Math.max(...mib((sample) => sample[moment].anonymous)))} MiB are not mapped files`
      : ''
  }
  const perRecord = (folder) => [bytesOf(join(path, folder)) / data.count]
  const raw = DIMENSIONS * 4
  const rawBaseline = { name: `the ${raw} bytes of a vector`, samples: [raw] }
  const metadataBytes = Array.from(
    { length: data.count },
    (_, row) => JSON.stringify(data.metadata(row)).length,
  )
  const meanMetadata = metadataBytes.reduce((sum, bytes) => sum + bytes, 0) / data.count
  return [
    {
      name: 'resident before the open',
      unit: 'MiB',
      ours: mib(({ before }) => before.rss),
      note: anonymous('before'),
    },
    {
      name: 'resident after the open',
      unit: 'MiB',
      ours: mib(({ opened }) => opened.rss),
      note: anonymous('opened'),
    },
    {
      name: 'resident after the first search',
      unit: 'MiB',
      ours: mib(({ searched }) => searched.rss),
      note: anonymous('searched'),
    },
    {
      name: 'memory of the index per record',
      unit: 'bytes',
      ours: samples.map(({ indexBytes }) => indexBytes / data.count),
      baseline: { name: rawBaseline.name, samples: samples.map(() => raw) },
    },
    {
      name: 'record store on disk per record',
      unit: 'bytes',
      ours: perRecord('records'),
      baseline: rawBaseline,
      note: `vector, metadata of ${Math.round(meanMetadata)} bytes as JSON, three indexes`,
    },
    { name: 'log on disk per record', unit: 'bytes', ours: perRecord('log'), baseline: rawBaseline },
  ]
}

function bytesOf(folder) {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
}
