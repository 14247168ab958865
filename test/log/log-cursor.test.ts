import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { encodeCommitFrame } from '../../lib/log/frame.js'
import { LogCursor } from '../../lib/log/log-cursor.js'
import type { LogRun } from '../../lib/log/log-run.js'
import type { OpLog } from '../../lib/log/op-log.js'
import { segmentName } from '../../lib/log/segment.js'
import { nodeFiles } from '../../lib/runtime/node-files.js'
import { SimulatedDisk } from '../../lib/testing/simulated-disk.js'
import { withTemporaryDirectory } from '../../lib/testing/temporary-directory.js'
import { countedFiles } from './counted-files.js'
import {
  append,
  IDENTITY,
  KeepingCursor,
  openLog,
  type SampleCommit,
  sampleCommit,
  sampleCommits,
} from './sample-log.js'

const KB = 1_024
const ALL = { bytes: Number.POSITIVE_INFINITY, operations: Number.POSITIVE_INFINITY }

function onDisk(seed: string, segmentBytes = 600) {
  const disk = new SimulatedDisk({ seed })
  return { disk, open: () => openLog({ files: disk.files, directory: '/log', segmentBytes }) }
}

function bytesOf(commits: readonly SampleCommit[]): Buffer {
  return Buffer.concat(commits.map(({ frame }) => frame))
}

/** Everything that a cursor has to give now, as runs. */
async function drained(cursor: LogCursor, limits = ALL): Promise<LogRun[]> {
  const runs: LogRun[] = []
  for (;;) {
    const run = await cursor.next(limits)
    if (!run) return runs
    expect(run.firstSeq).toBe((runs.at(-1)?.lastSeq ?? run.firstSeq - 1) + 1)
    runs.push(run)
  }
}

/** That runs are exactly the given commits. */
function expectRuns(runs: readonly LogRun[], commits: readonly SampleCommit[], label?: string): void {
  const frames = Buffer.concat(runs.map((run) => run.frames))
  expect(Buffer.compare(frames, bytesOf(commits)), label).toBe(0)
  const counts = runs.map(({ firstSeq, lastSeq, head, commits, operations }) => {
    expect([head.seq, operations]).toEqual([lastSeq, lastSeq - firstSeq + 1])
    return commits
  })
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(commits.length)
  expect(runs[0]?.firstSeq).toBe(commits[0]?.firstSeq)
  expect(runs.at(-1)?.lastSeq).toBe(commits.at(-1)?.lastSeq)
}

async function appendAll(log: OpLog, commits: readonly SampleCommit[]): Promise<void> {
  for (const commit of commits) await append(log, [commit], commit.firstSeq % 3 !== 0)
}

describe('LogCursor', () => {
  test('gives the bytes of the log from any operation on, on real files', () =>
    withTemporaryDirectory(async (directory) => {
      const open = () =>
        openLog({ files: nodeFiles, directory: join(directory, 'log'), segmentBytes: 40_000 })
      const commits = sampleCommits([1, 40, 2, 3, 80, 1, 5, 200, 1, 1, 400, 2], 60)
      const log = await open()
      await appendAll(log, commits)
      for (const source of [log, await log.close().then(open)]) {
        for (const fromSeq of [1, 2, 41, 42, 43, 127, 128, 333, 334, 735, 736]) {
          const cursor = new KeepingCursor(source, fromSeq)
          const runs = await drained(cursor, { bytes: 30_000, operations: 100 })
          expectRuns(
            runs,
            commits.filter(({ lastSeq }) => lastSeq >= fromSeq),
            `from ${fromSeq}`,
          )
          await cursor.close()
        }
        if (source !== log) await source.close()
      }
    }))

  test('says where and when the first and the last commit were made', async () => {
    const { open } = onDisk('when', 1_000_000)
    const log = await open()
    const commits = [7, 8, 9].map((epoch, index) => {
      const operations = [{ delete: { collection: 1, id: 'a' } }, { delete: { collection: 1, id: 'b' } }]
      const firstSeq = 1 + 2 * index
      const head = { epoch, originId: 'other', firstSeq, count: 2, committedAtMs: 5_000 * epoch }
      return encodeCommitFrame({ ...head, operations })
    })
    await log.append(commits, { epoch: 9, seq: 6 }, 'on a thread')
    const runs = await drained(new KeepingCursor(log, 2), { bytes: ALL.bytes, operations: 4 })
    expect(runs).toEqual(
      [
        {
          ...{ firstSeq: 1, lastSeq: 4, head: { epoch: 8, seq: 4 }, commits: 2, operations: 4 },
          ...{ firstCommittedAtMs: 35_000, lastCommittedAtMs: 40_000 },
          frames: new Uint8Array(Buffer.concat(commits.slice(0, 2))),
        },
        {
          ...{ firstSeq: 5, lastSeq: 6, head: { epoch: 9, seq: 6 }, commits: 1, operations: 2 },
          ...{ firstCommittedAtMs: 45_000, lastCommittedAtMs: 45_000 },
          frames: new Uint8Array(commits[2] as Uint8Array),
        },
      ].map((run) => ({ ...run, frames: expect.anything() })),
    )
    expect(runs.map(({ frames }) => Buffer.from(frames).toString('hex'))).toEqual([
      Buffer.concat(commits.slice(0, 2)).toString('hex'),
      Buffer.from(commits[2] as Uint8Array).toString('hex'),
    ])
  })

  test('gives as many commits as fit, and at least one', async () => {
    const { open } = onDisk('limits', 1_000_000)
    const log = await open()
    const commits = sampleCommits([1, 1, 1, 3, 1, 1])
    await append(log, commits)
    const sizes = commits.map(({ frame }) => frame.length) as [number, number, number]
    const counted = async (limits: { bytes: number; operations: number }) => {
      const runs = await drained(new KeepingCursor(log, 1), limits)
      expectRuns(runs, commits)
      return runs.map((run) => run.commits)
    }
    expect(await counted(ALL)).toEqual([6])
    expect(await counted({ ...ALL, operations: 0 })).toEqual([1, 1, 1, 1, 1, 1])
    expect(await counted({ ...ALL, operations: 2 })).toEqual([2, 1, 1, 2])
    expect(await counted({ ...ALL, operations: 5 })).toEqual([3, 3])
    expect(await counted({ ...ALL, bytes: 1 })).toEqual([1, 1, 1, 1, 1, 1])
    expect(await counted({ ...ALL, bytes: sizes[0] + sizes[1] - 1 })).toEqual([1, 1, 1, 1, 1, 1])
    expect(await counted({ ...ALL, bytes: sizes[0] + sizes[1] })).toEqual([2, 1, 1, 2])
  })

  test('goes on where it was when there is more, also in other segments and epochs', async () => {
    const { disk, open } = onDisk('goes on')
    const log = await open()
    const cursor = new KeepingCursor(log, 1)
    expect(await cursor.next(ALL)).toBeUndefined()
    const commits = sampleCommits(Array.from({ length: 40 }, (_, index) => 1 + (index % 3)))
    for (const [index, commit] of commits.entries()) {
      if (index % 4 === 1) {
        const row = { epoch: index + 2, nodeId: 'node-1', firstSeq: commit.firstSeq }
        await log.changeIdentity({ ...IDENTITY, epochs: [...IDENTITY.epochs, row] })
      }
      await append(log, [commit], index % 2 === 0)
      expectRuns(await drained(cursor), [commit])
      const before = disk.operations
      expect(await cursor.next(ALL)).toBeUndefined()
      expect(disk.operations).toBe(before)
    }
    await cursor.close()
  })

  test('reads no byte twice, and one begun ahead waits for its operation', async () => {
    const count = { bytes: 0, largest: 0 }
    const files = countedFiles(new SimulatedDisk({ seed: 'twice' }).files, count)
    const log = await openLog({ files, directory: '/log' })
    const commits = sampleCommits(new Array(50).fill(2), 500)
    const [cursor, ahead] = [new KeepingCursor(log, 1), new KeepingCursor(log, 90)]
    for (const commit of commits) {
      await append(log, [commit])
      const before = count.bytes
      expectRuns(await drained(cursor), [commit])
      // Marks, and the header the first time.
      expect(count.bytes - before).toBeLessThan(commit.frame.length + 150)
      const found = commit.lastSeq >= 90 ? [commit] : []
      const runs = await drained(ahead)
      expect(Buffer.compare(Buffer.concat(runs.map(({ frames }) => frames)), bytesOf(found))).toBe(0)
    }
  })

  test('sees nothing that is not acknowledged, and nothing that is refused', async () => {
    const { disk, open } = onDisk('acknowledged', 1_000_000)
    const log = await open()
    const cursor = new KeepingCursor(log, 1)
    disk.delayYieldsMax = 4
    for (const bytes of [16, 400_000]) {
      const commit = sampleCommit(log.head.seq + 1, 2, bytes)
      const written = append(log, [commit])
      expect(await cursor.next(ALL)).toBeUndefined()
      await written
      expectRuns(await drained(cursor), [commit])
    }
    disk.failNext('sync', 'EIO')
    const refused = append(log, [sampleCommit(5)])
    expect(await cursor.next(ALL)).toBeUndefined()
    await expect(refused).rejects.toMatchObject({ code: 'STORAGE_FAILED' })
    expect(await cursor.next(ALL)).toBeUndefined()
  })

  test('opens anywhere at the cost of a quarter megabyte', async () => {
    const count = { bytes: 0, largest: 0 }
    const disk = new SimulatedDisk({ seed: 'index' })
    const open = () =>
      openLog({ files: countedFiles(disk.files, count), directory: '/log', segmentBytes: 6_000 * KB })
    const costOf = async (log: OpLog, fromSeq: number) => {
      const before = count.bytes
      const cursor = new KeepingCursor(log, fromSeq)
      expect((await cursor.next({ ...ALL, bytes: 1 }))?.firstSeq).toBe(fromSeq)
      await cursor.close()
      return count.bytes - before
    }
    const commits = sampleCommits(new Array(500).fill(1), 20 * KB)
    const log = await open()
    // Small groups and large ones.
    for (let from = 0; from < commits.length; ) {
      const group = commits.slice(from, from + (from % 3 === 0 ? 1 : 40))
      await append(log, group)
      from += group.length
    }
    count.largest = 0
    const seqs = [1, 2, 100, 200, 280, 290, 300, 301, 400, 499, 500]
    for (const seq of seqs) expect(await costOf(log, seq), `from ${seq}`).toBeLessThan(600 * KB)
    await log.close()
    // What another process wrote has to be read once, whoever asks first.
    const again = await open()
    expect(await costOf(again, 290)).toBeGreaterThan(5_000 * KB)
    expect(await costOf(again, 500)).toBeGreaterThan(3_000 * KB)
    for (const seq of seqs) expect(await costOf(again, seq), `again from ${seq}`).toBeLessThan(600 * KB)
    expect(count.largest).toBeLessThanOrEqual(256 * KB)
  })

  test('holds no more memory than a chunk, or a commit that is larger', async () => {
    const count = { bytes: 0, largest: 0 }
    const disk = new SimulatedDisk({ seed: 'memory' })
    const log = await openLog({ files: countedFiles(disk.files, count), directory: '/log' })
    const commits = [
      sampleCommit(1, 3),
      sampleCommit(4, 3, 1_000 * KB),
      ...sampleCommits(new Array(900).fill(1), 2 * KB, 7),
    ]
    for (const commit of commits) await append(log, [commit], commit.firstSeq % 100 === 0)
    const limits = { bytes: 1_000 * KB, operations: 1_000 }
    const runs = await drained(new KeepingCursor(log, 1), limits)
    expectRuns(runs, commits)
    expect(runs.map((run) => run.commits).slice(0, 2)).toEqual([1, 1])
    expect(count.largest).toBeLessThanOrEqual((commits[1] as SampleCommit).frame.length)
    // What a run took is used for the next one, unless it is much.
    const memory = (await drained(new LogCursor(log, 1), limits)).map(({ frames }) => frames.buffer)
    expect(new Set(memory.slice(2)).size).toBe(1)
    expect(memory.map(({ byteLength }) => byteLength).slice(2)).toEqual(memory.slice(2).map(() => 1_000 * KB))
  })

  test('keeps one file open and closes it', async () => {
    const { disk, open } = onDisk('handles')
    const log = await open()
    await appendAll(log, sampleCommits(new Array(30).fill(2)))
    let [handles, most] = [0, 0]
    disk.beforeOperation = ({ operation }) => {
      handles += operation === 'open' ? 1 : operation === 'close' ? -1 : 0
      most = Math.max(most, handles)
    }
    const cursor = new KeepingCursor(log, 1)
    await drained(cursor, { ...ALL, operations: 3 })
    expect([handles, most]).toEqual([1, 1])
    await cursor.close()
    await cursor.close()
    expect(handles).toBe(0)
    await expect(cursor.next(ALL)).rejects.toMatchObject({ code: 'CLOSED' })
  })

  test('takes one call at a time, and ends after the one that is running', async () => {
    const { disk, open } = onDisk('one call')
    const log = await open()
    const commits = sampleCommits(new Array(30).fill(2))
    await appendAll(log, commits)
    let handles = 0
    disk.beforeOperation = ({ operation }) => {
      handles += operation === 'open' ? 1 : operation === 'close' ? -1 : 0
    }
    disk.delayYieldsMax = 2
    const cursor = new KeepingCursor(log, 1)
    const first = cursor.next(ALL)
    await expect(cursor.next(ALL)).rejects.toThrow('one call at a time')
    await cursor.close()
    expectRuns([(await first) as LogRun], commits)
    expect(handles).toBe(0)
  })

  test('several of them read at their own pace', async () => {
    const { disk, open } = onDisk('several')
    disk.delayYieldsMax = 3
    const log = await open()
    const commits = sampleCommits(new Array(60).fill(1))
    const read = [1, 1, 7, 30].map(async (fromSeq, index) => {
      const cursor = new KeepingCursor(log, fromSeq)
      const runs: LogRun[] = []
      while (runs.at(-1)?.lastSeq !== 60) {
        runs.push(...(await drained(cursor, { ...ALL, operations: 1 + 2 * index })))
        await Promise.resolve()
        await new Promise(setImmediate)
      }
      await cursor.close()
      return runs
    })
    for (const commit of commits) await append(log, [commit], commit.firstSeq % 2 === 0)
    for (const [index, runs] of (await Promise.all(read)).entries()) {
      expectRuns(runs, commits.slice([0, 0, 6, 29][index]))
    }
  })
})

describe('LogCursor beside trimming', () => {
  async function trimmable(seed: string) {
    const whole = onDisk(seed)
    const log = await whole.open()
    const commits = sampleCommits(new Array(30).fill(2))
    await appendAll(log, commits)
    const starts = (await whole.disk.files.list('/log')).map((name) => Number.parseInt(name, 10))
    expect(starts.length).toBeGreaterThan(4)
    return { ...whole, log, commits, starts }
  }

  test('reads on when what is behind it goes, its own segment included', async () => {
    const { log, commits, starts } = await trimmable('behind')
    const cursor = new KeepingCursor(log, 1)
    const runs: LogRun[] = []
    for (const start of starts.slice(1)) {
      while ((runs.at(-1)?.lastSeq ?? 0) < start) {
        runs.push((await cursor.next({ ...ALL, operations: 2 })) as LogRun)
      }
      // It is in the second segment from here on: both go.
      await log.trim(start + 1, 0)
      const last = runs.at(-1)?.lastSeq as number
      expect(log.oldestSeq).toBeLessThanOrEqual(last + 1)
    }
    runs.push(...(await drained(cursor)))
    expectRuns(runs, commits)
    expect(log.oldestSeq).toBe(starts.at(-1))
  })

  test('reads the segment that it has open to its end', async () => {
    const { log, commits, starts } = await trimmable('own')
    const [, second, third] = starts as [number, number, number]
    const cursor = new KeepingCursor(log, second)
    const runs = [(await cursor.next({ ...ALL, operations: 2 })) as LogRun]
    await log.trim(third - 1, 0)
    expect(log.oldestSeq).toBe(third)
    runs.push(...(await drained(cursor)))
    expectRuns(
      runs,
      commits.filter(({ firstSeq }) => firstSeq >= second),
    )
  })

  test('says POSITION_LOST when what comes next is gone, and not before', async () => {
    const { log, commits, starts } = await trimmable('lost')
    const [, second] = starts as [number, number]
    const newest = starts.at(-1) as number
    const cursor = new KeepingCursor(log, 1)
    const runs = [(await cursor.next({ ...ALL, operations: 2 })) as LogRun]
    const late = new KeepingCursor(log, 1)
    await log.trim(Number.POSITIVE_INFINITY, 0)
    expect(log.oldestSeq).toBe(newest)
    const lost = (fromSeq: number) => ({ code: 'POSITION_LOST', details: { oldestSeq: newest, fromSeq } })
    await expect(late.next(ALL)).rejects.toMatchObject(lost(1))
    await expect(new KeepingCursor(log, newest - 1).next(ALL)).rejects.toMatchObject(lost(newest - 1))
    runs.push((await cursor.next(ALL)) as LogRun)
    expectRuns(
      runs,
      commits.filter(({ lastSeq }) => lastSeq < second),
    )
    for (const _ of [1, 2]) await expect(cursor.next(ALL)).rejects.toMatchObject(lost(second))
    expectRuns(
      await drained(new KeepingCursor(log, newest)),
      commits.filter(({ firstSeq }) => firstSeq >= newest),
    )
  })

  test('says POSITION_LOST of a segment that goes while it is opened', async () => {
    const { disk, log } = await trimmable('opening')
    const cursor = new KeepingCursor(log, 1)
    let trimming: Promise<number> | undefined
    disk.delayYieldsMax = 2
    disk.beforeOperation = ({ operation }) => {
      if (operation === 'open') trimming ??= log.trim(Number.POSITIVE_INFINITY, 0)
    }
    const outcomes: unknown[] = []
    for (let round = 0; round < 40; round++) {
      outcomes.push(await cursor.next(ALL).catch((error) => error.code))
    }
    await trimming
    expect(outcomes.at(-1)).toBe('POSITION_LOST')
  })
})

describe('LogCursor on a bad disk', () => {
  async function written(seed: string, segmentBytes = 600) {
    const whole = onDisk(seed, segmentBytes)
    const log = await whole.open()
    const commits = sampleCommits(new Array(12).fill(2))
    await appendAll(log, commits)
    const names = await whole.disk.files.list('/log')
    return { ...whole, log, commits, paths: names.map((name) => `/log/${name}`) }
  }

  test('gives what is before damage, then says where it is', async () => {
    for (const which of [0, 1, -1]) {
      const { disk, log, commits, paths } = await written(`damage ${which}`)
      const path = paths.at(which) as string
      const firstSeq = Number.parseInt(path.slice(5), 10)
      const before = commits.filter((commit) => commit.firstSeq < firstSeq)
      const { size } = (await disk.files.stat(path)) as { size: number }
      const bytes = await disk.files.readFile(path)
      const first = commits.find((commit) => commit.firstSeq === firstSeq) as SampleCommit
      const offset = Buffer.from(bytes).indexOf(first.frame)
      expect([offset > 0, offset + first.frame.length <= size]).toEqual([true, true])
      disk.flipBit(path, offset + 30)
      const cursor = new KeepingCursor(log, 1)
      const runs: LogRun[] = []
      const reading = (async () => {
        for (;;) runs.push((await cursor.next(ALL)) as LogRun)
      })()
      const damage = { code: 'LOG_CORRUPT', details: { path, offset: expect.any(Number) } }
      await expect(reading).rejects.toMatchObject(damage)
      await expect(cursor.next(ALL)).rejects.toMatchObject(damage)
      if (before.length > 0) expectRuns(runs, before)
      else expect(runs).toEqual([])
      await cursor.close()
    }
  })

  test('a segment that ends too early, is missing or of another history is LOG_CORRUPT', async () => {
    const cases = ['short', 'missing', 'foreign', 'zeros'] as const
    for (const kind of cases) {
      const { disk, log, commits, paths } = await written(kind)
      const path = paths[1] as string
      const { size } = (await disk.files.stat(path)) as { size: number }
      if (kind === 'missing') await disk.files.remove(path)
      else if (kind === 'foreign') {
        const other = { ...IDENTITY, historyId: 'history-2' }
        const create = () => ({
          identity: other,
          start: { epoch: 1, seq: Number.parseInt(path.slice(5), 10) - 1 },
        })
        const foreign = await openLog({ files: disk.files, directory: '/foreign', create })
        await foreign.abandon()
        await disk.files.rename(path.replace('/log/', '/foreign/'), path)
      } else {
        const file = await disk.files.open(path, 'write')
        await file.truncate(size - (commits[0] as SampleCommit).frame.length)
        if (kind === 'zeros') await file.truncate(size)
        await file.close()
      }
      const cursor = new KeepingCursor(log, 1)
      const failure = (async () => {
        for (;;) await cursor.next(ALL)
      })()
      await expect(failure, kind).rejects.toMatchObject({ code: 'LOG_CORRUPT', details: { path } })
    }
  })

  test('a frame that holds no commit, or one that does not follow, is LOG_CORRUPT', async () => {
    const wrong = [
      encodeCommitFrame({ $unknowns: [Uint8Array.of(0x0a, 0x7f)] }),
      encodeCommitFrame({ epoch: 1, originId: 'n', firstSeq: 3, count: 0, operations: [] }),
      sampleCommit(4).frame,
      sampleCommit(2).frame,
    ]
    for (const frame of wrong) {
      const { open } = onDisk('no commit', 1_000_000)
      const log = await open()
      await append(log, sampleCommits([2]))
      await log.append([frame], { epoch: 1, seq: 4 }, 'none')
      const cursor = new KeepingCursor(log, 1)
      expectRuns([(await cursor.next(ALL)) as LogRun], sampleCommits([2]))
      await expect(cursor.next(ALL)).rejects.toMatchObject({
        code: 'LOG_CORRUPT',
        details: { path: `/log/${segmentName(1)}` },
      })
    }
  })

  test.each(['open', 'read', 'size', 'close'] as const)(
    'that fails to %s is STORAGE_FAILED, and the next call goes on',
    async (operation) => {
      for (let after = 0; after < 6; after++) {
        const { disk, log, commits } = await written(`${operation} ${after}`)
        const cursor = new KeepingCursor(log, 1)
        disk.failNext(operation, 'EIO', after)
        const runs: LogRun[] = []
        const codes: string[] = []
        while (runs.at(-1)?.lastSeq !== 24) {
          const run = await cursor.next({ ...ALL, operations: 3 }).catch((error) => {
            codes.push(`${error.code} ${error.cause.code}`)
            return undefined
          })
          if (run) runs.push(run)
        }
        expectRuns(runs, commits)
        expect(codes.every((code) => code === 'STORAGE_FAILED EIO')).toBe(true)
        expect(codes.length).toBeLessThanOrEqual(1)
        await cursor.close().catch(() => undefined)
      }
    },
  )
})
