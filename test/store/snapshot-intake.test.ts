import { expect, test } from 'vitest'
import { ReplivecError } from '../../lib/errors.js'
import type { KeyValue, KeyValueEntry, KeyValueWrite } from '../../lib/records/key-value.js'
import { memoryKeyValues } from '../../lib/records/memory-key-value.js'
import { memoryFiles } from '../../lib/runtime/memory-files.js'
import { BackupWriter } from '../../lib/store/backup-file.js'
import { type Environment, memoryEnvironment } from '../../lib/store/environment.js'
import { SnapshotIntake } from '../../lib/store/snapshot-intake.js'
import { SeededRandom } from '../../lib/testing/seeded-random.js'
import { SAMPLES } from '../replication/protocol/scenario-nodes.js'

const START = { ...SAMPLES['snapshot-start'], snapshotId: 's', position: { epoch: 1, seq: 9 } }
const WELCOME = {
  ...SAMPLES.welcome,
  historyId: 'h',
  epochs: [{ epoch: 1, nodeId: 'm', firstSeq: 1 }],
  snapshotReason: 'fresh',
}

/** A record store that takes a turn before it looks at what it was given, as one whose disk works on a thread does. */
class LateRecords {
  readonly inner: KeyValue
  failure: Error | undefined
  underWay = 0
  mostUnderWay = 0

  constructor(inner: KeyValue) {
    this.inner = inner
  }

  get store(): KeyValue {
    return Object.assign(Object.create(this.inner) as KeyValue, {
      keepsWrites: false,
      commit: (writes: readonly KeyValueWrite[]) => this.#commit(writes),
      flushed: () => this.inner.flushed(),
      close: () => this.inner.close(),
    })
  }

  async #commit(writes: readonly KeyValueWrite[]): Promise<void> {
    this.underWay += 1
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay)
    await new Promise((resolve) => setImmediate(resolve))
    this.underWay -= 1
    if (this.failure) throw this.failure
    await this.inner.commit(
      writes.map(({ key, value }) => ({ key: Uint8Array.from(key), value: value && Uint8Array.from(value) })),
    )
  }
}

async function begun(): Promise<{ intake: SnapshotIntake; records: LateRecords }> {
  const records = new LateRecords(await memoryKeyValues().open('records'))
  const environment: Environment = {
    ...memoryEnvironment(),
    files: memoryFiles(),
    keyValues: { open: async () => records.store, discard: async () => {} },
  }
  return { intake: await SnapshotIntake.begin(environment, '/beside', START, WELCOME), records }
}

/** A snapshot of long and of short entries, in several chunks. */
async function snapshotOf(entries: readonly KeyValueEntry[]): Promise<Buffer> {
  const file = await memoryFiles().open('/s', 'create')
  const writer = new BackupWriter(file)
  const header = { format: 1, historyId: 'h', nodeId: 'm', epoch: 1, seq: 9, createdAtMs: 1, entries: 0 }
  await writer.begin(header)
  for (const entry of entries) await writer.add(entry)
  await writer.finish()
  const bytes = Buffer.alloc(writer.bytes)
  await file.read(bytes, 0)
  return bytes
}

function entriesOf(random: SeededRandom): KeyValueEntry[] {
  const sizes = [...new Array(60).fill(70_000), ...new Array(9_000).fill(6), ...new Array(5).fill(900_000)]
  return sizes.map((size, at) => ({
    key: Buffer.from(`\u0005${String(at).padStart(6, '0')}`),
    value: random.bytes(size),
  }))
}

test.each([1, 2, 3])(
  'all that came is there, whatever the pieces and the resumes (seed %i)',
  async (seed) => {
    const random = new SeededRandom(seed)
    const entries = entriesOf(random)
    const bytes = await snapshotOf(entries)
    const { intake, records } = await begun()
    for (let at = 0; at < bytes.byteLength; ) {
      if (random.int(8) === 0) {
        // The link broke: the next one may bring again what is here.
        at = Math.max(0, at - random.int(500_000))
        intake.resume(at)
      }
      const piece = Uint8Array.from(bytes.subarray(at, at + 1 + random.int(1_200_000)))
      at += piece.byteLength
      expect(await intake.store(piece)).toBe(at)
      piece.fill(0xff)
    }
    await intake.finish('r')
    const found = [...records.inner.range({ start: Buffer.from('\u0005'), end: Buffer.from('\u0006') })]
    expect(found).toHaveLength(entries.length)
    for (const [at, { key, value }] of found.entries()) {
      const { key: wantedKey, value: wanted } = entries[at] as KeyValueEntry
      if (Buffer.compare(key, wantedKey) !== 0 || Buffer.compare(value, wanted) !== 0)
        throw new Error(`entry ${at} is not what it was`)
    }
    expect(records.mostUnderWay).toBe(1)
  },
)

test('a disk that fails is told at every later call, as what it is', async () => {
  const bytes = await snapshotOf(entriesOf(new SeededRandom('failing')))
  const { intake, records } = await begun()
  records.failure = new ReplivecError('STORAGE_FAILED', 'The disk is full.')
  await intake.store(bytes.subarray(0, 1_500_000))
  const failed = expect.objectContaining({ code: 'STORAGE_FAILED' })
  await expect(intake.store(bytes.subarray(1_500_000, 3_500_000))).rejects.toEqual(failed)
  // Another link brings it again, after the disk has got better: what is lost stays lost.
  records.failure = undefined
  intake.resume(1_500_000)
  await expect(intake.store(bytes.subarray(1_500_000, 3_500_000))).rejects.toEqual(failed)
  await intake.abandon()
})
