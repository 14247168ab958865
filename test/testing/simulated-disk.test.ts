import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Files, OpenFile } from '../../lib/runtime/files.js'
import { SeededRandom } from '../../lib/testing/seeded-random.js'
import { SimulatedDisk } from '../../lib/testing/simulated-disk.js'

const filled = (length: number, value: number) => new Uint8Array(length).fill(value)

async function put(files: Files, path: string, bytes: Uint8Array, durable: boolean): Promise<void> {
  const file = await files.open(path, 'create')
  await file.write(bytes, 0)
  if (durable) {
    await file.sync()
    await files.syncDirectory('/')
  }
  await file.close()
}

describe('SimulatedDisk', () => {
  test('a crash keeps what was written', async () => {
    const disk = new SimulatedDisk({ seed: 1 })
    await put(disk.files, '/a', filled(5_000, 7), false)
    disk.crash()
    expect(await disk.files.readFile('/a')).toEqual(filled(5_000, 7))
  })

  test('a synced file whose name was not synced may vanish with the power', async () => {
    const found = new Set<string>()
    for (let seed = 0; seed < 30; seed++) {
      const disk = new SimulatedDisk({ seed })
      const file = await disk.files.open('/a', 'create')
      await file.write(filled(10, 1), 0)
      await file.sync()
      disk.powerCut()
      const stat = await disk.files.stat('/a')
      found.add(stat ? `${stat.size} bytes` : 'gone')
    }
    expect([...found].sort()).toEqual(['10 bytes', 'gone'])
  })

  test('a test can cut the power at an operation, also in the middle of writeNow', async () => {
    for (let at = 1; at <= 7; at++) {
      const disk = new SimulatedDisk({ seed: at })
      const seen: string[] = []
      disk.beforeOperation = ({ number, operation, path }) => {
        seen.push(`${number} ${operation} ${path}`)
        if (number === at) disk.powerCut()
      }
      const work = async () => {
        const file = await disk.files.open('/a', 'create')
        await file.write(filled(10, 1), 0)
        file.writeNow(filled(10, 2), 10)
        await file.sync()
        await disk.files.syncDirectory('/')
        await file.close()
        await disk.files.rename('/a', '/b')
      }
      await expect(work()).rejects.toMatchObject({ code: expect.stringMatching(/^(EIO|EBADF|ENOENT)$/) })
      const all = ['open', 'write', 'write', 'sync', 'syncDirectory /', 'close', 'rename']
      const expected = all.map((name, i) => `${i + 1} ${name.includes('/') ? name : `${name} /a`}`)
      expect(seen).toEqual(expected.slice(0, at))
      expect(disk.operations).toBe(at)
      disk.beforeOperation = undefined
      const survived = (await disk.files.stat('/a'))?.size
      if (at > 5) expect(survived).toBe(20)
      else expect(survived ?? 0).toBeLessThanOrEqual(20)
    }
  })

  test('failNext and failProbability hit what they name', async () => {
    const disk = new SimulatedDisk({ seed: 1 })
    disk.failNext('rename', 'EACCES')
    await put(disk.files, '/a', filled(1, 1), true)
    await expect(disk.files.rename('/a', '/b')).rejects.toMatchObject({ code: 'EACCES', syscall: 'rename' })
    expect(await disk.files.list('/')).toEqual(['a'])
    disk.failProbability = { list: 1 }
    expect(disk.failProbability).toEqual({ list: 1 })
    await expect(disk.files.list('/')).rejects.toMatchObject({ code: 'EIO' })
    await disk.files.rename('/a', '/b')
    disk.failProbability = 1
    await expect(disk.files.stat('/b')).rejects.toMatchObject({ code: 'EIO' })
  })

  test('damage changes one bit, or cuts the end off, for good', async () => {
    const disk = new SimulatedDisk({ seed: 1 })
    await put(disk.files, '/a', filled(100, 0), true)
    disk.flipBit('/a', 40)
    disk.truncate('/a', 60)
    disk.powerCut()
    const left = await disk.files.readFile('/a')
    expect(left).toHaveLength(60)
    expect([...left].filter((byte) => byte !== 0)).toHaveLength(1)
    expect([1, 2, 4, 8, 16, 32, 64, 128]).toContain(left[40])
    for (const damage of [() => disk.flipBit('/a', 60), () => disk.truncate('/no', 0)]) {
      expect(damage).toThrow(expect.objectContaining({ code: 'OPTIONS_INVALID' }))
    }
  })

  test('snapshot and clone hold what is durable, and only that', async () => {
    const disk = new SimulatedDisk({ seed: 1 })
    await disk.files.makeDirectory('/d/e')
    await put(disk.files, '/d/e/a', filled(3, 1), true)
    await disk.files.link('/d/e/a', '/d/b')
    for (const path of ['/d/e', '/d', '/']) await disk.files.syncDirectory(path)
    const file = await disk.files.open('/d/e/a', 'write')
    await file.write(filled(9, 2), 0)
    await put(disk.files, '/late', filled(3, 3), false)
    const expected = new Map([
      ['/d/e/a', filled(3, 1)],
      ['/d/b', filled(3, 1)],
    ])
    expect(disk.snapshot()).toEqual(expected)
    const clone = disk.clone({ seed: 2 })
    clone.powerCut()
    expect(clone.snapshot()).toEqual(expected)
    const linked = await clone.files.open('/d/b', 'write')
    await linked.write(filled(3, 4), 0)
    expect(await clone.files.readFile('/d/e/a')).toEqual(filled(3, 4))
    expect(await disk.files.readFile('/d/b')).toEqual(filled(9, 2))
  })

  /** Random work with crashes, faults and power cuts; the returned log is all that happened. */
  async function randomWork(seed: number): Promise<{ log: string[]; problems: string[] }> {
    const random = new SeededRandom(seed).fork('work')
    const disk = new SimulatedDisk({ seed })
    disk.delayYieldsMax = random.int(3)
    disk.failProbability = { write: 0.05, truncate: 0.05 }
    const log: string[] = []
    const problems: string[] = []
    let file: OpenFile | undefined
    // Per byte, what a power cut must leave: `undefined` where it was changed after the last sync.
    let pledged: (number | undefined)[] = []
    let written: number[] = []
    for (let step = 0; step < 40; step++) {
      try {
        if (!file) {
          file = await disk.files.open('/f', (await disk.files.stat('/f')) ? 'write' : 'create')
          await file.sync()
          await disk.files.syncDirectory('/')
          written = [...(await disk.files.readFile('/f'))]
          pledged = [...written]
        }
        const action = random.pick(['write', 'write', 'write', 'truncate', 'sync', 'crash', 'powerCut'])
        log.push(action)
        if (action === 'write') {
          const position = random.int(written.length + 1)
          const bytes = random.bytes(random.int(9_000))
          for (let i = position; i < position + bytes.length; i++)
            if (i < pledged.length) pledged[i] = undefined
          await file.write(bytes, position)
        } else if (action === 'truncate') {
          const size = random.int(written.length + 1)
          pledged.length = Math.min(pledged.length, size)
          await file.truncate(size)
        } else if (action === 'sync') {
          await file.sync()
          pledged = [...(await disk.files.readFile('/f'))]
        } else if (action === 'crash') {
          disk.crash()
          file = undefined
          const now = await disk.files.readFile('/f')
          if (now.length !== written.length || now.some((byte, i) => byte !== written[i])) {
            problems.push(`step ${step}: a crash changed what was written`)
          }
          continue
        } else {
          disk.powerCut()
          file = undefined
          const left = await disk.files.readFile('/f')
          pledged.forEach((byte, i) => {
            if (byte !== undefined && left[i] !== byte)
              problems.push(`step ${step}: synced byte ${i} was lost`)
          })
          log.push(`${left.length} bytes, sum ${left.reduce((sum, byte, i) => (sum * 31 + byte + i) | 0, 0)}`)
          continue
        }
      } catch (error) {
        log.push(String(error))
      }
      written = [...(await disk.files.readFile('/f'))]
    }
    log.push(`${disk.operations} operations`)
    return { log, problems }
  }

  test('after a power cut every synced byte is intact, whatever else happened', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        expect((await randomWork(seed)).problems).toEqual([])
      }),
      { numRuns: 60 },
    )
  })

  test('the same seed gives the same outcome, another another', async () => {
    const logs = new Set<string>()
    for (let seed = 0; seed < 8; seed++) {
      const { log } = await randomWork(seed)
      expect((await randomWork(seed)).log).toEqual(log)
      logs.add(log.join('\n'))
    }
    expect(logs.size).toBe(8)
  })
})
