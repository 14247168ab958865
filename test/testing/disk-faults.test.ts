import { describe, expect, test } from 'vitest'
import { DiskFaults, type DiskOperation } from '../../lib/testing/disk-faults.js'
import { SeededRandom } from '../../lib/testing/seeded-random.js'

const ask = (faults: DiskFaults, operation: DiskOperation, count: number) =>
  Array.from({ length: count }, () => faults.next(operation))

describe('DiskFaults', () => {
  test('a planned fault hits one operation of its kind, after as many as asked', () => {
    const faults = new DiskFaults(new SeededRandom(1))
    faults.plan('write', 'EIO', 2)
    faults.plan('sync', 'ENOSPC', 0)
    expect(ask(faults, 'write', 2)).toEqual([undefined, undefined])
    expect(ask(faults, 'sync', 2)).toEqual(['ENOSPC', undefined])
    expect(ask(faults, 'write', 3)).toEqual(['EIO', undefined, undefined])
  })

  test('two faults planned for the same operation count separately', () => {
    const faults = new DiskFaults(new SeededRandom(1))
    faults.plan('write', 'EIO', 1)
    faults.plan('write', 'ENOSPC', 3)
    expect(ask(faults, 'write', 5)).toEqual([undefined, 'EIO', undefined, 'ENOSPC', undefined])
  })

  test('a probability is for all kinds, or by kind', () => {
    const faults = new DiskFaults(new SeededRandom(1))
    faults.probability = 1
    expect(ask(faults, 'read', 2)).toEqual(['EIO', 'EIO'])
    faults.probability = { sync: 0.5 }
    expect(ask(faults, 'read', 50)).toEqual(new Array(50).fill(undefined))
    const syncs = ask(faults, 'sync', 400).filter((code) => code === 'EIO').length
    expect(Math.abs(syncs - 200)).toBeLessThan(50)
  })
})
