import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decodeCommit, readFrame } from '../../lib/log/frame.js'
import { openSegment } from '../../lib/log/segment.js'
import { nodeFiles } from '../../lib/runtime/node-files.js'
import { SeededRandom } from '../../lib/testing/seeded-random.js'
import {
  checkCases,
  type DamageCase,
  damagesOf,
  expectNothingWrong,
  filesOf,
  flips,
  type Outcome,
  runChild,
} from './damage.js'

const SEED = 'damage-after-crash-1'

/** One commit in the newest segment, with the mark that was written before it. */
interface Group {
  readonly start: number
  readonly end: number
  readonly lastSeq: number
}

let directory: string
let base: string
let other: string
let newest: string
let groups: readonly Group[]
let headSeq: number

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'replivec-crashed-'))
  base = join(directory, 'base')
  other = join(directory, 'other')
  runChild('crash', base, SEED, 'SIGKILL')
  runChild('resegment', base, SEED)
  runChild('crash', other, `${SEED}/other`, 'SIGKILL')
  runChild('resegment', other, `${SEED}/other`)
  newest = filesOf(base)
    .filter((file) => file.endsWith('.log'))
    .at(-1) as string
  groups = await groupsOf(join(base, newest))
  headSeq = groups.at(-1)?.lastSeq as number
})

afterAll(() => rmSync(directory, { recursive: true, force: true }))

async function groupsOf(path: string): Promise<Group[]> {
  const file = await nodeFiles.open(path, 'read')
  const firstSeq = Number.parseInt(path.slice(-20, -4), 10)
  const { segment } = await openSegment(file, path, firstSeq)
  await file.close()
  const content = new Uint8Array(readFileSync(path))
  const found: Group[] = []
  let start = segment.dataStart
  for (let offset = start; ; ) {
    const reading = readFrame(content, offset)
    if (reading.kind !== 'frame') return found
    offset = reading.end
    if (reading.mark) continue
    const { firstSeq: first, count } = decodeCommit(reading.body)
    found.push({ start, end: offset, lastSeq: first + count - 1 })
    start = offset
  }
}

const check = (cases: readonly DamageCase[]): Outcome[] => checkCases(directory, SEED, { base, other }, cases)

/** Offset of the first byte a case changes in its one file. */
function firstDamaged({ edits: [edit] }: DamageCase): number {
  const offsets = { position: 0, size: 0, ...edit }
  return Math.max(offsets.position, offsets.size)
}

describe('a store whose process was killed', () => {
  test('has all that was acknowledged', () => {
    const [outcome] = check([{ name: 'nothing', edits: [] }])
    expect(outcome).toMatchObject({
      open: 'opened',
      seq: headSeq,
      reads: { right: 217 },
      verify: 'ok',
      again: 'right',
      warnings: [],
    })
  })

  test('loses nothing of what its record store lacks, whatever happens to the record store', () => {
    const random = new SeededRandom(`${SEED}/records`)
    const data = join('records', 'data.mdb')
    const cases = [...flips(random, base, data, 36), ...damagesOf(random, base, data)]
    const outcomes = check(cases)
    expectNothingWrong(outcomes)
    for (const { open, seq } of outcomes) {
      expect(open).toMatch(/^(opened|RECORDS_DAMAGED|LOG_CORRUPT)$/)
      expect(seq).toBe(open === 'opened' ? headSeq : null)
    }
  })

  test('tells of every damage of an older part of its log when verified, and still reads right', () => {
    const random = new SeededRandom(`${SEED}/older`)
    const older = filesOf(base).filter((file) => file.endsWith('.log') && file !== newest)
    expect(older.length).toBeGreaterThanOrEqual(2)
    const cases = older.flatMap((file) => [...flips(random, base, file, 3), ...damagesOf(random, base, file)])
    const outcomes = check(cases)
    expectNothingWrong(outcomes)
    // What the record store has is not read from the log again, so damage shows only when all is verified. A log
    // without its oldest segment is like one that was trimmed.
    const harmless = `delete ${older[0]}`
    for (const { name, open, seq, verify } of outcomes) {
      expect([name, open, seq]).toEqual([name, 'opened', headSeq])
      expect([name, verify === 'ok']).toEqual([name, name === harmless])
    }
  })

  /*
   * What can be promised about the newest segment: damage that leaves the last group alone is always noticed, because
   * the mark of each group says that everything before it was safe. Damage that reaches into the last group looks like
   * a write that a crash cut off. Then the log ends at the first damaged group, and everything before that is there.
   */
  test('cuts its log only where the last group was damaged, and keeps every group before the damage', () => {
    const random = new SeededRandom(`${SEED}/newest`)
    const content = groups.at(-1)?.end as number
    const wholeFile = [...flips(random, base, newest, 14), ...damagesOf(random, base, newest)]
    const cuts = Array.from({ length: 8 }, () => random.int(content)).map(
      (size): DamageCase => ({
        name: `cut to ${size}`,
        edits: [{ kind: 'cut', file: newest, size }],
      }),
    )
    const zeros = groups.slice(-4).map(
      ({ start, end }): DamageCase => ({
        name: `zero from ${start}`,
        edits: [{ kind: 'zero', file: newest, position: start, length: end - start }],
      }),
    )
    const cases = [...wholeFile, ...cuts, ...zeros].filter(({ edits }) => edits[0]?.kind !== 'delete')
    const outcomes = check(cases)
    expectNothingWrong(outcomes)
    const lastStart = groups.at(-1)?.start as number
    for (const [index, { name, open, seq }] of outcomes.entries()) {
      const from = firstDamaged(cases[index] as DamageCase)
      const kept = groups.filter(({ end }) => end <= from).at(-1)?.lastSeq ?? 0
      expect([name, open]).toEqual([
        name,
        expect.stringMatching(/^(opened|LOG_CORRUPT|RECORDS_DAMAGED|STORAGE_FAILED)$/),
      ])
      expect([name, (seq ?? headSeq) >= kept]).toEqual([name, true])
      expect([name, from >= lastStart || seq === null || seq === headSeq || /cut/.test(name)]).toEqual([
        name,
        true,
      ])
    }
  })
})
