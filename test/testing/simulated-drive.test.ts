import { describe, expect, test } from 'vitest'
import { SimulatedDisk } from '../../lib/testing/simulated-disk.js'

const filled = (length: number, value: number) => new Uint8Array(length).fill(value)

describe('SimulatedDrive', () => {
  test('delays change the order of effects with the seed, and only with it', async () => {
    const order = async (seed: number) => {
      const disk = new SimulatedDisk({ seed })
      disk.delayYieldsMax = 4
      const ended: number[] = []
      await Promise.all(
        Array.from({ length: 6 }, async (_, i) => {
          await disk.files.makeDirectory(`/${i}`)
          ended.push(i)
        }),
      )
      return ended.join('')
    }
    const orders = []
    for (let seed = 0; seed < 10; seed++) orders.push(await order(seed))
    for (let seed = 0; seed < 10; seed++) expect(await order(seed)).toBe(orders[seed])
    expect(new Set(orders).size).toBeGreaterThan(5)
  })

  test('an operation in flight at a crash took effect or not, and its promise rejects with EIO', async () => {
    const outcomes = new Set<string>()
    for (let seed = 0; seed < 40; seed++) {
      const disk = new SimulatedDisk({ seed })
      disk.delayYieldsMax = 2
      const pending = disk.files.makeDirectory('/a').then(
        () => 'acknowledged',
        (error: { code: string }) => error.code,
      )
      await new Promise(setImmediate)
      disk.crash()
      outcomes.add(`${await pending}, ${(await disk.files.stat('/a')) ? 'there' : 'not there'}`)
    }
    expect([...outcomes].sort()).toEqual(['EIO, not there', 'EIO, there', 'acknowledged, there'])
  })

  test('a write in flight at a crash leaves a beginning of its bytes', async () => {
    const sizes = new Set<number>()
    for (let seed = 0; seed < 20; seed++) {
      const disk = new SimulatedDisk({ seed })
      const file = await disk.files.open('/a', 'create')
      disk.delayYieldsMax = 50
      const pending = expect(file.write(filled(1000, 1), 0)).rejects.toMatchObject({ code: 'EIO' })
      disk.crash()
      await pending
      const left = await disk.files.readFile('/a')
      sizes.add(left.byteLength)
      expect(left).toEqual(filled(left.byteLength, 1))
    }
    expect(sizes.size).toBeGreaterThan(10)
  })

  test('nothing of an old boot reaches the disk', async () => {
    const disk = new SimulatedDisk({ seed: 1 })
    const old = disk.files
    const file = await old.open('/a', 'create')
    disk.crash()
    expect(disk.files).not.toBe(old)
    await expect(file.write(filled(1, 1), 0)).rejects.toMatchObject({ code: 'EBADF' })
    expect(() => file.writeNow(filled(1, 1), 0)).toThrow(expect.objectContaining({ code: 'EBADF' }))
    await expect(file.sync()).rejects.toMatchObject({ code: 'EBADF' })
    await expect(file.close()).rejects.toMatchObject({ code: 'EBADF' })
    await expect(old.open('/b', 'create')).rejects.toMatchObject({ code: 'EIO' })
    await expect(old.makeDirectory('/d')).rejects.toMatchObject({ code: 'EIO' })
    await expect(old.syncDirectory('/')).rejects.toMatchObject({ code: 'EIO' })
    expect(await disk.files.list('/')).toEqual(['a'])
    expect(await disk.files.stat('/a')).toEqual({ kind: 'file', size: 0 })
  })
})
