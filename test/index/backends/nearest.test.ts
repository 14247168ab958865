import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Nearest } from '../../../lib/index/backends/nearest.js'

test('keeps what a sort by distance and then ordinal puts first, in whatever order rows come', () => {
  // Few distinct distances, so that ties are the rule.
  const rows = fc
    .uniqueArray(fc.nat(500), { maxLength: 60 })
    .chain((ordinals) =>
      fc.tuple(
        fc.constant(ordinals),
        fc.array(fc.integer({ min: -3, max: 3 }), { minLength: ordinals.length, maxLength: ordinals.length }),
      ),
    )
  fc.assert(
    fc.property(rows, fc.integer({ min: 1, max: 70 }), ([ordinals, distances], capacity) => {
      const nearest = new Nearest(capacity)
      const offered = ordinals.map((ordinal, i) => ({ ordinal, distance: distances[i] as number }))
      for (const { ordinal, distance } of offered) nearest.offer(distance, ordinal)
      const expected = offered
        .sort((a, b) => a.distance - b.distance || a.ordinal - b.ordinal)
        .slice(0, capacity)
      expect(nearest.bound).toBe(
        expected.length < capacity ? Number.POSITIVE_INFINITY : expected.at(-1)?.distance,
      )
      const taken = nearest.take()
      expect([...taken.ordinals]).toEqual(expected.map(({ ordinal }) => ordinal))
      expect([...taken.distances]).toEqual(expected.map(({ distance }) => distance))
      expect(nearest.take().ordinals.length).toBe(0)
      expect(nearest.bound).toBe(Number.POSITIVE_INFINITY)
    }),
  )
})

test('keeps its bound when it starts again, and takes rows up to it', () => {
  const nearest = new Nearest(2)
  nearest.restart()
  expect(nearest.bound).toBe(Number.POSITIVE_INFINITY)
  for (const [ordinal, distance] of [5, 3, 4].entries()) nearest.offer(distance, ordinal)
  nearest.restart()
  expect(nearest.bound).toBe(4)
  for (const [ordinal, distance] of [5, 3, 4, 1].entries()) nearest.offer(distance, ordinal)
  expect(nearest.bound).toBe(3)
  expect([...nearest.take().ordinals]).toEqual([3, 1])
  expect(nearest.bound).toBe(Number.POSITIVE_INFINITY)
})
