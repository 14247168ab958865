import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { END_MARKER, FrameReader, headerOf } from '../../lib/transport/frame-reader.js'

const frames = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 })
const cuts = fc.array(fc.nat(), { maxLength: 30 })

/** What a reader makes of a stream that arrives in pieces. */
function read(stream: Uint8Array, cutsAt: readonly number[]): { frames: Uint8Array[]; ends: number } {
  const found: Uint8Array[] = []
  let ends = 0
  const reader = new FrameReader(300, {
    take: (frame) => found.push(frame),
    ended: () => {
      ends += 1
    },
  })
  const places = cutsAt.map((at) => at % (stream.byteLength + 1)).sort((a, b) => a - b)
  for (const [i, from] of [0, ...places].entries())
    reader.read(stream.slice(from, places[i] ?? stream.byteLength))
  return { frames: found, ends }
}

const streamOf = (sent: readonly Uint8Array[]): Buffer =>
  Buffer.concat(sent.flatMap((frame) => [headerOf(frame.byteLength), frame]))

test('frames are the same however the stream is cut', () => {
  fc.assert(
    fc.property(frames, cuts, (sent, cutsAt) => {
      const stream = Buffer.concat([streamOf(sent), headerOf(END_MARKER)])
      const { frames: found, ends } = read(stream, cutsAt)
      expect(found).toEqual(sent)
      expect(ends).toBe(1)
    }),
  )
})

test('a stream that stops anywhere gives the whole frames before that', () => {
  fc.assert(
    fc.property(frames, cuts, fc.nat(), (sent, cutsAt, length) => {
      const stream = streamOf(sent)
      const part = stream.subarray(0, length % (stream.byteLength + 1))
      const { frames: found, ends } = read(part, cutsAt)
      expect(found).toEqual(sent.slice(0, found.length))
      const next = sent[found.length]
      const rest = part.byteLength - streamOf(found).byteLength
      expect(rest).toBeLessThan(next ? 4 + next.byteLength : 1)
      expect(ends).toBe(0)
    }),
  )
})
