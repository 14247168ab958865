import { describe, expect, test } from 'vitest'
import { decodeCommit, encodeCommitFrame, FRAME_HEADER_BYTES } from '../../lib/log/frame.js'
import type { Catalogue } from '../../lib/store/catalogue.js'
import { checkReceived } from '../../lib/store/received-commit.js'

/** Knows a collection for every number, of as many dimensions. */
const CATALOGUE = {
  knows: () => true,
  state: (dimensions: number) => ({ dimensions }),
} as unknown as Catalogue

describe('the vectors of a commit from another node', () => {
  test.each([
    ['of one collection', [64]],
    ['of several, in turns', [64, 128, 1_000]],
  ])('%s are copied as they are, into little more memory than they take', (_, widths) => {
    const puts = Array.from({ length: 300 }, (_, at) => {
      const collection = widths[at % widths.length] as number
      const vector = Float32Array.from({ length: collection }, (_, component) => at + component / 7)
      return { collection, id: `id-${at}`, vector: new Uint8Array(vector.buffer), metadata: '{}' }
    })
    const operations = puts.map((put) => ({ put }))
    const commit = { epoch: 1, originId: 'n', firstSeq: 1, count: puts.length, committedAtMs: 1, operations }
    // At no alignment that a vector could be read at.
    const frame = Buffer.concat([Buffer.alloc(1), encodeCommitFrame(commit)]).subarray(1)
    const vectors = checkReceived(CATALOGUE, decodeCommit(frame.subarray(FRAME_HEADER_BYTES)))
    expect(vectors.map((vector) => [...(vector as Float32Array)])).toEqual(
      puts.map(({ vector }) => [...new Float32Array(vector.buffer)]),
    )
    const memory = new Set(vectors.map((vector) => (vector as Float32Array).buffer))
    const taken = [...memory].reduce((sum, { byteLength }) => sum + byteLength, 0)
    const needed = puts.reduce((sum, { vector }) => sum + vector.byteLength, 0)
    expect(taken).toBeLessThan(widths.length * needed + 64 * 1024)
  })
})
