import { crc32 } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { readCleanClose, removeCleanClose, writeCleanClose } from '../../lib/log/clean-close.js'
import { memoryFiles } from '../../lib/runtime/memory-files.js'
import { SimulatedDisk } from '../../lib/testing/simulated-disk.js'

const PATH = './clean-close.json'
const STATE = {
  lastEpoch: 3,
  lastSeq: 41,
  segments: [
    { firstSeq: 1, bytes: 900 },
    { firstSeq: 30, bytes: 77 },
  ],
}

async function put(bytes: Uint8Array) {
  const files = memoryFiles()
  const file = await files.open(PATH, 'create')
  await file.write(bytes, 0)
  return files
}

async function written(): Promise<Uint8Array> {
  const files = memoryFiles()
  await writeCleanClose(files, '.', STATE)
  return files.readFile(PATH)
}

describe('the record of a clean close', () => {
  test('comes back, replaces an older one and can be forgotten', async () => {
    const files = memoryFiles()
    expect(await readCleanClose(files, '.')).toBeUndefined()
    await writeCleanClose(files, '.', { ...STATE, lastSeq: 40 })
    await writeCleanClose(files, '.', STATE)
    expect(await readCleanClose(files, '.')).toMatchObject(STATE)
    expect(await files.list('.')).toEqual(['clean-close.json'])
    await removeCleanClose(files, '.')
    await removeCleanClose(files, '.')
    expect(await readCleanClose(files, '.')).toBeUndefined()
    expect(await files.list('.')).toEqual([])
  })

  test('is there whole or not at all after a power cut, and stays away once forgotten', async () => {
    const found = new Set<string>()
    for (let seed = 0; seed < 30; seed++) {
      for (let at = 1; at <= 14; at++) {
        const disk = new SimulatedDisk({ seed: `${seed}/${at}` })
        let forgotten = false
        disk.beforeOperation = ({ number }) => number === at && disk.powerCut()
        const { files } = disk
        await writeCleanClose(files, '', STATE)
          .then(() => removeCleanClose(files, ''))
          .then(() => {
            forgotten = true
          })
          .catch(() => undefined)
        disk.beforeOperation = undefined
        const uncut = disk.operations < at
        uncut && disk.powerCut()
        const record = await readCleanClose(disk.files, '')
        expect(record ?? STATE).toMatchObject(STATE)
        found.add(`${forgotten ? 'forgotten' : 'in use'}: ${record ? 'there' : 'gone'}`)
      }
    }
    expect([...found].sort()).toEqual(['forgotten: gone', 'in use: gone', 'in use: there'])
  })

  test('with any bit inverted, or cut anywhere, is LOG_CORRUPT', async () => {
    const bytes = await written()
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const damaged = Uint8Array.from(bytes)
      damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7))
      const files = await put(damaged)
      await expect(readCleanClose(files, '.'), `bit ${bit}`).rejects.toMatchObject({
        code: 'LOG_CORRUPT',
        details: { path: PATH },
      })
    }
    for (let length = 0; length < bytes.length - 1; length++) {
      const files = await put(bytes.subarray(0, length))
      await expect(readCleanClose(files, '.'), `${length} bytes`).rejects.toMatchObject({
        code: 'LOG_CORRUPT',
      })
    }
  })

  test('of a newer format says so', async () => {
    const [, body] = new TextDecoder().decode(await written()).split('\n')
    const newer = (body as string).replace('"format":1', '"format":2')
    const files = await put(new TextEncoder().encode(`{"crc":${crc32(newer)}}\n${newer}\n`))
    await expect(readCleanClose(files, '.')).rejects.toMatchObject({
      code: 'FORMAT_UNSUPPORTED',
      details: { path: PATH, format: 2, supported: 1 },
    })
  })
})
