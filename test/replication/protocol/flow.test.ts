import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  NONE_IN_FLIGHT,
  rateOf,
  sendableAtMs,
  spend,
  withApplied,
  withSent,
} from '../../../lib/replication/protocol/flow.js'

describe('what is in flight', () => {
  const sent = withSent(withSent(withSent(NONE_IN_FLIGHT, 3, 100), 5, 50), 9, 10)

  test('is what was sent', () => {
    expect(NONE_IN_FLIGHT).toEqual({ bytes: 0, batches: [] })
    expect(sent).toEqual({
      bytes: 160,
      batches: [
        { lastSeq: 3, bytes: 100 },
        { lastSeq: 5, bytes: 50 },
        { lastSeq: 9, bytes: 10 },
      ],
    })
  })

  test('without the batches that were applied to their end', () => {
    expect(withApplied(sent, 2)).toBe(sent)
    expect(withApplied(sent, 3).bytes).toBe(60)
    expect(withApplied(sent, 8)).toEqual({ bytes: 10, batches: [{ lastSeq: 9, bytes: 10 }] })
    expect(withApplied(sent, 100)).toEqual({ bytes: 0, batches: [] })
  })

  test('always is the sum of its batches', () => {
    const step = fc.oneof(
      fc.record({ operations: fc.integer({ min: 1, max: 5 }), bytes: fc.nat(100) }),
      fc.nat(60),
    )
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        let inFlight = NONE_IN_FLIGHT
        let lastSeq = 0
        for (const taken of steps) {
          if (typeof taken === 'number') {
            inFlight = withApplied(inFlight, taken)
          } else {
            lastSeq += taken.operations
            inFlight = withSent(inFlight, lastSeq, taken.bytes)
          }
          expect(inFlight.bytes).toBe(inFlight.batches.reduce((sum, { bytes }) => sum + bytes, 0))
        }
      }),
    )
  })
})

describe('a limit of bytes a second', () => {
  const never = Number.NEGATIVE_INFINITY

  test('that there is not lets everything pass', () => {
    expect(rateOf(undefined, 5)).toBeUndefined()
    expect(spend(undefined, 1_000_000, 5)).toBeUndefined()
    expect(sendableAtMs(undefined)).toBe(never)
  })

  test('lets one send pass at once and the next when that is paid for', () => {
    const fresh = rateOf(1_000, 100)
    expect(sendableAtMs(fresh)).toBe(never)
    const spent = spend(fresh, 500, 100)
    expect(sendableAtMs(spent)).toBe(600)
    expect(sendableAtMs(spend(spent, 0, 400))).toBe(600)
    expect(sendableAtMs(spend(spent, 0, 600))).toBe(never)
    expect(sendableAtMs(spend(spent, 200, 600))).toBe(800)
  })

  test('saves up no more than a tenth of a second', () => {
    const rested = spend(spend(rateOf(1_000, 0), 10, 0), 0, 3_600_000)
    expect(rested?.bytes).toBe(100)
    expect(sendableAtMs(spend(rested, 100, 3_600_000))).toBe(never)
    expect(sendableAtMs(spend(rested, 101, 3_600_000))).toBe(3_600_001)
  })

  test('holds over any time, but for one send and what was saved up', () => {
    const sends = fc.array(fc.record({ bytes: fc.nat(2_000), laterMs: fc.nat(500) }), { minLength: 1 })
    fc.assert(
      fc.property(sends, (wanted) => {
        let rate = rateOf(1_000, 0)
        let nowMs = 0
        let total = 0
        for (const { bytes, laterMs } of wanted) {
          nowMs += laterMs
          if (sendableAtMs(rate) > nowMs) continue
          rate = spend(rate, bytes, nowMs)
          total += bytes
          expect(total).toBeLessThanOrEqual(nowMs + 2_000 + 100)
        }
      }),
    )
  })
})
