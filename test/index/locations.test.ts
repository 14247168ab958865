import { expect, test } from 'vitest'
import { Locations } from '../../lib/index/locations.js'
import { SeededRandom } from '../../lib/testing/seeded-random.js'

test('finds each record where it was put last, and nowhere once it is deleted', () => {
  const random = new SeededRandom('locations')
  const locations = new Locations()
  const model = new Map<number, [rows: number, ordinal: number]>()
  for (let step = 0; step < 3_000; step++) {
    const number = random.int(random.pick([10, 300, 5_000]))
    if (random.chance(0.3)) {
      locations.delete(number)
      model.delete(number)
    } else {
      const place: [number, number] = [1 + random.int(9), random.int(2 ** 32)]
      locations.set(number, ...place)
      model.set(number, place)
    }
  }
  for (let number = 0; number < 6_000; number++) {
    expect([number, locations.rowsOf(number)]).toEqual([number, model.get(number)?.[0] ?? 0])
  }
  for (const [number, [, ordinal]] of model) expect(locations.ordinalOf(number)).toBe(ordinal)
  expect(locations.bytes).toBeLessThan(8 * 2 * 5_000)
})
