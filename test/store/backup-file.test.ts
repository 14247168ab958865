import { describe, expect, test } from 'vitest'
import { ReplivecError } from '../../lib/errors.js'
import type { KeyValueEntry } from '../../lib/records/key-value.js'
import { BackupDecoder, BackupWriter } from '../../lib/store/backup-file.js'
import { SeededRandom } from '../../lib/testing/seeded-random.js'
import { SimulatedDisk } from '../../lib/testing/simulated-disk.js'

const HEADER = { format: 1, historyId: 'h', nodeId: 'n', epoch: 2, seq: 9, createdAtMs: 5 }

async function written(entries: readonly KeyValueEntry[], counted: number): Promise<Uint8Array> {
  const disk = new SimulatedDisk({ seed: 'backup' })
  const file = await disk.files.open('/store.backup', 'create')
  const writer = new BackupWriter(file)
  await writer.begin({ ...HEADER, entries: counted })
  // One memory for all of them, as a store hands them out.
  const memory = Buffer.alloc(4_000_000)
  for (const { key, value } of entries) {
    memory.set(key)
    memory.set(value, key.byteLength)
    const valueEnd = key.byteLength + value.byteLength
    await writer.add({
      key: memory.subarray(0, key.byteLength),
      value: memory.subarray(key.byteLength, valueEnd),
    })
  }
  await writer.finish()
  const bytes = Buffer.alloc(writer.bytes)
  expect(await file.read(bytes, 0)).toBe(bytes.byteLength)
  return bytes
}

function entriesOf(sizes: readonly number[]): KeyValueEntry[] {
  const random = new SeededRandom('entries')
  return sizes.map((size, at) => ({ key: Buffer.from(`key-${at}`), value: random.bytes(size) }))
}

/** Decodes pieces of the given lengths, over and over; each piece is overwritten once it was given. */
function decoded(bytes: Uint8Array, lengths: readonly number[]): KeyValueEntry[] {
  const decoder = new BackupDecoder('b')
  const entries: KeyValueEntry[] = []
  for (let at = 0, turn = 0; at < bytes.byteLength; turn++) {
    const piece = Uint8Array.from(bytes.subarray(at, at + (lengths[turn % lengths.length] as number)))
    at += piece.byteLength
    for (const run of decoder.push(piece)) entries.push(...run.entries)
    piece.fill(0xff)
  }
  decoder.finish()
  expect(decoder.header).toMatchObject(HEADER)
  return entries
}

function outcome(bytes: Uint8Array): string {
  try {
    decoded(bytes, [100])
    return 'taken'
  } catch (error) {
    if (ReplivecError.is(error)) return error.code
    throw error
  }
}

const plain = (entries: readonly KeyValueEntry[]) =>
  entries.map(({ key, value }) => [Buffer.from(key).toString(), Buffer.from(value).toString('base64')])

describe('a backup file', () => {
  test.each([[[1]], [[3, 1, 7]], [[16]], [[1_000_000]], [[2 ** 20 + 1, 5]], [[10_000_000]]])(
    'is read in pieces of %j bytes as it was written',
    async (lengths) => {
      const isBytewise = Math.max(...lengths) < 100
      const sizes = isBytewise ? [0, 1, 300, 2_000] : [0, 900_000, 200_000, 3_000_000, 1, 1_100_000, 70_000]
      const entries = entriesOf(sizes)
      for (const counted of [0, entries.length])
        expect(plain(decoded(await written(entries, counted), lengths))).toEqual(plain(entries))
    },
  )

  test('is put together in memory that was released', async () => {
    const entries = entriesOf(new Array(8).fill(600_000))
    const bytes = await written(entries, 0)
    const decoder = new BackupDecoder('b', true)
    const [memory, found] = [new Set<ArrayBufferLike>(), [] as [string, string][]]
    for (let at = 0; at < bytes.byteLength; at += 1_000_000) {
      for (const { entries: run, endsChunk } of decoder.push(bytes.subarray(at, at + 1_000_000))) {
        found.push(...(plain(run) as [string, string][]))
        for (const { value } of run) memory.add(value.buffer)
        if (endsChunk) decoder.release()
      }
    }
    decoder.finish()
    expect(found).toEqual(plain(entries))
    // One is being filled while another is given.
    expect(memory.size).toBeLessThanOrEqual(2)
  })

  test('gives short entries in runs, the last of a chunk as such', async () => {
    const entries = entriesOf(new Array(5_000).fill(3))
    const decoder = new BackupDecoder('b')
    const runs = [...decoder.push(await written(entries, 0))]
    decoder.finish()
    expect(plain(runs.flatMap((run) => run.entries))).toEqual(plain(entries))
    expect(runs.map((run) => [run.entries.length, run.endsChunk])).toEqual([
      [2_048, false],
      [2_048, false],
      [904, true],
    ])
  })

  test('without an entry is whole', async () => {
    expect(decoded(await written([], 0), [5])).toEqual([])
  })

  test('that is cut short anywhere, goes on, or lacks entries is refused', async () => {
    const bytes = await written(entriesOf([40, 0, 100]), 3)
    for (let length = 0; length < bytes.byteLength; length++)
      expect(outcome(bytes.subarray(0, length)), `${length} bytes`).toBe('BACKUP_INVALID')
    expect(outcome(Buffer.concat([bytes, Buffer.alloc(1)]))).toBe('BACKUP_INVALID')
    expect(outcome(await written(entriesOf([40]), 2))).toBe('BACKUP_INVALID')
    expect(outcome(bytes)).toBe('taken')
  })

  test('with any bit changed is refused', async () => {
    const bytes = await written(entriesOf([40, 0, 100]), 0)
    for (let bit = 0; bit < bytes.byteLength * 8; bit++) {
      const changed = Buffer.from(bytes)
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7))
      expect(['BACKUP_INVALID', 'FORMAT_UNSUPPORTED'], `bit ${bit}`).toContain(outcome(changed))
    }
  })
})
