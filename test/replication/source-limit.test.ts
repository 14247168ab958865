import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { SourceLimit } from '../../lib/replication/source-limit.js'
import { SimulatedClock } from '../../lib/testing/simulated-clock.js'

const MINUTE_MS = 60_000
const SOURCES_MAX = 4_096

let clock: SimulatedClock
beforeEach(() => {
  clock = new SimulatedClock()
})

const limited = (perMinute = 3, lockoutMs = 300_000) => new SourceLimit(clock, { perMinute, lockoutMs })
/** What `failed` says of so many failures in a row. */
const failing = (limit: SourceLimit, source: string, times: number) =>
  Array.from({ length: times }, () => limit.count(source))
const others = (limit: SourceLimit, count: number) => {
  for (let at = 0; at < count; at++) limit.count(`other ${at}`)
}

describe('a source', () => {
  test('that was never heard of is not locked out, and asking does not count', () => {
    const limit = limited(1)
    expect(Array.from({ length: 10 }, () => limit.isOut('a'))).toEqual(Array<boolean>(10).fill(false))
  })

  test('is locked out by the failure that makes as many as the limit, and not before', () => {
    const limit = limited(3)
    const seen = Array.from({ length: 3 }, () => [limit.count('a'), limit.isOut('a')])
    expect(seen).toEqual([
      [false, false],
      [false, false],
      [true, true],
    ])
  })

  test('is locked out by its first failure where one is the limit', () => {
    const limit = limited(1)
    expect([limit.count('a'), limit.isOut('a')]).toEqual([true, true])
  })

  test('does not answer for another', () => {
    const limit = limited(3)
    expect(failing(limit, 'a', 2)).toEqual([false, false])
    expect(failing(limit, 'b', 3)).toEqual([false, false, true])
    expect(['a', 'b', 'c', '', '__proto__'].filter((source) => limit.isOut(source))).toEqual(['b'])
    expect(limit.count('a')).toBe(true)
  })

  test.each(['', '__proto__', 'constructor', '2001:db8:0:0::/64'])('may have the name %j', (source) => {
    const limit = limited(2)
    expect(failing(limit, source, 2)).toEqual([false, true])
    expect([limit.isOut(source), limit.isOut('toString')]).toEqual([true, false])
  })
})

describe('a minute', () => {
  test('is as long as failures count together', async () => {
    const limit = limited(3)
    failing(limit, 'a', 2)
    await clock.advance(MINUTE_MS - 1)
    expect(limit.count('a')).toBe(true)
  })

  test('after the first failure, counting begins anew', async () => {
    const limit = limited(3)
    failing(limit, 'a', 2)
    await clock.advance(MINUTE_MS)
    expect(failing(limit, 'a', 3)).toEqual([false, false, true])
  })

  test('does not begin anew with every failure: who fails slowly enough is never locked out', async () => {
    const limit = limited(3)
    const seen: boolean[] = []
    for (let minute = 0; minute < 20; minute++) {
      seen.push(limit.count('a'), limit.isOut('a'))
      await clock.advance(MINUTE_MS / 2)
    }
    expect(seen).toEqual(Array<boolean>(40).fill(false))
  })

  test('is one of the steady clock: setting the time of day changes nothing', async () => {
    const limit = limited(3, 10_000)
    failing(limit, 'a', 2)
    clock.jumpWall(10 * MINUTE_MS)
    expect(limit.count('a')).toBe(true)
    clock.jumpWall(-30 * MINUTE_MS)
    await clock.advance(9_999)
    expect(limit.isOut('a')).toBe(true)
    clock.jumpWall(30 * MINUTE_MS)
    expect(limit.isOut('a')).toBe(true)
    await clock.advance(1)
    expect(limit.isOut('a')).toBe(false)
  })
})

describe('a lockout', () => {
  test.each([1, 10_000, 300_000, 1e9])(
    'of %i ms is over after them, to the millisecond',
    async (lockoutMs) => {
      await clock.advance(123)
      const limit = limited(2, lockoutMs)
      failing(limit, 'a', 2)
      await clock.advance(lockoutMs - 1)
      expect(limit.isOut('a')).toBe(true)
      await clock.advance(1)
      expect(limit.isOut('a')).toBe(false)
    },
  )

  test('is not made longer by failures during it, which are told as no lockout of their own', async () => {
    const limit = limited(2, 10_000)
    failing(limit, 'a', 2)
    await clock.advance(6_000)
    expect(failing(limit, 'a', 20)).toEqual(Array<boolean>(20).fill(false))
    await clock.advance(3_999)
    expect(limit.isOut('a')).toBe(true)
    await clock.advance(1)
    expect(limit.isOut('a')).toBe(false)
  })

  test.each([10_000, MINUTE_MS, 300_000])(
    'of %i ms leaves nothing: what failed before it, or during it, does not count',
    async (lockoutMs) => {
      const limit = limited(3, lockoutMs)
      failing(limit, 'a', 5)
      await clock.advance(lockoutMs)
      expect(failing(limit, 'a', 2)).toEqual([false, false])
      expect(limit.isOut('a')).toBe(false)
      expect(limit.count('a')).toBe(true)
      await clock.advance(lockoutMs - 1)
      expect(limit.isOut('a')).toBe(true)
    },
  )

  test('that follows another one at once begins with a minute of its own', async () => {
    const limit = limited(3, 10_000)
    failing(limit, 'a', 3)
    await clock.advance(55_000)
    expect(failing(limit, 'a', 2)).toEqual([false, false])
    await clock.advance(59_999)
    expect(limit.count('a')).toBe(true)
  })
})

describe('of many sources', () => {
  test('as many are remembered as there is room for', () => {
    const limit = limited(2)
    limit.count('first')
    others(limit, SOURCES_MAX - 1)
    expect(limit.count('first')).toBe(true)
  })

  test('one more, and the one that failed longest ago is forgotten, no other', () => {
    const limit = limited(2)
    limit.count('first')
    limit.count('second')
    others(limit, SOURCES_MAX - 1)
    expect(limit.count('second')).toBe(true)
    expect(failing(limit, 'first', 2)).toEqual([false, true])
  })

  test('one that failed again is the newest', () => {
    const limit = limited(3)
    limit.count('first')
    limit.count('second')
    limit.count('first')
    others(limit, SOURCES_MAX - 1)
    expect(limit.count('first')).toBe(true)
    expect(failing(limit, 'second', 2)).toEqual([false, false])
  })

  test('a lockout holds as long as the source is remembered', () => {
    const limit = limited(2)
    failing(limit, 'first', 2)
    others(limit, SOURCES_MAX - 1)
    expect(limit.isOut('first')).toBe(true)
  })

  test('failing again and again takes no room from others', () => {
    const limit = limited(2)
    limit.count('first')
    failing(limit, 'noisy', 3 * SOURCES_MAX)
    expect(limit.count('first')).toBe(true)
  })
})

test('whenever and whoever fails: a lockout is told once, has its length, and takes as many failures as the limit', async () => {
  const step = fc.record({ source: fc.constantFrom('a', 'b', 'c'), afterMs: fc.nat(20_000) })
  const options = fc.record({
    perMinute: fc.integer({ min: 1, max: 4 }),
    lockoutMs: fc.integer({ min: 1, max: 90_000 }),
  })
  await fc.assert(
    fc.asyncProperty(options, fc.array(step, { maxLength: 40 }), async (given, steps) => {
      const time = new SimulatedClock()
      const limit = new SourceLimit(time, given)
      const freeAtMs: Record<string, number> = { a: 0, b: 0, c: 0 }
      const counted: Record<string, number[]> = { a: [], b: [], c: [] }
      for (const { source, afterMs } of steps) {
        await time.advance(afterMs)
        const nowMs = time.monotonic()
        const wasLocked = nowMs < (freeAtMs[source] as number)
        expect(limit.isOut(source)).toBe(wasLocked)
        const isNew = limit.count(source)
        const failures = counted[source] as number[]
        failures.push(...(wasLocked ? [] : [nowMs]))
        const recent = failures.filter((atMs) => nowMs - atMs < MINUTE_MS).length
        // Fewer in the last minute are never too many; as many since the first one that counts always are.
        expect(isNew && (wasLocked || recent < given.perMinute)).toBe(false)
        const isOfOneMinute = recent === failures.length && recent >= given.perMinute
        expect(isNew || wasLocked || !isOfOneMinute).toBe(true)
        freeAtMs[source] = isNew ? nowMs + given.lockoutMs : (freeAtMs[source] as number)
        counted[source] = isNew ? [] : failures
        expect(limit.isOut(source)).toBe(nowMs < freeAtMs[source])
      }
    }),
    { numRuns: 150 },
  )
})

test('a lockout is not cleared by many others that fail after it, and the minute slides', async () => {
  const clock = new SimulatedClock()
  const limit = new SourceLimit(clock, { perMinute: 3, lockoutMs: 300_000 })
  for (let count = 0; count < 3; count++) limit.count('thief')
  for (let other = 0; other < 2 * SOURCES_MAX; other++) limit.count(`other ${other}`)
  expect(limit.isOut('thief')).toBe(true)
  expect(limit.count('slow')).toBe(false)
  await clock.advance(59_000)
  expect(limit.count('slow')).toBe(false)
  await clock.advance(1_000)
  expect(limit.count('slow')).toBe(false)
  await clock.advance(1_000)
  expect(limit.count('slow')).toBe(true)
})
