import { describe, expect, test } from 'vitest'
import { Version, type VersionContent, Versions } from '../../lib/collection/versions.js'
import { SeededRandom } from '../../lib/testing/seeded-random.js'

function version(content: Partial<VersionContent> & { id: string; number: number; seq: number }): Version {
  const rest = { alive: true, replaces: false, isNew: false, vector: undefined, vectorSeq: 0, metadata: '{}' }
  return new Version({ ...rest, ...content })
}

describe('versions', () => {
  test('show each instant the newest version up to it', () => {
    const versions = new Versions()
    const [first, second, third] = [3, 5, 9].map((seq) => version({ id: 'a', number: 1, seq })) as Version[]
    for (const added of [first, second, third])
      versions.add(added as Version, versions.newest((added as Version).id))
    expect([2, 3, 4, 5, 8, 9, 99].map((seq) => versions.at('a', seq))).toEqual([
      undefined,
      first,
      first,
      second,
      second,
      third,
      third,
    ])
    expect([2, 4, 9].map((seq) => versions.ofNumber(1, seq))).toEqual([undefined, first, third])
    expect([versions.newest('a'), versions.newest('b'), versions.at('b', 9)]).toEqual([
      third,
      undefined,
      undefined,
    ])
    expect(versions.size).toBe(1)
  })

  test('keep the numbers of a deleted and reinserted id apart', () => {
    const versions = new Versions()
    const old = version({ id: 'a', number: 1, seq: 3 })
    const gone = version({ id: 'a', number: 1, seq: 5, alive: false })
    const back = version({ id: 'a', number: 2, seq: 7 })
    for (const added of [old, gone, back]) versions.add(added, versions.newest(added.id))
    expect([4, 6, 8].map((seq) => versions.ofNumber(1, seq))).toEqual([old, gone, gone])
    expect([4, 6, 8].map((seq) => versions.ofNumber(2, seq))).toEqual([undefined, undefined, back])
    versions.drop(old)
    expect([4, 6].map((seq) => versions.ofNumber(1, seq))).toEqual([undefined, gone])
    versions.drop(gone)
    expect([versions.ofNumber(1, 9), versions.ofNumber(2, 9), versions.newest('a')]).toEqual([
      undefined,
      back,
      back,
    ])
    expect(back.older).toBeUndefined()
    versions.drop(back)
    expect([versions.size, versions.ofNumber(2, 9)]).toEqual([0, undefined])
  })

  test('forget the oldest first and never what is newer, whatever comes in between', () => {
    const random = new SeededRandom('versions')
    const versions = new Versions()
    let kept: Version[] = []
    const numbers = new Map<string, number>()
    for (let seq = 1; seq < 600; seq++) {
      const id = `id${random.int(6)}`
      const number = numbers.get(id)
      const alive = number === undefined || random.chance(0.7)
      const added = version({ id, number: number ?? seq, seq, alive })
      if (alive) numbers.set(id, added.number)
      else numbers.delete(id)
      versions.add(added, versions.newest(added.id))
      kept.push(added)
      for (const dropped of kept.splice(0, random.int(3))) versions.drop(dropped)
      const at = seq - random.int(20)
      const newest = new Map<string, Version>()
      for (const one of kept) if (one.seq <= at) newest.set(one.id, one)
      for (const one of kept) {
        expect(versions.at(one.id, at)).toBe(newest.get(one.id))
        const ofNumber = kept.findLast(({ number: of, seq: since }) => of === one.number && since <= at)
        expect(versions.ofNumber(one.number, at)).toBe(ofNumber)
      }
      expect([...versions.visible(at)].map((one) => one.seq).sort((a, b) => a - b)).toEqual(
        [...newest.values()].map((one) => one.seq).sort((a, b) => a - b),
      )
    }
    for (const dropped of kept) versions.drop(dropped)
    kept = []
    expect([versions.size, [...versions.visible(1_000)]]).toEqual([0, []])
  })

  test('count the vector where it was written, not where it is carried along', () => {
    const vector = new Float32Array(100)
    const written = version({ id: 'a', number: 1, seq: 3, vector, vectorSeq: 3, metadata: 'xx' })
    const carried = version({ id: 'a', number: 1, seq: 4, vector, vectorSeq: 3, metadata: 'xxxx' })
    expect(written.bytes - carried.bytes).toBe(400 - 2)
  })
})
