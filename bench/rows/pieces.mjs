/** Pieces of a write, each against what it stands in for. */
import { crc32 } from 'node:zlib'
import { Bench } from 'tinybench'
import { encodeCommitFrame } from '../../dist/log/frame.js'
import { replivec } from '../../dist/log/schema.js'
import { encodeMetadata } from '../../dist/records/metadata.js'
import { DIMENSIONS, loadDataset } from '../dataset.mjs'

export const title = 'pieces of a write'
const RECORDS = 256
const BENCH_MS = 300

/** @returns {Promise<import('../line.mjs').Line[]>} */
export async function measure({ repetitions }) {
  const data = loadDataset()
  const records = Array.from({ length: RECORDS }, (_, row) => data.record(row))
  const commits = records.map(commitOf)
  const pairs = [
    {
      name: 'a commit of one record, encoded with its checksum',
      ours: () => commits.forEach((commit) => void encodeCommitFrame(commit)),
      baseline: "protobufjs' generated encoder and crc32",
      other: () => commits.forEach((commit) => void crc32(replivec.v1.Commit.encode(commit).finish())),
    },
    {
      name: 'metadata of one record, checked and encoded',
      ours: () => records.forEach(({ metadata }) => void encodeMetadata(metadata)),
      baseline: 'JSON.stringify, which checks nothing',
      other: () => records.forEach(({ metadata }) => void JSON.stringify(metadata)),
    },
  ]
  const samples = pairs.map(() => ({ ours: [], other: [] }))
  for (let round = 0; round < repetitions; round++) {
    for (const [index, { ours, other }] of pairs.entries()) {
      const bench = new Bench({ time: BENCH_MS, warmupTime: BENCH_MS / 3 })
        .add('ours', ours)
        .add('other', other)
      await bench.run()
      for (const name of ['ours', 'other']) {
        samples[index][name].push(RECORDS * bench.getTask(name).result.throughput.p50)
      }
    }
  }
  return pairs.map(({ name, baseline }, index) => ({
    name,
    unit: 'records/s',
    ours: samples[index].ours,
    baseline: { name: baseline, samples: samples[index].other },
  }))
}

function commitOf({ id, vector, metadata }, row) {
  const bytes = new Uint8Array(vector.buffer, vector.byteOffset, DIMENSIONS * 4)
  const put = { collection: 1, id, vector: bytes, metadata: JSON.stringify(metadata) }
  return {
    ...{
      epoch: 1,
      originId: 'node-of-the-benchmark',
      firstSeq: row + 1,
      count: 1,
      committedAtMs: 1_700_000_000_000,
    },
    operations: [{ put }],
  }
}
