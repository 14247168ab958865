import { describe, expect, test } from 'vitest'
import { type AuditLine, auditFileName, auditLines, listAuditFiles } from '../../lib/audit/audit-files.js'
import { memoryFiles } from '../../lib/runtime/memory-files.js'
import { replaceFile } from './sample-audit.js'

async function read(text: string, endBytes?: number): Promise<AuditLine[]> {
  const files = memoryFiles()
  await replaceFile(files, '/lines', text)
  const lines = []
  for await (const line of auditLines(await files.open('/lines', 'read'), endBytes)) lines.push(line)
  return lines
}

describe('the files of a log', () => {
  test('are listed by number, and nothing else is', async () => {
    const files = memoryFiles()
    expect(await listAuditFiles(files, '/audit')).toEqual([])
    await files.makeDirectory('/audit')
    const others = ['head.json', '1.jsonl', '0000002.jsonl', '000003.jsonl.tmp', 'x000004.jsonl']
    for (const name of [...others, auditFileName(1_000_000), auditFileName(999_999), auditFileName(2)])
      await replaceFile(files, `/audit/${name}`, '')
    expect(await listAuditFiles(files, '/audit')).toEqual([2, 999_999, 1_000_000])
  })
})

describe('the lines of a file', () => {
  test('are those of the text, wherever the pieces end that are read', async () => {
    for (const length of [0, 1, 65_534, 65_535, 65_536, 65_537]) {
      const parts = ['x'.repeat(length), 'ä', '', 'y'.repeat(70_000)]
      const lines = await read(parts.map((part) => `${part}\n`).join(''))
      expect(lines.map(({ bytes }) => new TextDecoder().decode(bytes))).toEqual(parts)
      expect(lines.map(({ number, isWhole }) => [number, isWhole])).toEqual(
        parts.map((_, at) => [at + 1, true]),
      )
      expect(lines.slice(1).map(({ start }) => start)).toEqual(lines.slice(0, -1).map(({ end }) => end))
      expect(lines.at(-1)?.end).toBe(length + 70_000 + 6)
    }
  })

  test('that are far too long take no more memory than others, and are not whole', async () => {
    const [long, after] = await read(`${'x'.repeat(5_000_000)}\nafter\n`)
    expect(long).toMatchObject({ start: 0, end: 5_000_001, isWhole: false })
    expect(long?.bytes.byteLength).toBeLessThan(200_000)
    expect(after).toMatchObject({ number: 2, start: 5_000_001, end: 5_000_007, isWhole: true })
  })

  test('end where the file does, or where they shall', async () => {
    expect(await read('')).toEqual([])
    expect((await read('ab\ncd')).map(({ isWhole, end }) => [isWhole, end])).toEqual([
      [true, 3],
      [false, 5],
    ])
    expect((await read('ab\ncd\nef\n', 3)).map(({ end }) => end)).toEqual([3])
  })
})
