import { createHash } from 'node:crypto'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { encodeMessage } from '../../lib/log/codec.js'
import { encodeCommitFrame } from '../../lib/log/frame.js'
import { OpLog } from '../../lib/log/op-log.js'
import { replivec } from '../../lib/log/schema.js'
import { lmdbKeyValues } from '../../lib/records/lmdb-key-value.js'
import { collectionKey, STATE_KEY } from '../../lib/records/record-keys.js'
import { RecordReader } from '../../lib/records/record-reader.js'
import { sealValue } from '../../lib/records/sealed-value.js'
import { nodeClock } from '../../lib/runtime/node-clock.js'
import { nodeFiles } from '../../lib/runtime/node-files.js'
import { VectorStore } from '../../lib/store/vector-store.js'
import { filesOf } from './damage.js'
import { contentOf, expectRefusal } from './refusal.js'

const SEGMENT = join('log', '0000000000000001.log')
const CLOSE = join('log', 'clean-close.json')
const MANIFEST = join('records', 'records.manifest')
const DATA = join('records', 'data.mdb')

let directory: string
let base: string
let content: unknown

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'replivec-newer-'))
  base = join(directory, 'base')
  const store = await VectorStore.open({ path: base })
  const notes = await store.createCollection('notes', { dimensions: 3, metric: 'cosine', indexed: ['kind'] })
  await notes.upsert([
    { id: 'a', vector: [1, 2, 3], metadata: { kind: 'first' } },
    { id: 'b', vector: [3, 2, 1], metadata: { kind: 'second' } },
  ])
  content = await contentOf(store)
  await store.backup(join(directory, 'backup'))
  await store.close()
})

afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** Two lines of JSON: the body, and the CRC-32 of it. */
function withNewerFormat(body: string): { body: string; crc: string } {
  const newer = JSON.stringify({ ...JSON.parse(body), format: 2, madeUp: true })
  return { body: newer, crc: JSON.stringify({ crc: crc32(newer) }) }
}

/** The preamble that log segments and backups share, with its format raised and its checksum right. */
function raiseFormat(bytes: Buffer): void {
  bytes.writeUInt32LE(2, 4)
  const headerBytes = bytes.readUInt32LE(8)
  bytes.writeUInt32LE(crc32(bytes.subarray(16, 16 + headerBytes), crc32(bytes.subarray(0, 12))), 12)
}

const NEWER: Record<string, (store: string) => void | Promise<void>> = {
  'log segment': (store) => {
    const bytes = readFileSync(join(store, SEGMENT))
    raiseFormat(bytes)
    writeFileSync(join(store, SEGMENT), bytes)
  },
  'record of a close': (store) => {
    const [, body] = readFileSync(join(store, CLOSE), 'utf8').split('\n')
    const newer = withNewerFormat(body as string)
    writeFileSync(join(store, CLOSE), `${newer.crc}\n${newer.body}\n`)
  },
  'manifest of the record store': (store) => {
    const [body] = readFileSync(join(store, MANIFEST), 'utf8').split('\n')
    const newer = withNewerFormat(body as string)
    writeFileSync(join(store, MANIFEST), `${newer.body}\n${newer.crc}\n`)
  },
  'state of the record store': async (store) => {
    const keyValues = await lmdbKeyValues(nodeFiles, nodeClock).open(join(store, 'records'))
    const state = new RecordReader(keyValues).state()
    const payload = encodeMessage(replivec.v1.StoreState, { ...state, format: 2 })
    await keyValues.commit([{ key: STATE_KEY, value: sealValue(STATE_KEY, payload) }])
    await keyValues.close()
  },
  'LMDB file': (store) => {
    const bytes = readFileSync(join(store, DATA))
    const pageBytes = bytes.readUInt32LE(48)
    for (const page of [0, pageBytes]) bytes.writeUInt32LE(3, page + 28)
    writeFileSync(join(store, DATA), bytes)
    const body = JSON.stringify({ format: 1, size: bytes.length, checksums: [crc32(bytes)] })
    writeFileSync(join(store, MANIFEST), `${body}\n${JSON.stringify({ crc: crc32(body) })}\n`)
  },
}

/** Digests of all files but the one that only says who reads. */
function digests(store: string): string[] {
  return filesOf(store)
    .filter((file) => !file.endsWith('data.mdb-lock'))
    .map(
      (file) =>
        `${file} ${createHash('sha256')
          .update(readFileSync(join(store, file)))
          .digest('hex')}`,
    )
}

test.each(Object.keys(NEWER))('a newer %s is refused and left as it is', async (what) => {
  const path = join(directory, what)
  cpSync(base, path, { recursive: true })
  await NEWER[what]?.(path)
  const before = digests(path)
  for (let attempt = 0; attempt < 2; attempt++) {
    const { details } = await expectRefusal(
      () => VectorStore.open({ path }),
      'FORMAT_UNSUPPORTED',
      /[Uu]pgrade/,
    )
    expect(details).toMatchObject({ supported: what === 'LMDB file' ? 2 : 1 })
    expect(digests(path)).toEqual(before)
  }
})

test('what is undamaged of this format opens', async () => {
  const path = join(directory, 'same')
  cpSync(base, path, { recursive: true })
  const store = await VectorStore.open({ path })
  expect(await contentOf(store)).toEqual(content)
  await store.close()
})

test('a newer backup is refused, and restores nothing', async () => {
  const newer = join(directory, 'newer-backup')
  cpSync(join(directory, 'backup'), newer, { recursive: true })
  const file = join(newer, 'store.backup')
  const bytes = readFileSync(file)
  raiseFormat(bytes)
  createHash('sha256')
    .update(bytes.subarray(0, -32))
    .digest()
    .copy(bytes, bytes.length - 32)
  writeFileSync(file, bytes)
  const target = join(directory, 'restored')
  await expectRefusal(() => VectorStore.restore(newer, target), 'FORMAT_UNSUPPORTED', /[Uu]pgrade/)
  expect(await nodeFiles.list(directory)).not.toContain('restored')
  expect((await nodeFiles.list(directory)).filter((name) => name.includes('partial'))).toEqual([])
  await VectorStore.restore(join(directory, 'backup'), target)
  const store = await VectorStore.open({ path: target })
  expect(await contentOf(store)).toMatchObject({
    collections: (content as { collections: unknown }).collections,
  })
  await store.close()
})

test('a damaged backup is refused, and restores nothing', async () => {
  const source = join(directory, 'backup', 'store.backup')
  const sound = readFileSync(source)
  const damaged = join(directory, 'damaged-backup')
  cpSync(join(directory, 'backup'), damaged, { recursive: true })
  const file = join(damaged, 'store.backup')
  const target = join(directory, 'from-damaged')
  const refusesWith = async (bytes: Uint8Array): Promise<void> => {
    writeFileSync(file, bytes)
    await expectRefusal(
      () => VectorStore.restore(damaged, target),
      'BACKUP_INVALID',
      /Nothing was restored; use another backup/,
    )
  }
  for (let position = 0; position < sound.length; position += 1 + (sound.length >> 7)) {
    const bytes = Buffer.from(sound)
    bytes[position] = (bytes[position] as number) ^ 0x10
    await refusesWith(bytes)
    await refusesWith(sound.subarray(0, position))
  }
  await refusesWith(Buffer.concat([sound, Buffer.alloc(1)]))
  await refusesWith(Buffer.alloc(sound.length))
  rmSync(file)
  await expectRefusal(() => VectorStore.restore(damaged, target), 'BACKUP_INVALID', /no backup in/)
  const names = await nodeFiles.list(directory)
  expect(names.filter((name) => name.startsWith('from-damaged'))).toEqual([])
})

test('an operation of a kind that a newer version added is refused, not passed over', async () => {
  const path = join(directory, 'operation')
  cpSync(base, path, { recursive: true })
  rmSync(join(path, CLOSE))
  const commit = { epoch: 1, originId: 'x', firstSeq: 3, count: 1, committedAtMs: 1 }
  const unknown = { $unknowns: [Uint8Array.from([0x4a, 0x01, 0x07])] }
  const log = await OpLog.open({
    ...{ files: nodeFiles, clock: nodeClock, directory: join(path, 'log') },
    ...{ segmentBytes: 2 ** 30, durableSeq: 0 },
    create: () => {
      throw new Error('the log exists')
    },
  })
  const { seq } = log.head
  const frame = encodeCommitFrame({ ...commit, firstSeq: seq + 1, operations: [unknown] })
  await log.append([frame], { epoch: 1, seq: seq + 1 }, 'on a thread')
  await log.close()
  const { details } = await expectRefusal(
    () => VectorStore.open({ path }),
    'FORMAT_UNSUPPORTED',
    /does not know/,
  )
  expect(details).toMatchObject({ format: `operation ${seq + 1}` })
})

test('what a newer version keeps in the record store survives writes of this one', async () => {
  const path = join(directory, 'kept')
  cpSync(base, path, { recursive: true })
  const mark = Uint8Array.from([0xfa, 0x3f, 0x02, 0x68, 0x69])
  const place = join(path, 'records')
  const keyValues = await lmdbKeyValues(nodeFiles, nodeClock).open(place)
  const reader = new RecordReader(keyValues)
  const [found] = [...reader.collections()]
  const [number, stored] = found as NonNullable<typeof found>
  const fields = stored.fields.map((field) => ({ ...field, $unknowns: [mark] }))
  const state = encodeMessage(replivec.v1.StoreState, { ...reader.state(), $unknowns: [mark] })
  const collection = encodeMessage(replivec.v1.StoredCollection, { ...stored, fields, $unknowns: [mark] })
  await keyValues.commit([
    { key: STATE_KEY, value: sealValue(STATE_KEY, state) },
    { key: collectionKey(number), value: sealValue(collectionKey(number), collection) },
  ])
  await keyValues.close()
  const store = await VectorStore.open({ path })
  const notes = await store.openCollection<{ kind: string; other?: string }>('notes')
  await notes.update('a', { metadata: { kind: 'changed' } })
  await notes.configure({ indexed: ['kind', 'other'] })
  await store.close()
  const after = await lmdbKeyValues(nodeFiles, nodeClock).open(place)
  const [[, kept] = []] = [...new RecordReader(after).collections()]
  expect(new RecordReader(after).state()?.$unknowns?.map((field) => [...field])).toEqual([[...mark]])
  expect(kept?.$unknowns?.map((field) => [...field])).toEqual([[...mark]])
  const rows = kept?.fields.map(({ path, $unknowns }) => [path, $unknowns?.map((field) => [...field])])
  expect(rows).toEqual([
    ['kind', [[...mark]]],
    ['other', undefined],
  ])
  await after.close()
})
