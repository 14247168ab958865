import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { expect, test } from 'vitest'
import { readCheckedJson, writeCheckedJson } from '../../lib/runtime/checked-json.js'
import { nodeFiles } from '../../lib/runtime/node-files.js'
import { withTemporaryDirectory } from '../../lib/testing/temporary-directory.js'

const RECORD = { format: 1, list: [1, 'two', null] }

test.each(['first', 'last'] as const)(
  'a record with its checksum %s comes back, and no damage of it does',
  async (line) => {
    await withTemporaryDirectory(async (directory) => {
      const path = join(directory, 'record.json')
      writeFileSync(`${path}.tmp`, 'unfinished')
      await writeCheckedJson(nodeFiles, path, { older: true }, line)
      await writeCheckedJson(nodeFiles, path, RECORD, line)
      expect(readdirSync(directory)).toEqual(['record.json'])
      const body = JSON.stringify(RECORD)
      const crc = JSON.stringify({ crc: crc32(body) })
      expect(readFileSync(path, 'utf8')).toBe(line === 'first' ? `${crc}\n${body}\n` : `${body}\n${crc}\n`)
      expect(await readCheckedJson(nodeFiles, path, line)).toEqual(RECORD)
      const intact = readFileSync(path)
      for (let bit = 0; bit < (intact.length - 1) * 8; bit++) {
        const flipped = Buffer.from(intact)
        flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
        writeFileSync(path, flipped)
        const read = await readCheckedJson(nodeFiles, path, line)
        expect([bit, read]).toEqual([bit, read && RECORD])
      }
      writeFileSync(path, '')
      expect(await readCheckedJson(nodeFiles, path, line)).toBeUndefined()
    })
  },
)
