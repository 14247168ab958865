import { describe, expect, test } from 'vitest'
import { SimulatedDisk } from '../../lib/testing/simulated-disk.js'

const filled = (length: number, value: number) => new Uint8Array(length).fill(value)

describe('SimulatedOpenFile', () => {
  test('a full disk takes what fits, then answers ENOSPC, also for writeNow', async () => {
    const disk = new SimulatedDisk({ seed: 1 })
    disk.capacityBytes = 3 * 4096
    const a = await disk.files.open('/a', 'create')
    await a.write(filled(4096, 1), 0)
    await expect(a.write(filled(20_000, 2), 4096)).rejects.toMatchObject({ code: 'ENOSPC' })
    expect(await a.size()).toBe(3 * 4096)
    expect((await disk.files.readFile('/a')).subarray(4096)).toEqual(filled(2 * 4096, 2))
    const b = await disk.files.open('/b', 'create')
    expect(() => b.writeNow(filled(1, 3), 0)).toThrow(expect.objectContaining({ code: 'ENOSPC' }))
    await a.write(filled(3 * 4096, 4), 0)
    await disk.files.remove('/a')
    await expect(b.write(filled(1, 3), 0)).rejects.toMatchObject({ code: 'ENOSPC' })
    await a.close()
    expect(disk.usedBytes).toBe(0)
    await b.write(filled(1, 3), 0)
    expect(disk.usedBytes).toBe(4096)
  })

  test('a write that fails leaves a beginning of its bytes', async () => {
    const sizes = new Set<number>()
    for (let seed = 0; seed < 20; seed++) {
      const disk = new SimulatedDisk({ seed })
      const file = await disk.files.open('/a', 'create')
      disk.failNext('write', 'EIO')
      if (seed % 2) await expect(file.write(filled(1000, 1), 0)).rejects.toMatchObject({ code: 'EIO' })
      else expect(() => file.writeNow(filled(1000, 1), 0)).toThrow(expect.objectContaining({ code: 'EIO' }))
      const size = await file.size()
      sizes.add(size)
      expect(await disk.files.readFile('/a')).toEqual(filled(size, 1))
    }
    expect(sizes.size).toBeGreaterThan(10)
  })

  test('a failed sync is reported once, and then hides that data was lost', async () => {
    const survivors = new Set<number>()
    for (let seed = 0; seed < 30; seed++) {
      const disk = new SimulatedDisk({ seed })
      const file = await disk.files.open('/a', 'create')
      await disk.files.syncDirectory('/')
      await file.write(filled(10, 1), 0)
      await file.sync()
      await file.write(filled(10, 2), 0)
      disk.failNext('sync', 'EIO')
      await expect(file.sync()).rejects.toMatchObject({ code: 'EIO' })
      await file.sync()
      disk.powerCut()
      survivors.add((await disk.files.readFile('/a'))[0] ?? 0)
    }
    expect([...survivors].sort()).toEqual([1, 2])
  })

  test('refuses positions that are none', async () => {
    const { files } = new SimulatedDisk({ seed: 1 })
    const file = await files.open('/a', 'create')
    for (const position of [-1, 0.5, Number.NaN]) {
      await expect(file.write(filled(1, 1), position)).rejects.toMatchObject({ code: 'EINVAL' })
      await expect(file.read(filled(1, 1), position)).rejects.toMatchObject({ code: 'EINVAL' })
      await expect(file.truncate(position)).rejects.toMatchObject({ code: 'EINVAL' })
    }
  })
})
