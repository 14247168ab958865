import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkDataFile } from '../../lib/records/lmdb-file.js'
import { lmdbKeyValues } from '../../lib/records/lmdb-key-value.js'
import { nodeClock } from '../../lib/runtime/node-clock.js'
import { nodeFiles } from '../../lib/runtime/node-files.js'
import { SeededRandom } from '../../lib/testing/seeded-random.js'

const root = fs.mkdtempSync(join(tmpdir(), 'replivec-lmdb-file-'))
afterAll(() => fs.rmSync(root, { recursive: true, force: true }))
const child = fileURLToPath(new URL('lmdb-damage-child.mjs', import.meta.url))
/** Printed with every outcome that was not expected: the same seed makes the same file and the same damage. */
const seed = 'damage'

interface Case {
  name: string
  size?: number
  edits: [number, number][]
}

/** A directory with the data file of a store that was closed in order, and one with a copy from before the close. */
let closed: string
let crashed: string
let content: Buffer
/** How many entries were written, and the digest of them all. */
let written: string

beforeAll(async () => {
  closed = join(root, 'closed')
  crashed = join(root, 'crashed')
  const random = new SeededRandom(seed)
  const store = await lmdbKeyValues(nodeFiles, nodeClock).open(closed)
  for (let commit = 0; commit < 30; commit++) {
    await store.commit(
      Array.from({ length: 60 }, () => ({
        key: Buffer.from(`key-${'x'.repeat(random.int(60))}${random.int(900)}`),
        value: random.chance(0.4) ? undefined : random.bytes(random.pick([0, 20, 300, 1_200, 5_000])),
      })),
    )
  }
  const hash = createHash('sha256')
  let count = 0
  for (const { key, value } of store.range({ start: Uint8Array.of(0), end: Uint8Array.of(255) })) {
    hash.update(key).update(value)
    count++
  }
  written = `${count} ${hash.digest('hex')}`
  fs.mkdirSync(crashed)
  fs.copyFileSync(join(closed, 'data.mdb'), join(crashed, 'data.mdb'))
  await store.close()
  content = fs.readFileSync(join(closed, 'data.mdb'))
})

/** Runs the cases in a process that must not crash. */
function outcomes(directory: string, cases: Case[]): Map<string, string> {
  const plan = join(directory, 'plan.json')
  fs.writeFileSync(plan, JSON.stringify({ directory, cases }))
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [child, plan], { encoding: 'utf8' })
  const found = new Map<string, string>()
  for (const line of stdout.split('\n').filter((text) => text !== '')) {
    const { name, outcome } = JSON.parse(line)
    found.set(name, outcome)
  }
  const next = cases[found.size]
  expect({ status, signal, next, stderr: status === 0 ? '' : stderr, seed }).toEqual({
    status: 0,
    signal: null,
    next: undefined,
    stderr: '',
    seed,
  })
  return found
}

/** Pages of the file by kind; where a page says another number than its own, it holds a part of a value. */
function pagesByKind(): Record<'meta' | 'branch' | 'leaf' | 'overflow', number[]> {
  const kinds = { meta: [0, 1], branch: [] as number[], leaf: [] as number[], overflow: [] as number[] }
  for (let page = 2; page < content.length / 4_096; page++) {
    if (Number(content.readBigUInt64LE(page * 4_096)) !== page) continue
    const flags = content.readUInt16LE(page * 4_096 + 18)
    if (flags === 1) kinds.branch.push(page)
    if (flags === 2) kinds.leaf.push(page)
    if (flags === 4) kinds.overflow.push(page)
  }
  return kinds
}

describe('the data file', () => {
  test('is accepted untouched, after a close in order and after a crash', async () => {
    const intact = [{ name: 'intact', edits: [] }]
    expect(outcomes(closed, intact).get('intact')).toBe(written)
    expect(outcomes(crashed, intact).get('intact')).toBe(written)
    expect(await checkDataFile(nodeFiles, crashed)).toBe(true)
  })

  test('after a close in order, any change at all is found', () => {
    const random = new SeededRandom(`${seed}/closed`)
    const cases: Case[] = [
      { name: 'empty', size: 0, edits: [] },
      { name: 'one byte less', size: content.length - 1, edits: [] },
      { name: 'one byte more', size: content.length + 1, edits: [] },
      { name: 'last bit', edits: [[content.length - 1, (content.at(-1) ?? 0) ^ 1]] },
      { name: 'foreign', size: 11, edits: [...Buffer.from('#!/bin/sh\n')].map((byte, at) => [at, byte]) },
      { name: 'a page more', size: content.length + 4_096, edits: [] },
    ]
    for (let index = 0; index < 150; index++) {
      const position = random.int(content.length)
      cases.push({
        name: `flip ${position}`,
        edits: [[position, content.readUInt8(position) ^ (1 << random.int(8))]],
      })
      if (index % 5 === 0) cases.push({ name: `cut ${position}`, size: position, edits: [] })
      if (index % 5 === 1) cases.push({ name: `zeroed ${position}`, edits: zeroes(position) })
    }
    const found = outcomes(closed, cases)
    const missed = cases.filter(({ name }) => found.get(name) !== 'RECORDS_DAMAGED')
    expect(missed).toEqual([])
    expect(found.size).toBeGreaterThan(200)
  })

  test('after a crash, no damage to what LMDB follows ends the process', () => {
    const random = new SeededRandom(`${seed}/crashed`)
    const kinds = pagesByKind()
    for (const pages of Object.values(kinds)) expect(pages.length).toBeGreaterThan(1)
    const cases: Case[] = []
    for (let index = 0; index < 200; index++) {
      const kind = random.pick(['meta', 'branch', 'leaf', 'overflow'] as const)
      const page = random.pick(kinds[kind])
      const within = kind === 'meta' ? random.int(168) : random.int(random.chance(0.7) ? 60 : 4_096)
      const position = page * 4_096 + within
      const byte = random.chance(0.5) ? content.readUInt8(position) ^ (1 << random.int(8)) : random.int(256)
      cases.push({ name: `${index}: ${kind} page ${page} + ${within}`, edits: [[position, byte]] })
    }
    for (let index = 0; index < 20; index++) {
      const page = 2 + random.int(content.length / 4_096 - 2)
      cases.push({ name: `${index}: zeroed ${page}`, edits: zeroes(page * 4_096) })
      cases.push({ name: `${index}: cut ${page}`, size: page * 4_096 - random.int(4_096), edits: [] })
    }
    const found = outcomes(crashed, cases)
    const strange = [...found].filter(
      ([, outcome]) => !/^(\d+ [0-9a-f]{64}|RECORDS_DAMAGED|FORMAT_UNSUPPORTED)$/.test(outcome),
    )
    expect(strange).toEqual([])
    expect([...found.values()].filter((outcome) => outcome === 'RECORDS_DAMAGED').length).toBeGreaterThan(30)
  })

  test.each([
    ['an empty file', Buffer.alloc(0), /no meta pages/],
    ['a text', Buffer.from('hello '.repeat(2_000)), /does not begin like an LMDB file/],
    ['zeroes', Buffer.alloc(20_000), /does not begin like an LMDB file/],
  ])('%s that was never closed is damage', async (name, bytes, reason) => {
    const directory = join(root, name)
    fs.mkdirSync(directory)
    fs.writeFileSync(join(directory, 'data.mdb'), bytes)
    await expect(checkDataFile(nodeFiles, directory)).rejects.toMatchObject({
      code: 'RECORDS_DAMAGED',
      message: expect.stringMatching(reason),
      details: { file: `${directory}/data.mdb`, reason: expect.stringMatching(reason) },
    })
  })

  test('that is missing beside its manifest is damage, and without one is a new store', async () => {
    const directory = join(root, 'missing')
    fs.mkdirSync(directory)
    fs.copyFileSync(join(closed, 'records.manifest'), join(directory, 'records.manifest'))
    await expect(checkDataFile(nodeFiles, directory)).rejects.toMatchObject({
      code: 'RECORDS_DAMAGED',
      details: { reason: 'it is missing' },
    })
    fs.rmSync(join(directory, 'records.manifest'))
    expect(await checkDataFile(nodeFiles, directory)).toBe(false)
  })

  test('is refused, not called damaged, when a newer LMDB wrote it', async () => {
    const directory = join(root, 'newer')
    fs.mkdirSync(directory)
    const newer = Buffer.from(content)
    newer.writeUInt32LE(3, 28)
    newer.writeUInt32LE(3, 4_096 + 28)
    fs.writeFileSync(join(directory, 'data.mdb'), newer)
    await expect(checkDataFile(nodeFiles, directory)).rejects.toMatchObject({
      code: 'FORMAT_UNSUPPORTED',
      details: { version: 3, supported: 2 },
    })
  })

  test('is not changed by opening and closing', async () => {
    const directory = join(root, 'untouched')
    fs.mkdirSync(directory)
    for (const file of ['data.mdb', 'records.manifest']) {
      fs.copyFileSync(join(closed, file), join(directory, file))
    }
    const store = await lmdbKeyValues(nodeFiles, nodeClock).open(directory)
    expect(fs.existsSync(join(directory, 'records.manifest'))).toBe(false)
    await store.close()
    expect(Buffer.compare(fs.readFileSync(join(directory, 'data.mdb')), content)).toBe(0)
    expect(fs.readFileSync(join(directory, 'records.manifest'))).toEqual(
      fs.readFileSync(join(closed, 'records.manifest')),
    )
  })
})

/** Makes a page's worth of bytes zero, except one that becomes 1, so that something always changes. */
function zeroes(position: number): [number, number][] {
  const end = Math.min(position + 4_096, content.length)
  const edits: [number, number][] = []
  for (let at = position; at < end; at++) edits.push([at, 0])
  edits.push([position, content[position] === 0 ? 1 : 0])
  return edits
}
