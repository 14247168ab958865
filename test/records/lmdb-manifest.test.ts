import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { readManifest, removeManifest, writeManifest } from '../../lib/records/lmdb-manifest.js'
import { nodeFiles } from '../../lib/runtime/node-files.js'

const directory = fs.mkdtempSync(join(tmpdir(), 'replivec-manifest-'))
afterAll(() => fs.rmSync(directory, { recursive: true, force: true }))
const path = join(directory, 'records.manifest')
const manifest = { size: 2_000_000, checksums: [1, 0xffffffff] }

describe('the manifest', () => {
  test('comes back as written, also over an unfinished one, until it is removed', async () => {
    expect(await readManifest(nodeFiles, directory)).toBeUndefined()
    fs.writeFileSync(`${path}.tmp`, 'unfinished')
    await writeManifest(nodeFiles, directory, { size: 0, checksums: [] })
    await writeManifest(nodeFiles, directory, manifest)
    expect(await readManifest(nodeFiles, directory)).toEqual(manifest)
    expect(fs.readdirSync(directory)).toEqual(['records.manifest'])
    await removeManifest(nodeFiles, directory)
    await removeManifest(nodeFiles, directory)
    expect(await readManifest(nodeFiles, directory)).toBeUndefined()
  })

  test('of which any bit was changed is damage', async () => {
    await writeManifest(nodeFiles, directory, manifest)
    const intact = fs.readFileSync(path)
    const accepted: number[] = []
    for (let bit = 0; bit < (intact.length - 1) * 8; bit++) {
      const flipped = Buffer.from(intact)
      flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
      fs.writeFileSync(path, flipped)
      const code = await readManifest(nodeFiles, directory).then(
        (read) => (JSON.stringify(read) === JSON.stringify(manifest) ? 'same' : 'accepted'),
        (error) => error.code,
      )
      if (code !== 'RECORDS_DAMAGED' && code !== 'same') accepted.push(bit)
    }
    expect(accepted).toEqual([])
    fs.writeFileSync(path, '')
    await expect(readManifest(nodeFiles, directory)).rejects.toMatchObject({ code: 'RECORDS_DAMAGED' })
  })

  test('of a newer format is refused as such', async () => {
    const body = JSON.stringify({ format: 2, sizes: 'somewhere else' })
    fs.writeFileSync(path, `${body}\n${JSON.stringify({ crc: crc32(body) })}\n`)
    await expect(readManifest(nodeFiles, directory)).rejects.toMatchObject({
      code: 'FORMAT_UNSUPPORTED',
      details: { format: 2, supported: 1 },
    })
  })
})
