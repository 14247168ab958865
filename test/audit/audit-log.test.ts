import { createHash, createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { AuditDigest } from '../../lib/audit/audit-digest.js'
import { sealEntry } from '../../lib/audit/audit-entry.js'
import { auditFilePath, listAuditFiles } from '../../lib/audit/audit-files.js'
import { verifyAuditLog } from '../../lib/audit/audit-verification.js'
import { readCheckedJson, writeCheckedJson } from '../../lib/runtime/checked-json.js'
import { memoryFiles } from '../../lib/runtime/memory-files.js'
import { SimulatedDisk } from '../../lib/testing/simulated-disk.js'
import {
  connected,
  DIRECTORY,
  entriesOf,
  KEY,
  linesOf,
  openAudit,
  replaceFile,
  writeAudit,
} from './sample-audit.js'

const peers = (count: number, prefix = 'peer'): string[] =>
  Array.from({ length: count }, (_, at) => `${prefix} ${at}`)

describe('a log', () => {
  test('says what happened, in order, and goes on where it ended', async () => {
    const files = memoryFiles()
    const { log, clock, warnings } = await openAudit(files)
    expect(log.isNew).toBe(true)
    log.add(connected('b'))
    await clock.advance(5)
    log.add({ kind: 'disconnected', peerId: 'b', code: null, message: 'ä"\n\ud800' })
    expect(log.stats()).toMatchObject({ lost: 0 })
    await log.close({ kind: 'closed' })
    const again = await openAudit(files)
    expect(again.log.isNew).toBe(false)
    again.log.add(connected('c'))
    await again.log.flush()
    const entries = await entriesOf(files)
    const atMs = Date.UTC(2024, 0, 1)
    expect(entries).toMatchObject([
      { seq: 1, atMs, kind: 'connected', peerId: 'b', snapshotReason: null, nodeId: 'a', historyId: 'h' },
      { seq: 2, atMs: atMs + 5, kind: 'disconnected', peerId: 'b', code: null, message: 'ä"\n\ud800' },
      { seq: 3, kind: 'closed' },
      { seq: 4, kind: 'connected', peerId: 'c' },
    ])
    expect(entries.slice(1).map(({ previous }) => previous)).toEqual(
      entries.slice(0, -1).map(({ hash }) => hash),
    )
    const headHash = entries.at(-1)?.hash
    expect(again.log.stats()).toEqual({ entries: 4, headHash, queued: 0, lost: 0 })
    expect(await again.log.verify({})).toEqual({
      ...{ ok: true, entries: 4, files: 1, head: { seq: 4, hash: headHash } },
      ...{ lost: 0, unsettledBytes: 0, damage: [] },
    })
    expect(warnings).toEqual([])
  })

  test.each([undefined, KEY])('can be checked by a few lines of somebody else (key %s)', async (key) => {
    const files = memoryFiles()
    await writeAudit(files, peers(20), key === undefined ? {} : { key })
    const hashOf = (text: string): string =>
      (key === undefined ? createHash('sha256') : createHmac('sha256', key)).update(text).digest('hex')
    let previous = hashOf('replivec audit 1\na\nh\n')
    let seq = 0
    for (const line of await linesOf(files)) {
      const [, body, hash] = /^(.*),"hash":"([0-9a-f]{64})"\}\n$/.exec(line) ?? []
      expect(hash).toBe(hashOf(body as string))
      expect(JSON.parse(line)).toMatchObject({ seq: ++seq, previous })
      previous = hash as string
    }
    expect(seq).toBe(21)
  })

  test('goes on in another file where one is full, and keeps the chain', async () => {
    const files = memoryFiles()
    await writeAudit(files, peers(50), { maxFileBytes: 1_500 })
    const numbers = await listAuditFiles(files, DIRECTORY)
    expect(numbers.length).toBeGreaterThan(5)
    expect(numbers).toEqual(numbers.map((_, at) => at + 1))
    for (const number of numbers) {
      const size = (await files.stat(auditFilePath(DIRECTORY, number)))?.size
      expect(size).toBeLessThanOrEqual(1_500)
      expect(size).toBeGreaterThan(0)
    }
    expect((await entriesOf(files)).map(({ seq }) => seq)).toEqual(peers(51).map((_, at) => at + 1))
  })

  test('shortens what a peer says at length', async () => {
    const files = memoryFiles()
    await writeAudit(files, ['x'.repeat(1_000_000)])
    const [entry] = await entriesOf(files)
    expect(entry?.peerId).toBe(`${'x'.repeat(1_024)}…`)
  })

  test('is not that of another node', async () => {
    const files = memoryFiles()
    await writeAudit(files, ['b'])
    expect((await verifyAuditLog(files, DIRECTORY, { nodeId: 'a' })).ok).toBe(true)
    expect((await verifyAuditLog(files, DIRECTORY, { nodeId: 'z' })).damage).toMatchObject([
      { file: 'head.json', problem: 'misplaced' },
      { file: '000001.jsonl', line: 1, seq: 1, problem: 'misplaced' },
    ])
    const { log, warnings } = await openAudit(files, { nodeId: 'z' })
    await log.close({ kind: 'closed' })
    expect(warnings).toMatchObject([{ code: 'AUDIT_DAMAGED' }])
    expect((await entriesOf(files)).map(({ kind }) => kind)).toEqual([
      ...['connected', 'closed', 'damage-found', 'closed'],
    ])
  })
})

describe('a key', () => {
  test('is needed to write what is taken for an entry', async () => {
    const files = memoryFiles()
    await writeAudit(files, ['b', 'c', 'd'], { key: KEY, maxFileBytes: 10_000 })
    const [first, ...rest] = await entriesOf(files)
    // Somebody without the key makes the whole chain anew, over another second entry.
    const digest = new AuditDigest('another key, of somebody else')
    const forged: string[] = [(await linesOf(files))[0] as string]
    let last = { seq: 1, hash: first?.hash as string }
    for (const { seq: _, atMs, previous: __, hash: ___, ...note } of rest) {
      const { line, link } = sealEntry(digest, { ...note, peerId: 'nobody' }, last, atMs)
      forged.push(new TextDecoder().decode(line))
      last = link
    }
    await replaceFile(files, `${DIRECTORY}/000001.jsonl`, forged.join(''))
    const { damage } = await verifyAuditLog(files, DIRECTORY, { key: KEY })
    expect(damage.map(({ line, problem }) => [line, problem])).toEqual([
      ...[2, 3, 4].map((line) => [line, 'altered']),
      [null, 'missing'],
    ])
  })

  test('is needed to write a head too', async () => {
    const files = memoryFiles()
    await writeAudit(files, ['b', 'c', 'd'], { key: KEY, maxFileBytes: 10_000 })
    const [first, second] = await linesOf(files)
    const kept = `${first}${second}`
    await replaceFile(files, `${DIRECTORY}/000001.jsonl`, kept)
    const path = `${DIRECTORY}/head.json`
    const head = await readCheckedJson(files, path, 'first')
    const { hash } = JSON.parse(second as string)
    await writeCheckedJson(files, path, { ...head, seq: 2, hash, bytes: Buffer.byteLength(kept) }, 'first')
    expect((await verifyAuditLog(files, DIRECTORY, { key: KEY })).damage).toMatchObject([
      { file: 'head.json', problem: 'altered' },
    ])
    const { log, warnings } = await openAudit(files, { key: KEY })
    expect(warnings).toMatchObject([{ code: 'AUDIT_DAMAGED' }])
    await log.close({ kind: 'closed' })
  })

  test('that is wrong or was not given is told apart from damage', async () => {
    const files = memoryFiles()
    await writeAudit(files, ['b', 'c'], { key: KEY })
    for (const key of [undefined, 'another key, of somebody else']) {
      const report = await verifyAuditLog(files, DIRECTORY, { key })
      expect(report).toMatchObject({ ok: false, entries: 3, damage: [{ file: 'head.json', problem: 'key' }] })
      expect(report.damage).toHaveLength(1)
    }
    await writeAudit(files, ['d'], { key: 'another key, of somebody else' })
    expect((await entriesOf(files))[3]).toMatchObject({ seq: 4, kind: 'damage-found', problem: 'key' })
  })

  test('keeps nobody from putting back an earlier state; a head kept elsewhere does', async () => {
    const files = memoryFiles()
    await writeAudit(files, ['b'], { key: KEY })
    const names = await files.list(DIRECTORY)
    const earlier = await Promise.all(names.map((name) => files.readFile(`${DIRECTORY}/${name}`)))
    await writeAudit(files, ['c'], { key: KEY })
    const { head } = await verifyAuditLog(files, DIRECTORY, { key: KEY })
    for (const name of await files.list(DIRECTORY)) await files.remove(`${DIRECTORY}/${name}`)
    for (const [at, name] of names.entries())
      await replaceFile(files, `${DIRECTORY}/${name}`, earlier[at] as Uint8Array)
    expect(await verifyAuditLog(files, DIRECTORY, { key: KEY })).toMatchObject({ ok: true, entries: 2 })
    const expected = head ?? undefined
    expect((await verifyAuditLog(files, DIRECTORY, { key: KEY, expected })).damage).toMatchObject([
      { seq: 4, problem: 'missing', message: 'The entry that was expected, 4, is not there.' },
    ])
  })
})

describe('damage that an open finds', () => {
  test('is left as it is, told, and written down in a new file', async () => {
    const files = memoryFiles()
    await writeAudit(files, ['b', 'c', 'd'], { maxFileBytes: 10_000 })
    const path = `${DIRECTORY}/000001.jsonl`
    const spoiled = (await linesOf(files)).join('').replace('"c"', '"x"')
    await replaceFile(files, path, spoiled)
    const { log, warnings } = await openAudit(files, { maxFileBytes: 10_000 })
    log.add(connected('e'))
    await log.flush()
    expect(warnings).toMatchObject([{ code: 'AUDIT_DAMAGED', details: { path: DIRECTORY } }])
    expect(new TextDecoder().decode(await files.readFile(path))).toBe(spoiled)
    const entries = await entriesOf(files)
    expect(entries.slice(4)).toMatchObject([
      {
        seq: 5,
        kind: 'damage-found',
        file: '000001.jsonl',
        line: 2,
        problem: 'altered',
        previous: entries[3]?.hash,
      },
      { seq: 6, kind: 'connected', peerId: 'e' },
    ])
    const found = [
      { file: '000001.jsonl', line: 2, seq: null, problem: 'altered' },
      { file: '000002.jsonl', line: 1, seq: 5, problem: 'found-before' },
    ]
    expect((await log.verify({})).damage).toMatchObject(found)
    await log.close({ kind: 'closed' })
    // It is told once; the log is sound from there on.
    const again = await openAudit(files)
    expect(again.warnings).toEqual([])
    expect((await again.log.verify({})).damage).toMatchObject(found)
  })

  test.each([
    [
      'the end cut off',
      async (files: ReturnType<typeof memoryFiles>) => {
        const bytes = await files.readFile(`${DIRECTORY}/000001.jsonl`)
        await replaceFile(files, `${DIRECTORY}/000001.jsonl`, bytes.subarray(0, bytes.byteLength - 1))
      },
    ],
    ['no file', (files: ReturnType<typeof memoryFiles>) => files.remove(`${DIRECTORY}/000001.jsonl`)],
    ['no head', (files: ReturnType<typeof memoryFiles>) => files.remove(`${DIRECTORY}/head.json`)],
    [
      'half a head',
      (files: ReturnType<typeof memoryFiles>) => replaceFile(files, `${DIRECTORY}/head.json`, '{"crc":1}\n{'),
    ],
  ])('%s', async (_, spoil) => {
    const files = memoryFiles()
    await writeAudit(files, ['b', 'c'], { maxFileBytes: 10_000 })
    const { hash } = (await entriesOf(files)).at(-1) as { hash: string }
    await spoil(files)
    const { log, warnings } = await openAudit(files, { maxFileBytes: 10_000 })
    await log.close({ kind: 'closed' })
    expect(warnings.map(({ code }) => code)).toEqual(['AUDIT_DAMAGED'])
    const text = new TextDecoder().decode(await files.readFile(`${DIRECTORY}/000002.jsonl`))
    const entries = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(entries).toMatchObject([
      { seq: 4, kind: 'damage-found', previous: hash },
      { seq: 5, kind: 'closed' },
    ])
    const { ok, damage } = await verifyAuditLog(files, DIRECTORY, {})
    expect(ok).toBe(false)
    expect(damage).toContainEqual(expect.objectContaining({ file: '000002.jsonl', problem: 'found-before' }))
  })

  test('of a format of a later version is refused, and nothing is changed', async () => {
    const files = memoryFiles()
    await writeAudit(files, ['b'])
    const path = `${DIRECTORY}/head.json`
    await writeCheckedJson(files, path, { format: 2 }, 'first')
    const refused = { code: 'FORMAT_UNSUPPORTED', details: { path, format: 2, supported: 1 } }
    await expect(openAudit(files)).rejects.toMatchObject(refused)
    await expect(verifyAuditLog(files, DIRECTORY, {})).rejects.toMatchObject(refused)
    expect(await files.list(DIRECTORY)).toEqual(['000001.jsonl', 'head.json'])
  })
})

describe('an end that a crash left', () => {
  test('is no damage behind the head, and is cut at the next open, which says so', async () => {
    const files = memoryFiles()
    await writeAudit(files, ['b'], { maxFileBytes: 10_000 })
    const path = `${DIRECTORY}/000001.jsonl`
    const whole = (await linesOf(files)).join('')
    await replaceFile(files, path, `${whole}{"seq":3,"atM`)
    const torn = { ok: true, entries: 2, unsettledBytes: 13, damage: [] }
    expect(await verifyAuditLog(files, DIRECTORY, {})).toMatchObject(torn)
    const { log, warnings } = await openAudit(files, { maxFileBytes: 10_000 })
    log.add(connected('c'))
    expect(await log.verify({})).toMatchObject({ ok: true, entries: 4, unsettledBytes: 0 })
    expect((await entriesOf(files)).slice(2)).toMatchObject([
      { seq: 3, kind: 'recovered', bytes: 13 },
      { seq: 4, kind: 'connected', peerId: 'c' },
    ])
    expect(warnings).toEqual([])
  })

  test.each([
    ['at once', ''],
    ['behind what looks torn', '{"seq":3,"atM\n'],
    ['behind zeros', `${'\0'.repeat(5_000)}\n`],
  ])('is damage where somebody made an entry up, %s', async (_, before) => {
    const files = memoryFiles()
    await writeAudit(files, ['b'], { maxFileBytes: 10_000 })
    const path = `${DIRECTORY}/000001.jsonl`
    const whole = (await linesOf(files)).join('')
    const last = (await entriesOf(files)).at(-1)
    const made = { ...last, seq: 3, previous: last?.hash, hash: 'ab'.repeat(32) }
    await replaceFile(files, path, `${whole}${before}${JSON.stringify(made)}\n`)
    const report = await verifyAuditLog(files, DIRECTORY, {})
    expect(report).toMatchObject({
      ok: false,
      entries: 2,
      unsettledBytes: before === '' ? 0 : expect.any(Number),
    })
    expect(report.damage).toMatchObject([{ problem: 'altered', line: before === '' ? 3 : 4 }])
    const { log, warnings } = await openAudit(files, { maxFileBytes: 10_000 })
    expect(warnings).toMatchObject([{ code: 'AUDIT_DAMAGED' }])
    await log.flush()
    // It stays where it is: evidence is never cut.
    expect((await linesOf(files)).join('')).toContain(JSON.stringify(made))
  })

  test('takes entries with it that were written behind what is torn', async () => {
    const files = memoryFiles()
    const { log } = await openAudit(files, { maxFileBytes: 10_000 })
    log.add(connected('b'))
    await log.flush()
    const head = await files.readFile(`${DIRECTORY}/head.json`)
    for (const peerId of ['c', 'd']) log.add(connected(peerId))
    await log.close({ kind: 'closed' })
    await replaceFile(files, `${DIRECTORY}/head.json`, head)
    const [first, second, ...rest] = await linesOf(files)
    const torn = `${'\0'.repeat(second?.length ?? 0)}\n`
    await replaceFile(files, `${DIRECTORY}/000001.jsonl`, [first, torn, ...rest].join(''))
    const unsettledBytes = [torn, ...rest].join('').length
    expect(await verifyAuditLog(files, DIRECTORY, {})).toMatchObject({ ok: true, entries: 1, unsettledBytes })
    const again = await openAudit(files, { maxFileBytes: 10_000 })
    await again.log.flush()
    expect(again.warnings).toEqual([])
    expect((await entriesOf(files)).map(({ kind }) => kind)).toEqual(['connected', 'recovered'])
  })

  test('is damage where it is an entry that belongs elsewhere', async () => {
    const files = memoryFiles()
    await writeAudit(files, ['b'], { maxFileBytes: 10_000 })
    const lines = await linesOf(files)
    await replaceFile(files, `${DIRECTORY}/000001.jsonl`, [...lines, lines[1]].join(''))
    const { log, warnings } = await openAudit(files, { maxFileBytes: 10_000 })
    expect(warnings).toMatchObject([{ code: 'AUDIT_DAMAGED' }])
    await log.flush()
    expect((await linesOf(files)).slice(0, 3)).toEqual([...lines, lines[1]])
  })
})

test('what is put back or removed while the log is open is found by whoever has it open', async () => {
  const files = memoryFiles()
  const { log } = await openAudit(files)
  log.add(connected('b'))
  await log.flush()
  const names = ['000001.jsonl', 'head.json'].map((name) => `${DIRECTORY}/${name}`)
  const earlier = await Promise.all(names.map((name) => files.readFile(name)))
  log.add(connected('c'))
  await log.flush()
  for (const [at, name] of names.entries()) await replaceFile(files, name, earlier[at] as Uint8Array)
  expect(await verifyAuditLog(files, DIRECTORY, {})).toMatchObject({ ok: true, entries: 1 })
  expect((await log.verify({})).damage).toMatchObject([
    { seq: 2, problem: 'missing', message: 'The last entry that this store wrote, 2, is not there.' },
  ])
  await files.removeTree(DIRECTORY)
  expect((await log.verify({})).damage).toMatchObject([{ file: 'head.json' }, { seq: 2, problem: 'missing' }])
})

describe('a disk that refuses', () => {
  test('is told of once, tried again every second, and loses nothing that has room', async () => {
    const disk = new SimulatedDisk({ seed: 'audit' })
    const { log, warnings, clock } = await openAudit(disk.files)
    log.add(connected('b'))
    await log.flush()
    disk.failProbability = { sync: 1 }
    log.add(connected('c'))
    await log.flush()
    log.add(connected('d'))
    await log.flush()
    expect(warnings).toMatchObject([{ code: 'STORAGE_FAILED', details: { path: DIRECTORY, reason: 'EIO' } }])
    expect(log.stats()).toMatchObject({ entries: 1, queued: 2, lost: 0 })
    disk.failProbability = 0
    await clock.advance(1_000)
    await expect.poll(() => log.stats().entries).toBe(3)
    expect((await entriesOf(disk.files)).map(({ peerId }) => peerId)).toEqual(['b', 'c', 'd'])
    expect(await log.verify({})).toMatchObject({ ok: true, entries: 3 })
    // Another streak is told of again.
    disk.failProbability = { write: 1 }
    log.add(connected('e'))
    await log.flush()
    expect(warnings).toHaveLength(2)
    await log.close({ kind: 'closed' })
    expect(warnings.slice(2)).toMatchObject([{ code: 'STORAGE_FAILED', details: { entries: 2 } }])
  })

  test('keeps no store from opening, and what happened meanwhile is written when it works again', async () => {
    const disk = new SimulatedDisk({ seed: 'audit' })
    disk.failProbability = { makeDirectory: 1 }
    const { log, warnings, clock } = await openAudit(disk.files)
    log.add(connected('b'))
    await log.flush()
    expect(warnings).toMatchObject([{ code: 'STORAGE_FAILED' }])
    expect(log.stats()).toEqual({ entries: 0, headHash: null, queued: 1, lost: 0 })
    disk.failProbability = 0
    await clock.advance(1_000)
    await log.close({ kind: 'closed' })
    expect(await verifyAuditLog(disk.files, DIRECTORY, {})).toMatchObject({ ok: true, entries: 2 })
  })

  test('that is full: the oldest go, and an entry says how many', async () => {
    const disk = new SimulatedDisk({ seed: 'audit' })
    const queuedBytesMax = 20_000
    const { log, warnings } = await openAudit(disk.files, { maxFileBytes: 100_000, queuedBytesMax })
    log.add(connected('first'))
    await log.flush()
    disk.capacityBytes = disk.usedBytes
    for (const peerId of peers(5_000)) {
      log.add(connected(peerId))
      if (peerId.endsWith('00')) await log.flush()
    }
    expect(log.stats().queued).toBeLessThan(100)
    expect(warnings.map(({ code }) => code)).toEqual(['STORAGE_FAILED'])
    disk.capacityBytes = Number.POSITIVE_INFINITY
    await log.close({ kind: 'closed' })
    const { lost } = log.stats()
    expect(lost).toBeGreaterThan(4_900)
    const entries = await entriesOf(disk.files)
    const said = entries
      .filter(({ kind }) => kind === 'lost')
      .reduce((sum, { count }) => sum + Number(count), 0)
    expect(said).toBe(lost)
    expect(entries.length - 1 - entries.filter(({ kind }) => kind === 'lost').length + lost).toBe(5_001)
    expect(entries.at(-2)).toMatchObject({ peerId: 'peer 4999' })
    expect(await verifyAuditLog(disk.files, DIRECTORY, {})).toMatchObject({ ok: true, lost, damage: [] })
  })
})
