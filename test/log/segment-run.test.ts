import { describe, expect, test } from 'vitest'
import { createSegment } from '../../lib/log/segment.js'
import { readSegmentRun, type SegmentRun } from '../../lib/log/segment-run.js'
import { SimulatedDisk } from '../../lib/testing/simulated-disk.js'
import { IDENTITY, type SampleCommit, sampleCommits, tellAll, tellRead } from './sample-log.js'

/** Segments of one, two and three commits, at operations 1, 3 and 7. */
async function threeSegments(oldestSeq = () => 1) {
  const disk = new SimulatedDisk({ seed: 'run' })
  const { files } = disk
  const parts = [sampleCommits([2]), sampleCommits([3, 1], 16, 3), sampleCommits([1, 1, 2], 16, 7)]
  const segments = []
  let newestEnd = 0
  for (const part of parts) {
    const { segment, file } = await createSegment(files, '', IDENTITY, (part[0] as SampleCommit).firstSeq, 0)
    const bytes = Buffer.concat(part.map(({ frame }) => frame))
    await file.write(bytes, segment.dataStart)
    await file.close()
    segments.push(segment)
    newestEnd = segment.dataStart + bytes.length
  }
  const run: SegmentRun = {
    files,
    segments,
    newestEnd,
    headSeq: 10,
    oldestSeq,
    historyId: IDENTITY.historyId,
  }
  const paths = segments.map(({ path }) => path) as [string, string, string]
  return { disk, run, commits: parts.flat(), paths }
}

describe('readSegmentRun', () => {
  test('opens only the segments it needs, one at a time', async () => {
    const { disk, run, commits, paths } = await threeSegments()
    for (const [fromSeq, opened] of [
      [1, paths],
      [2, paths],
      [3, paths.slice(1)],
      [6, paths.slice(1)],
      [7, paths.slice(2)],
      [10, paths.slice(2)],
    ] as const) {
      const events: string[] = []
      disk.beforeOperation = ({ operation, path }) =>
        /open|close/.test(operation) && events.push(`${operation} ${path}`)
      const expected = commits.filter(({ lastSeq }) => lastSeq >= fromSeq)
      expect(await tellRead(readSegmentRun(run, fromSeq))).toEqual(tellAll(expected))
      expect(events).toEqual(opened.flatMap((path) => [`open ${path}`, `close ${path}`]))
    }
  })

  test('ends with what was known of the newest segment, whatever was written since', async () => {
    const { run, commits, paths } = await threeSegments()
    const file = await run.files.open(paths[2], 'write')
    await file.write(sampleCommits([1], 16, 11)[0]?.frame as Uint8Array, run.newestEnd)
    expect(await tellRead(readSegmentRun(run, 9))).toEqual(tellAll(commits.slice(-1)))
  })

  test('below its beginning is POSITION_LOST', async () => {
    const { run } = await threeSegments()
    await expect(tellRead(readSegmentRun(run, 0))).rejects.toMatchObject({
      code: 'POSITION_LOST',
      details: { oldestSeq: 1, fromSeq: 0 },
    })
  })

  test('tells a segment that was trimmed meanwhile from one that is missing', async () => {
    let oldestSeq = 1
    const { run, paths } = await threeSegments(() => oldestSeq)
    await run.files.remove(paths[1])
    await expect(tellRead(readSegmentRun(run, 1))).rejects.toMatchObject({
      code: 'LOG_CORRUPT',
      details: { path: paths[1], offset: 0 },
    })
    oldestSeq = 7
    await expect(tellRead(readSegmentRun(run, 1))).rejects.toMatchObject({
      code: 'POSITION_LOST',
      details: { oldestSeq: 7, fromSeq: 3 },
    })
  })

  test('a segment of another history is LOG_CORRUPT', async () => {
    const { run, paths } = await threeSegments()
    await run.files.remove(paths[1])
    const { file } = await createSegment(run.files, '', { ...IDENTITY, historyId: 'history-2' }, 3, 0)
    await file.close()
    await expect(tellRead(readSegmentRun(run, 1))).rejects.toMatchObject({
      code: 'LOG_CORRUPT',
      details: { path: paths[1], reason: 'it belongs to another history' },
    })
  })

  test('gives the commits before damage, then says where it is', async () => {
    for (const index of [0, 1, 2] as const) {
      const { disk, run, commits, paths } = await threeSegments()
      const offset = run.segments[index]?.dataStart as number
      disk.flipBit(paths[index], offset + 9)
      const found: SampleCommit[] = []
      const reading = (async () => {
        for await (const commit of readSegmentRun(run, 1)) found.push(commit)
      })()
      await expect(reading).rejects.toMatchObject({
        code: 'LOG_CORRUPT',
        details: { path: paths[index], offset },
      })
      const firstSeq = run.segments[index]?.firstSeq as number
      expect(tellAll(found)).toEqual(tellAll(commits.filter(({ lastSeq }) => lastSeq < firstSeq)))
    }
  })

  test('a segment that ends too early, or in zeros, is LOG_CORRUPT', async () => {
    for (const left of ['nothing', 'zeros'] as const) {
      const { run, paths } = await threeSegments()
      const file = await run.files.open(paths[1], 'write')
      const { size } = (await run.files.stat(paths[1])) as { size: number }
      const lastFrame = sampleCommits([1], 16, 6)[0]?.frame.length as number
      await file.truncate(size - lastFrame)
      await file.truncate(left === 'zeros' ? size : size - lastFrame)
      await expect(tellRead(readSegmentRun(run, 1)), left).rejects.toMatchObject({
        code: 'LOG_CORRUPT',
        details: { path: paths[1], offset: size - lastFrame, reason: 'operations are missing' },
      })
    }
  })

  test.each(['open', 'read', 'size'] as const)(
    'a disk that fails to %s is STORAGE_FAILED',
    async (operation) => {
      const { disk, run, paths } = await threeSegments()
      const closed: string[] = []
      disk.beforeOperation = (event) => event.operation === 'close' && closed.push(event.path)
      disk.failNext(operation, 'EIO')
      await expect(tellRead(readSegmentRun(run, 1))).rejects.toMatchObject({
        code: 'STORAGE_FAILED',
        cause: { code: 'EIO' },
        details: { path: paths[0], reason: 'EIO' },
      })
      expect(closed).toEqual(operation === 'open' ? [] : [paths[0]])
    },
  )

  test('a reader that stops early closes its file', async () => {
    const { disk, run, paths } = await threeSegments()
    const closed: string[] = []
    disk.beforeOperation = (event) => event.operation === 'close' && closed.push(event.path)
    for await (const { firstSeq } of readSegmentRun(run, 3)) {
      expect(firstSeq).toBe(3)
      break
    }
    expect(closed).toEqual([paths[1]])
  })
})
