import fc from 'fast-check'
import { expect, test } from 'vitest'
import { auditFileName, auditFilePath, listAuditFiles } from '../../lib/audit/audit-files.js'
import { verifyAuditLog } from '../../lib/audit/audit-verification.js'
import type { Files } from '../../lib/runtime/files.js'
import { memoryFiles } from '../../lib/runtime/memory-files.js'
import { DIRECTORY, KEY, linesOf, replaceFile, writeAudit } from './sample-audit.js'

const log = fc.record({
  peers: fc.array(fc.string({ maxLength: 300 }), { minLength: 1, maxLength: 30 }),
  maxFileBytes: fc.integer({ min: 1, max: 4_000 }),
  key: fc.constantFrom(undefined, KEY),
  /** Where something is changed, as a part of all places. */
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
})

interface Written {
  readonly files: Files
  readonly numbers: readonly number[]
  readonly key: string | undefined
  /** One of so many places. */
  readonly pick: (count: number) => number
  readonly verify: () => ReturnType<typeof verifyAuditLog>
}

/** Checks that the log is sound, spoils it, and checks that this is found. @param spoil - resolves with false when nothing was changed */
function isFound(what: string, spoil: (written: Written) => Promise<unknown>): void {
  test(`finds ${what}`, async () => {
    await fc.assert(
      fc.asyncProperty(log, async ({ peers, maxFileBytes, key, at }) => {
        const files = memoryFiles()
        const half = Math.floor(peers.length / 2)
        await writeAudit(files, peers.slice(0, half), { maxFileBytes, ...(key ? { key } : {}) })
        await writeAudit(files, peers.slice(half), { maxFileBytes, ...(key ? { key } : {}) })
        const verify = () => verifyAuditLog(files, DIRECTORY, { key })
        const sound = await verify()
        expect(sound).toMatchObject({ ok: true, damage: [], unsettledBytes: 0 })
        expect(sound.entries).toBe(peers.length + 2)
        const numbers = await listAuditFiles(files, DIRECTORY)
        const pick = (count: number): number => Math.floor(at * count)
        const isSame = (await spoil({ files, numbers, key, pick, verify })) === false
        expect((await verify()).ok).toBe(isSame)
      }),
      { numRuns: 150 },
    )
  })
}

/** The lines of one file, to be put back changed. */
async function change({ files, numbers, pick }: Written, spoil: (lines: string[]) => void): Promise<void> {
  const path = auditFilePath(DIRECTORY, numbers[pick(numbers.length)] as number)
  const lines = new TextDecoder().decode(await files.readFile(path)).split(/(?<=\n)/)
  spoil(lines)
  await replaceFile(files, path, lines.join(''))
}

isFound('any bit that flips', async ({ files, numbers, pick }) => {
  const sizes = []
  for (const number of numbers)
    sizes.push((await files.readFile(auditFilePath(DIRECTORY, number))).byteLength)
  let place = pick(8 * sizes.reduce((sum, size) => sum + size, 0))
  let at = 0
  while (place >= 8 * (sizes[at] as number)) place -= 8 * (sizes[at++] as number)
  const path = auditFilePath(DIRECTORY, numbers[at] as number)
  const bytes = await files.readFile(path)
  bytes[place >> 3] = (bytes[place >> 3] as number) ^ (1 << (place & 7))
  await replaceFile(files, path, bytes)
})

isFound('a line that is gone', (written) =>
  change(written, (lines) => lines.splice(written.pick(lines.length), 1)),
)

isFound('a line that is there twice', (written) =>
  change(written, (lines) => {
    const at = written.pick(lines.length)
    lines.splice(at, 0, lines[at] as string)
  }),
)

isFound('a line of elsewhere that was put in', async (written) => {
  const all = await linesOf(written.files)
  const line = all[written.pick(all.length)] as string
  await change(written, (lines) => lines.splice(written.pick(lines.length + 1), 0, line))
})

isFound('two lines that changed places', async (written) => {
  let isSame = true
  await change(written, (lines) => {
    const [one, two] = [written.pick(lines.length), lines.length - 1]
    isSame = one === two
    ;[lines[one], lines[two]] = [lines[two] as string, lines[one] as string]
  })
  return !isSame
})

isFound('a file that is gone', ({ files, numbers, pick }) =>
  files.remove(auditFilePath(DIRECTORY, numbers[pick(numbers.length)] as number)),
)

isFound('two files that changed places', async ({ files, numbers, pick }) => {
  const [one, two] = [
    auditFilePath(DIRECTORY, numbers[pick(numbers.length)] as number),
    auditFilePath(DIRECTORY, numbers.at(-1) as number),
  ]
  if (one === two) return false
  await files.rename(one, `${one}.aside`)
  await files.rename(two, one)
  await files.rename(`${one}.aside`, two)
  return true
})

isFound('an end that was cut off', async ({ files, numbers, pick }) => {
  const path = auditFilePath(DIRECTORY, numbers.at(-1) as number)
  const bytes = await files.readFile(path)
  await replaceFile(files, path, bytes.subarray(0, pick(bytes.byteLength)))
})

isFound('all files from one on that are gone', async ({ files, numbers, pick }) => {
  for (const number of numbers.slice(pick(numbers.length)))
    await files.remove(auditFilePath(DIRECTORY, number))
})

isFound('a head that is gone or changed', async ({ files, pick }) => {
  const path = `${DIRECTORY}/head.json`
  const bytes = await files.readFile(path)
  const at = pick(bytes.byteLength)
  if (at === 0) return files.remove(path)
  // A line feed at the very end says nothing.
  if (at === bytes.byteLength - 1) return false
  bytes[at] = (bytes[at] as number) ^ 1
  return replaceFile(files, path, bytes)
})

test('an older part that was taken away on purpose is told by its last entry', async () => {
  await fc.assert(
    fc.asyncProperty(log, async ({ peers, maxFileBytes, key, at }) => {
      const files = memoryFiles()
      await writeAudit(files, peers, { maxFileBytes, ...(key ? { key } : {}) })
      const numbers = await listAuditFiles(files, DIRECTORY)
      const gone = numbers.slice(0, Math.floor(at * numbers.length))
      const before = await linesOf(files)
      for (const number of gone) await files.remove(auditFilePath(DIRECTORY, number))
      const left = await linesOf(files)
      const last = before.at(-left.length - 1)
      const from = last === undefined ? undefined : JSON.parse(last)
      const report = await verifyAuditLog(files, DIRECTORY, { key, from })
      expect(report).toMatchObject({ ok: true, entries: left.length, damage: [] })
      if (from === undefined) return
      const [first] = (await verifyAuditLog(files, DIRECTORY, { key })).damage
      expect(first).toMatchObject({
        file: auditFileName(gone.length + 1),
        line: 1,
        seq: from.seq + 1,
        problem: 'missing',
      })
      const other = { seq: from.seq, hash: 'f'.repeat(64) }
      expect((await verifyAuditLog(files, DIRECTORY, { key, from: other })).ok).toBe(false)
    }),
  )
})
