import { expect, test } from 'vitest'
import {
  addCounts,
  compressionStats,
  noCompression,
} from '../../../lib/replication/compression/compression-stats.js'

test('before anything was compressed the ratio is 1', () => {
  expect(compressionStats(noCompression())).toEqual({
    ...{ codec: null, level: null, plainBytes: 0, packedBytes: 0, ratio: 1, skipped: 0 },
  })
})

test('the ratio is of the bytes before over those after', () => {
  const counts = { plainBytes: 900, packedBytes: 300, skipped: 4 }
  expect(compressionStats(counts, 'lz4', 1)).toEqual({ ...counts, codec: 'lz4', level: 1, ratio: 3 })
  expect(compressionStats(counts, 'lz4').level).toBeNull()
})

test('counts add up, and no count is shared', () => {
  const sum = noCompression()
  addCounts(sum, { plainBytes: 10, packedBytes: 4, skipped: 1 })
  addCounts(sum, { plainBytes: 20, packedBytes: 6, skipped: 2 })
  expect(sum).toEqual({ plainBytes: 30, packedBytes: 10, skipped: 3 })
  expect(noCompression()).toEqual({ plainBytes: 0, packedBytes: 0, skipped: 0 })
})
