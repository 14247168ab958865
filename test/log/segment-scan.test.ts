import { describe, expect, test } from 'vitest'
import { encodeCommitFrame, encodeMarkFrame } from '../../lib/log/frame.js'
import type { ScanEnd } from '../../lib/log/frame-reader.js'
import { createSegment, type Segment } from '../../lib/log/segment.js'
import { logCorrupt, provesDamage, scanSegment } from '../../lib/log/segment-scan.js'
import type { OpenFile } from '../../lib/runtime/files.js'
import { memoryFiles } from '../../lib/runtime/memory-files.js'
import { IDENTITY, type SampleCommit, sampleCommit, sampleCommits, tell, tellAll } from './sample-log.js'

const CHUNK_BYTES = 1024 * 1024

/** A segment that holds the given bytes after its header. */
async function segmentOf(parts: readonly Uint8Array[], firstSeq = 1) {
  const { segment, file } = await createSegment(memoryFiles(), '.', IDENTITY, firstSeq, 0)
  await file.write(Buffer.concat(parts), segment.dataStart)
  return { segment, file, end: await file.size() }
}

async function scanAll(
  file: OpenFile,
  segment: Segment,
  end: number,
): Promise<{ found: string[]; ends: number[]; stop: ScanEnd }> {
  const found: string[] = []
  const ends: number[] = []
  const scan = scanSegment(file, segment, end)
  for (;;) {
    const step = await scan.next()
    if (step.done) return { found, ends, stop: step.value }
    found.push(tell(step.value.frame))
    ends.push(step.value.end)
  }
}

describe('scanSegment', () => {
  test('gives the commits in order and passes over marks', async () => {
    const commits = sampleCommits([1, 3, 2])
    const [first, second, third] = commits.map(({ frame }) => frame) as [Uint8Array, Uint8Array, Uint8Array]
    const mark = encodeMarkFrame(1)
    const { segment, file, end } = await segmentOf([first, mark, second, mark, mark, third])
    const { found, ends, stop } = await scanAll(file, segment, end)
    expect(found).toEqual(tellAll(commits))
    const start = segment.dataStart
    const afterSecond = start + first.length + mark.length + second.length
    expect(ends).toEqual([start + first.length, afterSecond, end])
    expect(stop).toEqual({ kind: 'end', offset: end })
  })

  test('reads frames that end at, before and after the edge of a chunk', async () => {
    const probe = sampleCommit(1, 1, 1_000).frame.length - 1_000
    for (let shift = -12; shift <= 12; shift++) {
      const first = sampleCommit(1, 1, CHUNK_BYTES - probe - 3 + shift)
      const rest = sampleCommits([1, 1], 16, 2)
      const commits = [first, ...rest]
      const { segment, file, end } = await segmentOf(commits.map(({ frame }) => frame))
      const { found, stop } = await scanAll(file, segment, end)
      expect(found, `shift ${shift}`).toEqual(tellAll(commits))
      expect(stop).toEqual({ kind: 'end', offset: end })
    }
  })

  test('reads commits of several chunks', async () => {
    const commits = [
      sampleCommit(1),
      sampleCommit(2, 3, 1_500_000),
      sampleCommit(5, 1, 3_000_000),
      sampleCommit(6),
    ]
    const { segment, file, end } = await segmentOf(commits.map(({ frame }) => frame))
    const { found, stop } = await scanAll(file, segment, end)
    expect(found).toEqual(tellAll(commits))
    expect(stop).toEqual({ kind: 'end', offset: end })
  })

  test('ends where zeros begin, however many', async () => {
    const { frame } = sampleCommit(1)
    for (const zeros of [0, 1, 3, 4, 7, 8, 9, 4_096, CHUNK_BYTES + 5]) {
      const { segment, file, end } = await segmentOf([frame, new Uint8Array(zeros)])
      const { found, stop } = await scanAll(file, segment, end)
      expect(found).toEqual(tellAll([{ frame }]))
      expect(stop, `${zeros} zeros`).toEqual({ kind: 'end', offset: segment.dataStart + frame.length })
    }
  })

  test('stops before a gap, a repetition and a commit that counts wrongly', async () => {
    const first = sampleCommit(1, 2)
    const wrongCount = encodeCommitFrame({ epoch: 1, originId: 'n', firstSeq: 3, count: 2, operations: [{}] })
    for (const next of [sampleCommit(4).frame, sampleCommit(2).frame, first.frame, wrongCount]) {
      const { segment, file, end } = await segmentOf([first.frame, next])
      const { found, stop } = await scanAll(file, segment, end)
      expect(found).toEqual(tellAll([first]))
      expect(stop).toMatchObject({ kind: 'damaged', offset: segment.dataStart + first.frame.length })
    }
  })

  test('stops at a frame that is cut short or damaged, saying where', async () => {
    const [first, second] = sampleCommits([1, 1]) as [SampleCommit, SampleCommit]
    const { segment, file, end } = await segmentOf([first.frame, second.frame])
    const offset = segment.dataStart + first.frame.length
    for (let cut = offset + 1; cut < end; cut++) {
      const { found, stop } = await scanAll(file, segment, cut)
      expect(found).toEqual(tellAll([first]))
      expect(stop).toEqual({ kind: 'damaged', offset, reason: 'the last frame is cut short' })
    }
    await file.write(Uint8Array.of(0xff), end - 1)
    expect((await scanAll(file, segment, end)).stop).toEqual({
      kind: 'damaged',
      offset,
      reason: 'a frame checksum does not match',
    })
  })

  test('a file shorter than its known content is damaged', async () => {
    const { frame } = sampleCommit(1)
    const { segment, file, end } = await segmentOf([frame])
    expect((await scanAll(file, segment, end + 10)).stop).toEqual({
      kind: 'damaged',
      offset: segment.dataStart,
      reason: 'the file is shorter than it should be',
    })
  })

  test('a frame with a valid checksum that is no commit is LOG_CORRUPT', async () => {
    const broken = encodeCommitFrame({ $unknowns: [Uint8Array.of(0x0a, 0x7f)] })
    const { segment, file, end } = await segmentOf([broken])
    await expect(scanAll(file, segment, end)).rejects.toMatchObject({
      code: 'LOG_CORRUPT',
      details: { path: segment.path, offset: segment.dataStart },
      cause: expect.any(Error),
    })
  })
})

describe('provesDamage', () => {
  test('only a whole mark of the missing operation or a later one proves it', async () => {
    const torn = sampleCommit(3).frame.subarray(0, 30)
    const cases: [Uint8Array[], boolean][] = [
      [[torn], false],
      [[torn, encodeMarkFrame(2)], false],
      [[torn, encodeMarkFrame(3)], true],
      [[torn, sampleCommit(4).frame, encodeMarkFrame(400), sampleCommit(5).frame], true],
      [[torn, encodeMarkFrame(400).subarray(0, 9)], false],
      [[], false],
      [[encodeMarkFrame(3)], true],
    ]
    for (const [parts, proof] of cases) {
      const { segment, file } = await segmentOf(parts, 3)
      expect(await provesDamage(file, segment.dataStart, 3)).toBe(proof)
    }
  })

  test('looks through many megabytes of vectors that look like the beginnings of marks', async () => {
    const vectors = new Uint8Array(12 * CHUNK_BYTES).fill(0x80)
    const { segment, file } = await segmentOf([vectors, encodeMarkFrame(9)])
    expect(await provesDamage(file, segment.dataStart, 9)).toBe(true)
    expect(await provesDamage(file, segment.dataStart, 10)).toBe(false)
  })
})

describe('logCorrupt', () => {
  test('says where, why and what to do', () => {
    const error = logCorrupt('d/0000000000000001.log', 77, 'a frame checksum does not match')
    expect(error).toMatchObject({
      code: 'LOG_CORRUPT',
      details: { path: 'd/0000000000000001.log', offset: 77, reason: 'a frame checksum does not match' },
    })
    expect(error.message).toBe(
      'The operation log is damaged in d/0000000000000001.log at byte 77: a frame checksum does not match. ' +
        'Nothing was changed. Restore the store from a backup.',
    )
  })
})
