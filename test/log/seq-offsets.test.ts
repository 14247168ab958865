import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SeqOffsets } from '../../lib/log/seq-offsets.js'
import { sampleCommits } from './sample-log.js'

const SPACING_BYTES = 256 * 1024

describe('the places of commits', () => {
  test('are kept no closer than need be, and found from any operation on', () => {
    const offsets = new SeqOffsets()
    for (let seq = 1; seq <= 1_000; seq++) offsets.note(seq, 100 + 1_000 * seq)
    for (let seq = 1; seq <= 1_000; seq++) {
      const place = offsets.before(seq)
      const skipped = 100 + 1_000 * seq - (place?.offset ?? 0)
      expect(skipped).toBeLessThanOrEqual(SPACING_BYTES + 1_000)
      expect(place?.firstSeq ?? 0).toBeLessThanOrEqual(seq)
      if (place) expect(place.offset).toBe(100 + 1_000 * place.firstSeq)
    }
    expect(offsets.before(262)).toEqual(undefined)
    expect(offsets.before(263)).toEqual({ firstSeq: 263, offset: 263_100 })
  })

  test('are the same in whatever order they were met', () => {
    const seqs = fc.uniqueArray(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 200 })
    fc.assert(
      fc.property(seqs, fc.integer({ min: 0, max: 400 }), (order, wanted) => {
        const offsets = new SeqOffsets()
        for (const seq of order) offsets.note(seq, 50_000 * seq)
        const place = offsets.before(wanted)
        if (place) {
          expect(place.offset).toBe(50_000 * place.firstSeq)
          expect(order).toContain(place.firstSeq)
          expect(place.firstSeq).toBeLessThanOrEqual(wanted)
        }
        // Whatever was met was kept, or something near it; the beginning of the segment is always known.
        const kept = [0, ...Array.from({ length: 400 }, (_, seq) => offsets.before(seq + 1)?.offset ?? 0)]
        for (const seq of order) {
          const distances = kept.map((offset) => Math.abs(50_000 * seq - offset))
          expect(Math.min(...distances)).toBeLessThan(SPACING_BYTES)
        }
      }),
      { examples: [[[12, 11, 1], 11]] },
    )
  })

  test('of a segment without end become fewer, not more', () => {
    const offsets = new SeqOffsets()
    for (let seq = 1; seq <= 5_000; seq++) offsets.note(seq, seq * SPACING_BYTES)
    const places = new Set(Array.from({ length: 5_000 }, (_, seq) => offsets.before(seq + 1)?.firstSeq))
    expect(places.size).toBeGreaterThan(500)
    expect(places.size).toBeLessThanOrEqual(1_025)
    for (let seq = 100; seq <= 5_000; seq++) {
      expect(seq - (offsets.before(seq)?.firstSeq as number)).toBeLessThan(16)
    }
  })

  test('of a group that was just written are told by its frames', () => {
    const offsets = new SeqOffsets()
    const commits = sampleCommits(new Array(20).fill(2), 50_000)
    offsets.noteFrames(
      commits.map(({ frame }) => frame),
      1_000,
    )
    let at = 1_000
    for (const { firstSeq, frame } of commits) {
      const place = offsets.before(firstSeq)
      expect(at - (place?.offset ?? 0)).toBeLessThan(SPACING_BYTES + frame.length)
      at += frame.length
    }
    const before = commits.slice(0, 18).reduce((sum, { frame }) => sum + frame.length, 1_000)
    expect(offsets.before(40)).toEqual({ firstSeq: 37, offset: before })
  })
})
