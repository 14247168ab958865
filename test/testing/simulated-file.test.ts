import { describe, expect, test } from 'vitest'
import { SeededRandom } from '../../lib/testing/seeded-random.js'
import { pageBytes, SimulatedFile } from '../../lib/testing/simulated-file.js'

function content(file: SimulatedFile): Uint8Array {
  const bytes = new Uint8Array(file.size)
  expect(file.read(bytes, 0)).toBe(file.size)
  return bytes
}

function synced(bytes: Uint8Array): SimulatedFile {
  const file = new SimulatedFile()
  file.write(bytes, 0)
  file.commit(file.capture())
  return file
}

const filled = (length: number, value: number) => new Uint8Array(length).fill(value)
const seeds = Array.from({ length: 60 }, (_, i) => i)

describe('SimulatedFile', () => {
  test('an unsynced page is lost, kept, or torn at a sector boundary', () => {
    const fates = new Set<string>()
    for (const seed of seeds) {
      const file = synced(filled(pageBytes, 1))
      file.write(filled(pageBytes, 2), 0)
      file.cutPower(new SeededRandom(seed))
      const left = content(file)
      const cut = left.findIndex((byte) => byte !== left[0])
      if (cut < 0) {
        fates.add(left[0] === 1 ? 'lost' : 'kept')
        continue
      }
      fates.add(left[0] === 1 ? 'torn, new tail' : 'torn, new head')
      expect(cut % 512, `seed ${seed}`).toBe(0)
      expect(new Set(left.subarray(cut)).size, `seed ${seed}`).toBe(1)
    }
    expect([...fates].sort()).toEqual(['kept', 'lost', 'torn, new head', 'torn, new tail'])
  })

  test('an unsynced growth is lost, kept or partial, and what is missing reads as zeros', () => {
    const sizes = new Set<number>()
    for (const seed of seeds) {
      const file = synced(filled(100, 1))
      file.write(filled(9_900, 2), 100)
      file.cutPower(new SeededRandom(seed))
      sizes.add(file.size)
      const left = content(file)
      expect(left.subarray(0, 100), `seed ${seed}`).toEqual(filled(100, 1))
      for (const byte of left.subarray(100)) expect(byte === 0 || byte === 2, `seed ${seed}`).toBe(true)
      file.truncate(100)
      file.truncate(10_000)
      expect(content(file).subarray(100), `seed ${seed}`).toEqual(new Uint8Array(9_900))
    }
    expect(sizes.has(100) && sizes.has(10_000)).toBe(true)
    expect(sizes.size).toBeGreaterThan(5)
  })

  test('an unsynced truncation is done or undone', () => {
    const sizes = new Set<number>()
    for (const seed of seeds) {
      const file = synced(filled(10_000, 1))
      file.truncate(50)
      file.cutPower(new SeededRandom(seed))
      sizes.add(file.size)
      expect(content(file).subarray(0, 50)).toEqual(filled(50, 1))
      file.truncate(10_000)
      file.cutPower(new SeededRandom(seed))
    }
    expect([...sizes].sort()).toEqual([10_000, 50])
  })

  test('bytes cut off by a truncation never come back', () => {
    for (const seed of seeds) {
      const file = synced(filled(100, 1))
      file.truncate(50)
      file.commit(file.capture())
      file.cutPower(new SeededRandom(seed))
      file.truncate(100)
      expect(content(file)).toEqual(Uint8Array.of(...filled(50, 1), ...filled(50, 0)))
    }
  })

  test('a sync covers what was written before it, not what is written while it runs', () => {
    const undone = new Set<number>()
    for (const seed of seeds) {
      const file = synced(filled(8, 1))
      file.write(filled(8, 2), 0)
      const capture = file.capture()
      file.write(filled(8, 3), 0)
      file.commit(capture)
      file.cutPower(new SeededRandom(seed))
      undone.add(content(file)[0] ?? 0)
    }
    expect([...undone].sort()).toEqual([2, 3])
  })

  test('of overlapping syncs an older one that ends last does not undo a newer one', () => {
    for (const seed of seeds) {
      const file = new SimulatedFile()
      file.write(filled(8, 1), 0)
      const older = file.capture()
      file.write(filled(16, 2), 0)
      const newer = file.capture()
      file.commit(newer)
      file.commit(older)
      file.cutPower(new SeededRandom(seed))
      expect(content(file)).toEqual(filled(16, 2))
    }
  })

  test('a failed sync leaves pages clean that may not be durable, and the next sync does not help', () => {
    const survivors = new Set<number>()
    for (const seed of seeds) {
      const random = new SeededRandom(seed)
      const file = synced(filled(pageBytes, 1))
      file.write(filled(pageBytes, 2), 0)
      file.dropCapture(file.capture(), random)
      expect(content(file)[0]).toBe(2)
      expect(file.capture().pages.size).toBe(0)
      file.commit(file.capture())
      file.cutPower(random)
      survivors.add(content(file)[0] ?? 0)
    }
    expect([...survivors].sort()).toEqual([1, 2])
  })

  test('damage hits both versions', () => {
    const file = synced(filled(5_000, 0))
    file.flipBit(4_500, 3)
    expect(content(file)[4_500]).toBe(8)
    file.cutShort(4_600)
    file.cutPower(new SeededRandom(1))
    expect(file.size).toBe(4_600)
    expect(content(file).findIndex((byte) => byte !== 0)).toBe(4_500)
  })

  test('counts what fits into the space left, in pages', () => {
    const file = synced(filled(pageBytes, 1))
    expect(file.fits(0, pageBytes, 0)).toBe(pageBytes)
    expect(file.fits(100, 3 * pageBytes, 0)).toBe(pageBytes - 100)
    expect(file.fits(100, 3 * pageBytes, 2 * pageBytes - 1)).toBe(2 * pageBytes - 100)
    expect(file.fits(100, 3 * pageBytes, Number.POSITIVE_INFINITY)).toBe(3 * pageBytes)
  })
})
