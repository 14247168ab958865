/** A replica that neither reads nor closes, under a minute of full write load: what its master takes of memory for it. */
import { join } from 'node:path'
import process from 'node:process'
import { runChild } from '../child-process.mjs'

export const title = 'memory of a master with a stalled replica'
const SECONDS = Number(process.env.REPLIVEC_BENCH_STALL_SECONDS ?? 60)
/** As `maxQueuedBytes` has it when nobody says otherwise. */
const QUEUED_MIB = 32

/** @returns {Promise<import('../line.mjs').Line[]>} */
export async function measure({ directory }) {
  const place = (name) => join(directory, name)
  const alone = await runChild('stalled-process.mjs', [place('alone'), 'no replica', String(SECONDS)])
  const stalled = await runChild('stalled-process.mjs', [
    place('stalled'),
    'a stalled replica',
    String(SECONDS),
  ])
  return [
    {
      name: `${SECONDS} s of upserts from 16 callers`,
      ...{ unit: 'MiB more than without a replica', ours: [(stalled.most - alone.most) / 2 ** 20] },
      bars: [{ of: 'ours', atMost: QUEUED_MIB + 32 }],
      note: `at the most ${(stalled.most / 2 ** 20).toFixed(0)} and ${(alone.most / 2 ** 20).toFixed(0)} MiB; the replica lacked ${stalled.lagOperations} operations, queued ${(stalled.queuedBytes / 2 ** 20).toFixed(1)} MiB, in flight ${(stalled.inFlightBytes / 2 ** 20).toFixed(1)} MiB`,
    },
    {
      ...{ name: 'the same', unit: 'upserts/s', ours: [stalled.rate] },
      baseline: { name: 'without a replica', samples: [alone.rate] },
    },
  ]
}
