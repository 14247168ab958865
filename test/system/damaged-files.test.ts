import { cpSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SeededRandom } from '../../lib/testing/seeded-random.js'
import {
  checkCases,
  type DamageCase,
  damagesOf,
  type Edit,
  expectNothingWrong,
  filesOf,
  flips,
  type Outcome,
  runChild,
} from './damage.js'

const SEED = 'damaged-files-1'

let directory: string
let base: string
let other: string

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'replivec-damaged-'))
  base = join(directory, 'base')
  other = join(directory, 'other')
  runChild('build', base, SEED)
  runChild('build', other, `${SEED}/other`)
})

afterAll(() => rmSync(directory, { recursive: true, force: true }))

const check = (cases: readonly DamageCase[], store = base): Outcome[] =>
  checkCases(directory, SEED, { base: store, other }, cases)

/** What an undamaged store shows: everything, and nothing to report. */
const SOUND = { open: 'opened', verify: 'ok', again: 'right', seq: expect.any(Number), reads: { right: 217 } }

/** Whether a record of a close is gone, which is like a crash, or lost nothing but the line feed at its end. */
function isHarmless(edit: Edit): boolean {
  const { size } = statSync(join(base, edit.file))
  return (
    edit.kind === 'delete' ||
    (edit.kind === 'cut' && edit.size === size - 1) ||
    (edit.kind === 'flip' && edit.position === size - 1)
  )
}

describe('a store that was closed in order', () => {
  test('is what the cases below damage', () => {
    const files = filesOf(base)
    expect(files.filter((file) => /^log.\d{16}\.log$/.test(file)).length).toBeGreaterThanOrEqual(3)
    expect(files).toEqual(
      expect.arrayContaining([join('log', 'clean-close.json'), join('records', 'data.mdb')]),
    )
    const [outcome] = check([{ name: 'nothing', edits: [] }])
    expect(outcome).toMatchObject({ ...SOUND, warnings: [] })
  })

  test('is rebuilt from its log, with a warning, whatever happened to its record store', () => {
    const random = new SeededRandom(`${SEED}/records`)
    const data = join('records', 'data.mdb')
    const manifest = join('records', 'records.manifest')
    const cases = [
      ...flips(random, base, data, 16),
      ...flips(random, base, manifest, 8),
      ...damagesOf(random, base, data),
      ...damagesOf(random, base, manifest),
    ].filter(({ edits: [edit] }) => !(edit?.file === manifest && isHarmless(edit)))
    const outcomes = check(cases)
    expectNothingWrong(outcomes)
    expect(outcomes.filter(({ warnings }) => warnings.join() !== 'RECORDS_DAMAGED')).toEqual([])
    for (const outcome of outcomes) expect(outcome).toMatchObject(SOUND)
  })

  test('without its manifest is checked as after a crash, and whole', () => {
    const outcomes = check([
      { name: 'manifest', edits: [{ kind: 'delete', file: join('records', 'records.manifest') }] },
    ])
    for (const outcome of outcomes) expect(outcome).toMatchObject({ ...SOUND, warnings: [] })
  })

  test('needs nothing of the lock file of its record store', () => {
    const random = new SeededRandom(`${SEED}/lock`)
    const file = join('records', 'data.mdb-lock')
    const outcomes = check([...flips(random, base, file, 2), ...damagesOf(random, base, file)])
    expectNothingWrong(outcomes)
    for (const outcome of outcomes) expect(outcome).toMatchObject(SOUND)
  })

  test('tells of every damage of its log, at open or when verified, and still reads right', () => {
    const random = new SeededRandom(`${SEED}/log`)
    const segments = filesOf(base).filter((file) => file.endsWith('.log'))
    const cases = segments.flatMap((file) => [
      ...flips(random, base, file, 10),
      ...damagesOf(random, base, file),
    ])
    const outcomes = check(cases)
    expectNothingWrong(outcomes)
    const silent = outcomes.filter(({ open, verify }) => open === 'opened' && verify === 'ok')
    expect(silent).toEqual([])
    for (const { open, reads, message } of outcomes) {
      expect(['opened', 'LOG_CORRUPT', 'RECORDS_DAMAGED', 'STORAGE_FAILED']).toContain(open)
      expect(Object.keys(reads)).toEqual(open === 'opened' ? ['right'] : [])
      expect(message).toMatch(open === 'opened' ? /^$/ : /backup|replica|Check that/)
    }
  })

  test('does not believe a damaged record of its close', () => {
    const random = new SeededRandom(`${SEED}/close`)
    const file = join('log', 'clean-close.json')
    const cases = [...flips(random, base, file, 16), ...damagesOf(random, base, file)]
    const harmless = cases.filter(({ edits: [edit] }) => edit?.kind === 'foreign' || isHarmless(edit as Edit))
    const outcomes = check(cases)
    expectNothingWrong(outcomes)
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject(
        harmless.some(({ name }) => name === outcome.name)
          ? SOUND
          : { open: expect.stringMatching(/^(LOG_CORRUPT|STORAGE_FAILED)$/) },
      )
    }
  })

  test('misses whole directories, or finds files in their place', () => {
    const outcomes = check([
      { name: 'no log', edits: [{ kind: 'delete', file: 'log' }] },
      { name: 'no records', edits: [{ kind: 'delete', file: 'records' }] },
      {
        name: 'neither',
        edits: [
          { kind: 'delete', file: 'log' },
          { kind: 'delete', file: 'records' },
        ],
      },
      { name: 'log a file', edits: [{ kind: 'write', file: 'log', bytes: '' }] },
      { name: 'records a file', edits: [{ kind: 'write', file: 'records', bytes: '' }] },
      { name: 'log empty', edits: [{ kind: 'directory', file: 'log' }] },
      { name: 'records empty', edits: [{ kind: 'directory', file: 'records' }] },
    ])
    expectNothingWrong(outcomes)
    expect(outcomes.map(({ name, open, seq }) => [name, open, seq])).toEqual([
      ['no log', 'LOG_CORRUPT', null],
      ['no records', 'opened', expect.any(Number)],
      ['neither', 'opened', 0],
      ['log a file', 'STORAGE_FAILED', null],
      ['records a file', 'STORAGE_FAILED', null],
      ['log empty', 'LOG_CORRUPT', null],
      ['records empty', 'opened', expect.any(Number)],
    ])
    for (const { open, reads } of outcomes)
      expect(Object.keys(reads)).toEqual(open === 'opened' ? ['right'] : [])
  })

  test('is the same with extra files beside its own, or says which is in the way', () => {
    const noise = Buffer.from(new SeededRandom(SEED).bytes(5_000)).toString('base64')
    const extra = (file: string): DamageCase => ({
      name: file,
      edits: [{ kind: 'write', file, bytes: noise }],
    })
    const token = '0123456789abcdef0123456789abcdef'
    const harmless = check([
      extra('notes.txt'),
      extra(join('log', 'notes.txt')),
      extra(join('log', '12.log')),
      extra(join('log', '0000000000000200.log.tmp')),
      extra(join('log', 'clean-close.json.tmp')),
      extra(join('records', 'notes.txt')),
      extra(join('records', 'records.manifest.tmp')),
      extra('scan-0011223344556677.tmp'),
      extra(`LOCK.${token}.tmp`),
      extra(`LOCK.${token}.claim`),
      { name: 'directory', edits: [{ kind: 'directory', file: join('records', 'deep') }] },
      { name: 'temporary directory', edits: [{ kind: 'directory', file: join('log', 'x.tmp') }] },
    ])
    expectNothingWrong(harmless)
    for (const outcome of harmless) expect(outcome).toMatchObject({ ...SOUND, warnings: [] })
    const inTheWay = check([
      extra('LOCK'),
      extra(join('log', '0000000000000200.log')),
      { name: 'LOCK directory', edits: [{ kind: 'directory', file: 'LOCK' }] },
      { name: 'spool directory', edits: [{ kind: 'directory', file: 'scan-00112233445566aa.tmp' }] },
      {
        name: "another store's segment",
        edits: [
          {
            kind: 'foreign',
            file: join('log', '0000000000000200.log'),
            from: join('log', '0000000000000001.log'),
          },
        ],
      },
    ])
    expectNothingWrong(inTheWay)
    expect(inTheWay.map(({ open }) => open)).toEqual([
      'LOCKED',
      'LOG_CORRUPT',
      'STORAGE_FAILED',
      'STORAGE_FAILED',
      'LOG_CORRUPT',
    ])
  })

  test('never mixes with another store', () => {
    const records = ['data.mdb', 'records.manifest'].map((name) => join('records', name))
    const segments = filesOf(base).filter((file) => file.endsWith('.log'))
    const swap = (name: string, files: readonly string[]): DamageCase => ({
      name,
      edits: files.map((file) => ({ kind: 'foreign', file })),
    })
    const outcomes = check([
      swap('its record store', records),
      swap('its log', segments),
      // The record store has to be rebuilt, and one segment says another story.
      ...segments.map((file) => ({
        name: `${file} in a rebuild`,
        edits: [
          { kind: 'foreign', file },
          { kind: 'cut', file: records[0] as string, size: 0 },
        ] as DamageCase['edits'],
      })),
    ])
    expectNothingWrong(outcomes)
    for (const { open, message } of outcomes) {
      expect(open).toMatch(/^(RECORDS_DAMAGED|LOG_CORRUPT)$/)
      expect(message).toMatch(/backup/)
    }
  })

  test('whose log was trimmed cannot be rebuilt, and points to a backup', () => {
    const trimmed = join(directory, 'trimmed')
    cpSync(base, trimmed, { recursive: true })
    runChild('trim', trimmed, SEED)
    expect(filesOf(trimmed)).not.toContain(join('log', '0000000000000001.log'))
    const random = new SeededRandom(`${SEED}/trimmed`)
    const data = join('records', 'data.mdb')
    const cases = [...flips(random, trimmed, data, 6), ...damagesOf(random, trimmed, data)]
    const outcomes = check(cases, trimmed)
    expectNothingWrong(outcomes)
    for (const { open, message } of outcomes) {
      expect(open).toBe('RECORDS_DAMAGED')
      expect(message).toMatch(/backup/)
    }
    // Without the manifest the store is checked entry by entry, and must not get a new one while it is damaged.
    const unlisted = flips(random, trimmed, data, 24).map(
      ({ name, edits }): DamageCase => ({
        name: `${name} without manifest`,
        edits: [...edits, { kind: 'delete', file: join('records', 'records.manifest') }],
      }),
    )
    const found = check([{ name: 'nothing', edits: [] }, ...unlisted], trimmed)
    expectNothingWrong(found)
    expect(found[0]).toMatchObject(SOUND)
    expect(new Set(found.map(({ open }) => open))).toEqual(new Set(['opened', 'RECORDS_DAMAGED']))
    for (const { open, reads } of found)
      expect(Object.keys(reads)).toEqual(open === 'opened' ? ['right'] : [])
  })
})
