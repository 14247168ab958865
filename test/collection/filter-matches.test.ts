import { describe, expect, test } from 'vitest'
import { findMatches } from '../../lib/collection/filter-matches.js'
import { RecordLookup } from '../../lib/collection/record-lookup.js'
import { parseFilter } from '../../lib/filter/parse.js'
import { SeededRandom } from '../../lib/testing/seeded-random.js'
import { LayeredState } from './layered-state.js'

type Contents = ReadonlyMap<string, { readonly colour: string; readonly size: number }>

const FILTERS = [
  {},
  { colour: 'red' },
  { colour: { $in: ['red', 'blue'] }, size: { $gte: 3 } },
  { size: { $lt: 4 } },
  { $or: [{ colour: 'green' }, { size: 9 }] },
  { colour: { $ne: 'red' } },
]

async function idsOf(layers: LayeredState, view: ReturnType<LayeredState['pin']>, filter: object) {
  const { numbers } = await findMatches(layers.state, view, parseFilter(filter), layers.clock, undefined)
  const lookup = new RecordLookup(layers.state, view)
  return numbers
    .toArray()
    .map((number) => lookup.byNumber(number)?.id ?? `none at ${number}`)
    .sort()
}

function expectedIds(contents: Contents): string[][] {
  const matches: ((record: { colour: string; size: number }) => boolean)[] = [
    () => true,
    ({ colour }) => colour === 'red',
    ({ colour, size }) => ['red', 'blue'].includes(colour) && size >= 3,
    ({ size }) => size < 4,
    ({ colour, size }) => colour === 'green' || size === 9,
    ({ colour }) => colour !== 'red',
  ]
  return matches.map((match) =>
    [...contents]
      .filter(([, record]) => match(record))
      .map(([id]) => id)
      .sort(),
  )
}

describe('filter matches', () => {
  test.each([
    ['no index', []],
    ['an index on one field', ['colour']],
    ['all fields indexed', ['colour', 'size']],
  ])('are those of the view, wherever its records lie: %s', async (name, indexed) => {
    const random = new SeededRandom(`matches ${name}`)
    const layers = await LayeredState.open(indexed)
    const contents = new Map<string, { colour: string; size: number }>()
    for (let step = 0; step < 400; step++) {
      const id = `id${random.int(40)}`
      const record = { colour: random.pick(['red', 'green', 'blue']), size: random.int(10) }
      const old = contents.get(id)
      if (old && random.chance(0.3)) {
        layers.remove(id)
        contents.delete(id)
      } else if (old && random.chance(0.5)) {
        layers.patch(id, { size: record.size })
        contents.set(id, { ...old, size: record.size })
      } else {
        layers.put(id, step, record)
        contents.set(id, record)
      }
      if (step % 40 === 39) {
        const view = layers.pin()
        const before = expectedIds(contents)
        layers.put('later', 0, { colour: 'red', size: 1 })
        layers.remove('later')
        for (const [index, filter] of FILTERS.entries()) {
          expect(await idsOf(layers, view, filter)).toEqual(before[index])
        }
        view.release()
      }
      if (random.chance(0.1)) await layers.apply(random.chance(0.3))
    }
  })

  test('evaluate what the overlay touched, and of the rest only what no index vouches for', async () => {
    const layers = await LayeredState.open(['colour'])
    for (let i = 0; i < 20; i++) layers.put(`id${i}`, i, { colour: i < 5 ? 'red' : 'blue', size: i })
    await layers.apply()
    layers.put('new', 0, { colour: 'red', size: 1 })
    const evaluatedFor = async (filter: object) => {
      const view = layers.pin()
      return (await findMatches(layers.state, view, parseFilter(filter), layers.clock, undefined)).evaluated
    }
    expect(await evaluatedFor({ colour: 'red' })).toBe(1)
    expect(await evaluatedFor({ colour: 'red', size: { $gt: 2 } })).toBe(6)
    expect(await evaluatedFor({ size: { $gt: 2 } })).toBe(21)
  })
})
