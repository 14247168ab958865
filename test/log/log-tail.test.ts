import { describe, expect, test } from 'vitest'
import { FRAME_HEADER_BYTES, readFrame } from '../../lib/log/frame.js'
import type { OpLog } from '../../lib/log/op-log.js'
import { segmentName } from '../../lib/log/segment.js'
import type { Files } from '../../lib/runtime/files.js'
import { memoryFiles } from '../../lib/runtime/memory-files.js'
import { SimulatedDisk } from '../../lib/testing/simulated-disk.js'
import {
  append,
  contents,
  openLog,
  type SampleCommit,
  sampleCommit,
  sampleCommits,
  tellAll,
} from './sample-log.js'

const DIRECTORY = 'log'
const PATH = `log/${segmentName(1)}`

/** Files that hold one segment with the given bytes. */
async function filesWith(bytes: Uint8Array): Promise<Files> {
  const files = memoryFiles()
  await files.makeDirectory(DIRECTORY)
  const file = await files.open(PATH, 'create')
  await file.write(bytes, 0)
  await file.close()
  return files
}

/** Three groups of one, two and three commits, each synced, and the process died; and where each frame begins. */
async function deadLog() {
  const files = memoryFiles()
  const log = await openLog({ files, directory: DIRECTORY })
  const dataStart = log.bytes
  const groups = [sampleCommits([1]), sampleCommits([3, 1], 16, 2), sampleCommits([1, 2, 1], 16, 6)]
  const ends = [dataStart]
  for (const group of groups) {
    await append(log, group)
    ends.push(log.bytes)
  }
  const image = await files.readFile(PATH)
  const frames: { start: number; end: number; commit: SampleCommit | undefined }[] = []
  const commits = groups.flat()
  for (let start = dataStart; start < log.bytes; ) {
    const reading = readFrame(image, start) as Extract<ReturnType<typeof readFrame>, { kind: 'frame' }>
    const number = frames.filter((frame) => frame.commit).length
    frames.push({ start, end: reading.end, commit: reading.mark ? undefined : commits[number] })
    start = reading.end
  }
  expect(frames.map(({ commit }) => commit !== undefined)).toEqual([
    true,
    false,
    true,
    true,
    false,
    true,
    true,
    true,
  ])
  const [, , lastGroup, end] = ends as [number, number, number, number]
  await log.abandon()
  return { image, frames, commits, dataStart, lastGroup, end }
}

/** The commits of the whole frames before `offset`. */
function wholeBefore(frames: Awaited<ReturnType<typeof deadLog>>['frames'], offset: number): string[] {
  return tellAll(frames.filter(({ end }) => end <= offset).flatMap(({ commit }) => commit ?? []))
}

/** Opens, reads, writes one more commit, dies, opens and reads again. */
async function expectUsable(files: Files, expected: string[], label: string): Promise<void> {
  const log: OpLog = await openLog({ files, directory: DIRECTORY })
  expect(await contents(log), label).toEqual(expected)
  const next = sampleCommit(log.head.seq + 1, 2)
  await append(log, [next])
  await log.abandon()
  const again = await openLog({ files, directory: DIRECTORY })
  expect(await contents(again), label).toEqual([...expected, ...tellAll([next])])
  expect(again.head).toEqual({ epoch: 1, seq: next.lastSeq })
  await again.abandon()
}

describe('the tail of a log whose process died', () => {
  test('is all there when nothing was lost', async () => {
    const { image, commits } = await deadLog()
    await expectUsable(await filesWith(image), tellAll(commits), 'whole')
  })

  test('cut at any byte of the last group opens with the whole commits before', async () => {
    const { image, frames, lastGroup, end } = await deadLog()
    for (let offset = lastGroup; offset < end; offset++) {
      const files = await filesWith(image.subarray(0, offset))
      await expectUsable(files, wholeBefore(frames, offset), `cut at ${offset}`)
    }
  })

  test('zero from any byte of the last group on opens with the whole commits before', async () => {
    const { image, frames, lastGroup, end } = await deadLog()
    for (let offset = lastGroup; offset < end; offset++) {
      const files = await filesWith(image.slice(0, end + 4_096).fill(0, offset))
      await expectUsable(files, wholeBefore(frames, offset), `zero from ${offset}`)
    }
  })

  test('with a flipped bit in the last group opens with the commits before the damaged frame', async () => {
    const { image, frames, lastGroup, end } = await deadLog()
    for (let offset = lastGroup; offset < end; offset++) {
      const damaged = Uint8Array.from(image)
      damaged[offset] = (damaged[offset] as number) ^ (1 << (offset % 8))
      await expectUsable(await filesWith(damaged), wholeBefore(frames, offset), `flip at ${offset}`)
    }
  })

  test('damaged before a mark that vouches for it is LOG_CORRUPT, saying where, and stays untouched', async () => {
    const { image, frames, dataStart, lastGroup } = await deadLog()
    for (let offset = dataStart; offset < lastGroup; offset++) {
      const { start } = frames.find(({ end }) => end > offset) as { start: number }
      const flipped = Uint8Array.from(image)
      flipped[offset] = (flipped[offset] as number) ^ (1 << (offset % 8))
      const zeroed = Uint8Array.from(image).fill(0, start, offset + 1)
      for (const damaged of [flipped, zeroed]) {
        const files = await filesWith(damaged)
        await expect(openLog({ files, directory: DIRECTORY }), `byte ${offset}`).rejects.toMatchObject({
          code: 'LOG_CORRUPT',
          details: { path: PATH, offset: start },
        })
        expect(Buffer.compare(await files.readFile(PATH), damaged)).toBe(0)
      }
    }
  })

  test('shorter than what the record store holds durably is LOG_CORRUPT', async () => {
    const { image, frames, commits, dataStart, end } = await deadLog()
    const lastSeq = (commits.at(-1) as SampleCommit).lastSeq
    for (let offset = dataStart; offset < end; offset += 7) {
      const files = await filesWith(image.subarray(0, offset))
      await expect(
        openLog({ files, directory: DIRECTORY, durableSeq: lastSeq }),
        `cut at ${offset}`,
      ).rejects.toMatchObject({ code: 'LOG_CORRUPT', details: { path: PATH } })
      const kept = frames.filter((frame) => frame.end <= offset).flatMap(({ commit }) => commit ?? [])
      const log = await openLog({ files, directory: DIRECTORY, durableSeq: kept.at(-1)?.lastSeq ?? 0 })
      expect(await contents(log)).toEqual(tellAll(kept))
    }
  })

  test('of one commit longer than a chunk is cut off as a whole', async () => {
    const files = memoryFiles()
    const log = await openLog({ files, directory: DIRECTORY })
    await append(log, [sampleCommit(1)])
    const start = log.bytes
    await append(log, [sampleCommit(2, 2, 1_200_000)])
    const image = await files.readFile(PATH)
    for (const length of [1, FRAME_HEADER_BYTES, 1_000, 1_048_576, 2_000_000, log.bytes - start - 1]) {
      const torn = await filesWith(image.subarray(0, start + length))
      await expectUsable(torn, tellAll([sampleCommit(1)]), `${length} bytes of it`)
      const zeroed = await filesWith(Uint8Array.from(image).fill(0, start + length))
      await expectUsable(zeroed, tellAll([sampleCommit(1)]), `${length} bytes of it and zeros`)
    }
  })

  test('damage to what an earlier opening found is proved by the first write after it', async () => {
    const files = memoryFiles()
    const log = await openLog({ files, directory: DIRECTORY })
    const start = log.bytes
    await append(log, [sampleCommit(1)])
    await log.close()
    const second = await openLog({ files, directory: DIRECTORY })
    await append(second, [sampleCommit(2)])
    await second.abandon()
    const image = await files.readFile(PATH)
    image[start + 20] = (image[start + 20] as number) ^ 1
    await expect(openLog({ files: await filesWith(image), directory: DIRECTORY })).rejects.toMatchObject({
      code: 'LOG_CORRUPT',
      details: { path: PATH, offset: start },
    })
  })
})

describe('the tail of a log whose sync failed', () => {
  test('is safe once it was recovered, though the disk takes it for written', async () => {
    const groups = sampleCommits([1, 60, 1], 200)
    for (let seed = 0; seed < 40; seed++) {
      const disk = new SimulatedDisk({ seed })
      const first = await openLog({ files: disk.files, directory: DIRECTORY })
      await append(first, groups.slice(0, 1))
      // The write stays, because it cannot be taken back either.
      disk.failNext('sync', 'EIO')
      disk.failNext('truncate', 'EIO')
      await expect(append(first, groups.slice(1, 2))).rejects.toMatchObject({ code: 'STORAGE_FAILED' })
      disk.crash()
      const second = await openLog({ files: disk.files, directory: DIRECTORY })
      expect(await contents(second)).toEqual(tellAll(groups.slice(0, 2)))
      await append(second, groups.slice(2))
      disk.powerCut()
      const third = await openLog({ files: disk.files, directory: DIRECTORY })
      expect(await contents(third), `seed ${seed}`).toEqual(tellAll(groups))
    }
  })
})

describe('the tail of a log that was closed in order', () => {
  async function closedLog() {
    const files = memoryFiles()
    const log = await openLog({ files, directory: DIRECTORY, segmentBytes: 200 })
    const commits = sampleCommits([1, 2, 3, 1, 1, 2])
    for (const commit of commits) await append(log, [commit])
    await log.close()
    const names = (await files.list(DIRECTORY)).filter((name) => name.endsWith('.log'))
    expect(names.length).toBeGreaterThanOrEqual(3)
    return { files, commits, paths: names.map((name) => `${DIRECTORY}/${name}`) }
  }
  const reopen = (files: Files, durableSeq = 0) =>
    openLog({ files, directory: DIRECTORY, segmentBytes: 200, durableSeq })

  test('opens as it was, and may then end in a torn write again', async () => {
    const { files, commits } = await closedLog()
    const log = await reopen(files, 10)
    expect(await contents(log)).toEqual(tellAll(commits))
    expect(log.head).toEqual({ epoch: 1, seq: 10 })
    await append(log, [sampleCommit(11)])
    await log.abandon()
    expect(await files.list(DIRECTORY)).not.toContain('clean-close.json')
    const again = await reopen(files)
    expect(await contents(again)).toEqual(tellAll([...commits, sampleCommit(11)]))
  })

  test('with any file cut at any byte is LOG_CORRUPT, naming the file', async () => {
    const { files, commits, paths } = await closedLog()
    for (const path of paths) {
      const size = (await files.stat(path))?.size as number
      for (let offset = size - 1; offset >= 0; offset--) {
        const file = await files.open(path, 'write')
        const whole = await files.readFile(path)
        await file.truncate(offset)
        await expect(reopen(files), `${path} at ${offset}`).rejects.toMatchObject({
          code: 'LOG_CORRUPT',
          details: { path },
        })
        await file.write(whole, 0)
      }
    }
    expect(await contents(await reopen(files))).toEqual(tellAll(commits))
  })

  test('with any file grown, even by zeros, is LOG_CORRUPT', async () => {
    const { files, paths } = await closedLog()
    for (const path of paths) {
      const size = (await files.stat(path))?.size as number
      const file = await files.open(path, 'write')
      for (const bytes of [Uint8Array.of(0), sampleCommit(11).frame]) {
        await file.write(bytes, size)
        await expect(reopen(files), path).rejects.toMatchObject({ code: 'LOG_CORRUPT', details: { path } })
        await file.truncate(size)
      }
    }
  })

  test('with any segment missing, or one more, is LOG_CORRUPT', async () => {
    for (const index of [0, 1, 2, -1]) {
      const { files, paths } = await closedLog()
      const path = paths.at(index) as string
      await files.remove(path)
      await expect(reopen(files), path).rejects.toMatchObject({ code: 'LOG_CORRUPT', details: { path } })
    }
    const all = await closedLog()
    for (const path of all.paths) await all.files.remove(path)
    await expect(reopen(all.files)).rejects.toMatchObject({
      code: 'LOG_CORRUPT',
      details: { path: DIRECTORY },
    })
    const more = await closedLog()
    const extra = `${DIRECTORY}/${segmentName(11)}`
    await more.files.link(more.paths.at(-1) as string, extra)
    await expect(reopen(more.files)).rejects.toMatchObject({ code: 'LOG_CORRUPT', details: { path: extra } })
  })

  test('before what the record store holds durably is LOG_CORRUPT', async () => {
    const { files, paths } = await closedLog()
    await expect(reopen(files, 11)).rejects.toMatchObject({
      code: 'LOG_CORRUPT',
      details: { path: paths.at(-1) },
    })
  })
})
