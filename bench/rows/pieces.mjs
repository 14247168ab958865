/** Pieces of a write, each against what it stands in for. */
import { crc32 } from 'node:zlib'
import { Bench } from 'tinybench'
import { decodeCommit, encodeCommitFrame, FRAME_HEADER_BYTES } from '../../dist/log/frame.js'
import { replivec } from '../../dist/log/schema.js'
import { encodeMetadata } from '../../dist/records/metadata.js'
import { isStoredMetadata } from '../../dist/records/metadata-form.js'
import { DIMENSIONS, loadDataset } from '../dataset.mjs'

export const title = 'pieces of a write'
const RECORDS = 256
const BENCH_MS = 300

/** @returns {Promise<import('../line.mjs').Line[]>} */
export async function measure({ repetitions }) {
  const data = loadDataset()
  const records = Array.from({ length: RECORDS }, (_, row) => data.record(row))
  const commits = records.map(commitOf)
  const whole = commit(
    commits.flatMap(({ operations }) => operations),
    1,
  )
  const large = encodeCommitFrame(whole).subarray(FRAME_HEADER_BYTES)
  // As they come off a disk or a link.
  const texts = records.map(({ metadata }) => Buffer.from(JSON.stringify(metadata)).toString())
  const pairs = [
    {
      name: 'a commit of one record, encoded with its checksum',
      ours: () => commits.forEach((commit) => void encodeCommitFrame(commit)),
      baseline: "protobufjs' generated encoder and crc32",
      other: () => commits.forEach((commit) => void crc32(replivec.v1.Commit.encode(commit).finish())),
    },
    {
      name: 'a commit of 256 records, decoded',
      ours: () => void decodeCommit(large),
      baseline: "protobufjs' generated decoder",
      other: () => void replivec.v1.Commit.decode(large),
    },
    {
      name: 'stored metadata of one record, known to be metadata',
      ours: () => texts.forEach((text) => void isStoredMetadata(text)),
      baseline: 'JSON.parse',
      other: () => texts.forEach((text) => void JSON.parse(text)),
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
  return commit([{ put }], row + 1)
}

function commit(operations, firstSeq) {
  const originId = 'node-of-the-benchmark'
  return {
    epoch: 1,
    originId,
    firstSeq,
    count: operations.length,
    committedAtMs: 1_700_000_000_000,
    operations,
  }
}
