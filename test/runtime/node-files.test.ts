import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { nodeFiles } from '../../lib/runtime/node-files.js'
import { describeFiles } from './files-contract.js'

const base = fs.mkdtempSync(join(tmpdir(), 'replivec-files-'))
afterAll(() => fs.rmSync(base, { recursive: true, force: true }))
const fresh = () => fs.mkdtempSync(join(base, 'case-'))

describeFiles('nodeFiles', async () => ({ files: nodeFiles, directory: fresh() }))

describe('nodeFiles', () => {
  test('reads its content as a plain array of its own', async () => {
    const directory = fresh()
    fs.writeFileSync(join(directory, 'a'), 'abc')
    const content = await nodeFiles.readFile(join(directory, 'a'))
    expect(Object.getPrototypeOf(content)).toBe(Uint8Array.prototype)
    expect([...content]).toEqual([97, 98, 99])
  })

  test('names what is neither file nor directory', async () => {
    expect(await nodeFiles.stat('/dev/null')).toMatchObject({ kind: 'other' })
  })

  test('an error of the disk reaches the caller with its code', async () => {
    // Every write to /dev/full fails with ENOSPC (full(4)).
    const full = await nodeFiles.open('/dev/full', 'write')
    await expect(full.write(new Uint8Array(1), 0)).rejects.toMatchObject({ code: 'ENOSPC' })
    expect(() => full.writeNow(new Uint8Array(1), 0)).toThrow(expect.objectContaining({ code: 'ENOSPC' }))
    await full.close()
  })

  test('closing waits for what is in flight, so a descriptor is never reused under a write', async () => {
    const directory = fresh()
    const first = await nodeFiles.open(join(directory, 'first'), 'create')
    const chunk = new Uint8Array(1 << 20).fill(1)
    const writes = Array.from({ length: 16 }, (_, i) => first.write(chunk, i * chunk.byteLength))
    const closing = first.close()
    const second = await nodeFiles.open(join(directory, 'second'), 'create')
    await Promise.all([...writes, closing])
    expect(await second.size()).toBe(0)
    await second.close()
    expect(fs.statSync(join(directory, 'first')).size).toBe(16 << 20)
  })
})
