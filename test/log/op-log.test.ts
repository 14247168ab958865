import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { LogIdentity } from '../../lib/log/position.js'
import { openSegment, segmentName } from '../../lib/log/segment.js'
import { memoryFiles } from '../../lib/runtime/memory-files.js'
import { nodeFiles } from '../../lib/runtime/node-files.js'
import { SimulatedDisk } from '../../lib/testing/simulated-disk.js'
import { withTemporaryDirectory } from '../../lib/testing/temporary-directory.js'
import {
  append,
  contents,
  IDENTITY,
  openLog,
  type SampleCommit,
  sampleCommit,
  sampleCommits,
  tellAll,
  tellRead,
} from './sample-log.js'

const SEGMENT_BYTES = 200

function onDisk(seed: string) {
  const disk = new SimulatedDisk({ seed })
  const open = (segmentBytes = SEGMENT_BYTES, durableSeq = 0) =>
    openLog({ files: disk.files, directory: '/log', segmentBytes, durableSeq })
  return {
    disk,
    open,
    segments: async () => (await disk.files.list('/log')).filter((name) => name.endsWith('.log')),
  }
}

describe('OpLog on real files', () => {
  test('appends, rotates, closes and brings everything back', () =>
    withTemporaryDirectory(async (directory) => {
      const open = () =>
        openLog({ files: nodeFiles, directory: join(directory, 'log'), segmentBytes: 10_000 })
      const log = await open()
      const commits = sampleCommits([1, 40, 2, 3, 80, 1, 5, 200, 1, 1])
      for (const commit of commits) await append(log, [commit], commit.firstSeq % 2 === 0)
      expect(await contents(log)).toEqual(tellAll(commits))
      const bytes = log.bytes
      await log.close()
      const again = await open()
      expect(await contents(again)).toEqual(tellAll(commits))
      expect([again.head, again.durableSeq, again.bytes]).toEqual([{ epoch: 1, seq: 334 }, 334, bytes])
      expect(again.identity).toEqual(log.identity)
      await append(again, [sampleCommit(335)])
      await again.abandon()
      const dead = await open()
      expect(await contents(dead, 330)).toEqual(tellAll([...commits.slice(7), sampleCommit(335)]).slice(0, 4))
      await dead.close()
    }))

  test('holds commits larger than a chunk and larger than a segment', () =>
    withTemporaryDirectory(async (directory) => {
      const log = await openLog({ files: nodeFiles, directory, segmentBytes: 1_000_000 })
      const commits = [
        sampleCommit(1, 2, 700_000),
        sampleCommit(3, 3, 1_500_000),
        sampleCommit(6),
        sampleCommit(7, 1, 200_000),
        sampleCommit(8, 1, 1_000_000),
      ]
      for (const commit of commits) await append(log, [commit])
      expect(await contents(log)).toEqual(tellAll(commits))
      expect(await contents(log, 4)).toEqual(tellAll(commits.slice(1)))
      await log.abandon()
      const again = await openLog({ files: nodeFiles, directory, segmentBytes: 1_000_000 })
      expect(await contents(again)).toEqual(tellAll(commits))
      await again.close()
    }))

  test('leaves files that are not its own alone, and ignores them', () =>
    withTemporaryDirectory(async (directory) => {
      const mine = ['notes.txt', 'notes.tmp', '1.log', '0000000000000009.log.bak', 'x.log']
      for (const name of mine) await writeFile(join(directory, name), `mine: ${name}`)
      await mkdir(join(directory, 'folder.tmp'))
      const leftOver = [`${segmentName(9)}.tmp`, 'clean-close.json.tmp']
      for (const name of leftOver) await writeFile(join(directory, name), 'half')
      const log = await openLog({ files: nodeFiles, directory })
      await append(log, [sampleCommit(1)])
      await log.close()
      const again = await openLog({ files: nodeFiles, directory })
      expect(await contents(again)).toEqual(tellAll([sampleCommit(1)]))
      await again.abandon()
      expect(await nodeFiles.list(directory)).toEqual([...mine, 'folder.tmp', segmentName(1)].sort())
      for (const name of mine) expect(await readFile(join(directory, name), 'utf8')).toBe(`mine: ${name}`)
    }))

  test('refuses a directory under the name of a segment, changing nothing', () =>
    withTemporaryDirectory(async (directory) => {
      await mkdir(join(directory, segmentName(5)))
      await expect(openLog({ files: nodeFiles, directory })).rejects.toMatchObject({ code: 'EISDIR' })
      expect(await nodeFiles.list(directory)).toEqual([segmentName(5)])
    }))
})

describe('OpLog', () => {
  test('begins where it is told, and reads nothing before its first commit', async () => {
    const files = memoryFiles()
    const create = () => ({
      identity: { historyId: 'h', nodeId: 'n', epochs: [{ epoch: 3, nodeId: 'n', firstSeq: 101 }] },
      start: { epoch: 3, seq: 100 },
    })
    const log = await openLog({ files, directory: 'log', create, durableSeq: 100 })
    expect([log.head, log.oldestSeq, log.durableSeq]).toEqual([{ epoch: 3, seq: 100 }, 101, 100])
    expect(await contents(log)).toEqual([])
    await log.abandon()
    const again = await openLog({ files, directory: 'log', durableSeq: 100 })
    expect([again.head, again.oldestSeq]).toEqual([{ epoch: 3, seq: 100 }, 101])
    expect(again.identity).toEqual(create().identity)
    await append(again, [sampleCommit(101)])
    expect(await contents(again, 101)).toEqual(tellAll([sampleCommit(101)]))
  })

  test('that the record store is ahead of is never begun anew', async () => {
    const files = memoryFiles()
    await expect(openLog({ files, directory: 'log', durableSeq: 1 })).rejects.toMatchObject({
      code: 'LOG_CORRUPT',
      details: { path: 'log' },
    })
    expect(await files.list('log')).toEqual([])
  })

  test('reads from any operation, also from inside a commit, across segments', async () => {
    const { open, segments } = onDisk('from')
    const log = await open()
    const commits = sampleCommits([2, 3, 1, 4, 1, 1, 5])
    for (const commit of commits) await append(log, [commit])
    expect((await segments()).length).toBeGreaterThan(2)
    for (let fromSeq = 1; fromSeq <= 18; fromSeq++) {
      const expected = commits.filter(({ lastSeq }) => lastSeq >= fromSeq)
      expect(await contents(log, fromSeq), `from ${fromSeq}`).toEqual(tellAll(expected))
    }
  })

  test('reads what was acknowledged when it was asked, and no more', async () => {
    const { disk, open } = onDisk('acknowledged')
    const log = await open(1_000_000)
    await append(log, [sampleCommit(1)])
    disk.delayYieldsMax = 4
    const written = append(log, [sampleCommit(2)])
    const early = log.read(1)
    await written
    const late = log.read(1)
    await append(log, [sampleCommit(3)])
    expect(await tellRead(early)).toEqual(tellAll([sampleCommit(1)]))
    expect(await tellRead(late)).toEqual(tellAll(sampleCommits([1, 1])))
  })

  test('a write that is refused while it is read is neither seen nor taken for damage', async () => {
    const { disk, open } = onDisk('refused')
    const log = await open(1_000_000)
    await append(log, [sampleCommit(1)])
    disk.failNext('sync', 'EIO')
    const refused = append(log, [sampleCommit(2)])
    const reader = log.read(1)
    await expect(refused).rejects.toMatchObject({ code: 'STORAGE_FAILED' })
    expect(await tellRead(reader)).toEqual(tellAll([sampleCommit(1)]))
  })

  test('gives every segment its identity and keeps no file open', async () => {
    const { disk, open, segments } = onDisk('handles')
    const balance = new Map<string, number>()
    disk.beforeOperation = ({ operation, path }) => {
      const change = operation === 'open' ? 1 : operation === 'close' ? -1 : 0
      // A segment is made under a temporary name and keeps the handle.
      const name = path.replace(/\.tmp$/, '')
      balance.set(name, (balance.get(name) ?? 0) + change)
    }
    const log = await open()
    for (const commit of sampleCommits([2, 3, 1, 4, 1, 1, 5])) await append(log, [commit])
    const reader = log.read(1)
    expect((await reader.next()).value).toMatchObject({ firstSeq: 1, lastSeq: 2 })
    await reader.return(undefined)
    for (const name of await segments()) {
      const path = `/log/${name}`
      const file = await disk.files.open(path, 'read')
      expect((await openSegment(file, path, Number(name.slice(0, 16)))).identity).toEqual(log.identity)
      await file.close()
    }
    await log.close()
    expect([...balance].filter(([, open]) => open !== 0)).toEqual([])
  })

  test('a segment too small for its own header holds one commit', async () => {
    const { open, segments } = onDisk('tiny')
    const log = await open(1)
    const commits = sampleCommits([2, 1, 3])
    for (const commit of commits) await append(log, [commit])
    expect(await contents(log)).toEqual(tellAll(commits))
    expect(await segments()).toEqual([1, 3, 4].map(segmentName))
  })

  test('an empty newest segment is a place to go on', async () => {
    for (const ending of ['close', 'abandon'] as const) {
      const { disk, open, segments } = onDisk(ending)
      const log = await open()
      const commits = sampleCommits([2, 3])
      await append(log, commits)
      // The next group rotates, which writes a header, and writes zeros ahead, then cannot be written itself.
      disk.failNext('write', 'EIO', 2)
      await expect(append(log, [sampleCommit(6)])).rejects.toMatchObject({ code: 'STORAGE_FAILED' })
      expect(await segments()).toEqual([segmentName(1), segmentName(6)])
      await log[ending]()
      for (const round of [1, 2]) {
        const again = await open()
        expect([again.head, again.oldestSeq], `round ${round}`).toEqual([{ epoch: 1, seq: 5 }, 1])
        expect(await contents(again)).toEqual(tellAll(commits))
        expect(await contents(again, 6)).toEqual([])
        await again[ending]()
      }
      const last = await open()
      await append(last, [sampleCommit(6)])
      expect(await contents(last, 4)).toEqual(tellAll([commits[1] as SampleCommit, sampleCommit(6)]))
    }
  })

  test.each(['sync', 'truncate', 'open', 'write', 'rename', 'syncDirectory', 'close'] as const)(
    'a rotation whose %s fails refuses the write, leaves no file open and loses nothing',
    async (operation) => {
      const { disk, open } = onDisk(`rotation ${operation}`)
      const log = await open()
      const commits = sampleCommits([2, 3])
      for (const commit of commits) await append(log, [commit], operation !== 'sync')
      let handles = 1
      disk.beforeOperation = (event) => {
        if (event.operation === 'open') handles += 1
        if (event.operation === 'close') handles -= 1
      }
      disk.failNext(operation, 'EIO')
      const refusal = { code: 'STORAGE_FAILED', cause: { code: 'EIO' } }
      await expect(append(log, [sampleCommit(6)])).rejects.toMatchObject(refusal)
      await expect(append(log, [sampleCommit(6)])).rejects.toBe(log.failure)
      expect(await contents(log)).toEqual(tellAll(commits))
      await log.close()
      expect(handles).toBe(operation === 'open' ? 1 : 0)
      disk.beforeOperation = undefined
      const again = await open()
      expect(await contents(again)).toEqual(tellAll(commits))
      await append(again, [sampleCommit(6)])
      await again.close()
      const last = await open()
      expect(await contents(last)).toEqual(tellAll([...commits, sampleCommit(6)]))
    },
  )

  test.each(['sync', 'truncate', 'stat', 'open', 'rename', 'syncDirectory', 'close'] as const)(
    'a close whose %s fails says so, and loses nothing',
    async (operation) => {
      const { disk, open } = onDisk(`close ${operation}`)
      const log = await open(1_000_000)
      const commits = sampleCommits([2, 3])
      await append(log, [commits[0] as SampleCommit])
      await append(log, [commits[1] as SampleCommit], false)
      disk.failNext(operation, 'EIO')
      await expect(log.close()).rejects.toMatchObject({ code: 'STORAGE_FAILED', cause: { code: 'EIO' } })
      const again = await open()
      expect(await contents(again)).toEqual(tellAll(commits))
    },
  )

  test('close after a failure leaves the end for recovery to find', async () => {
    const { disk, open } = onDisk('close after failure')
    const log = await open()
    await append(log, [sampleCommit(1)])
    disk.failNext('sync', 'EIO')
    await expect(append(log, [sampleCommit(2)])).rejects.toMatchObject({ code: 'STORAGE_FAILED' })
    await log.close()
    expect(await disk.files.list('/log')).toEqual([segmentName(1)])
    expect(await contents(await open())).toEqual(tellAll([sampleCommit(1)]))
  })

  test('what a dead process left in memory only is durable once the log is open again', async () => {
    for (let seed = 0; seed < 20; seed++) {
      const { disk, open } = onDisk(`adopted ${seed}`)
      const commits = sampleCommits([2, 3, 1, 1])
      const log = await open()
      for (const commit of commits) await append(log, [commit], false)
      disk.crash()
      const again = await open()
      expect([again.durableSeq, await contents(again)]).toEqual([7, tellAll(commits)])
      disk.powerCut()
      expect(await contents(await open(SEGMENT_BYTES, 7)), `seed ${seed}`).toEqual(tellAll(commits))
    }
  })

  test('damage in an older segment is LOG_CORRUPT with its path and offset, when it is read', async () => {
    const { disk, open, segments } = onDisk('older')
    const log = await open()
    const commits = sampleCommits([2, 3, 1, 4, 1, 1])
    for (const commit of commits) await append(log, [commit])
    const [oldest] = await segments()
    const path = `/log/${oldest}`
    const { size } = (await disk.files.stat(path)) as { size: number }
    disk.flipBit(path, size - 1)
    await log.close()
    const again = await open()
    await expect(contents(again)).rejects.toMatchObject({
      code: 'LOG_CORRUPT',
      details: { path, offset: expect.any(Number) },
    })
    expect(again.failure).toBeUndefined()
    const inNewest = commits.at(-1) as SampleCommit
    expect(await contents(again, inNewest.firstSeq)).toEqual(tellAll([inNewest]))
  })

  test('zeros written ahead are never content, and are gone after a close', async () => {
    const { disk, open } = onDisk('zeros')
    const log = await open(1_000_000)
    await append(log, [sampleCommit(1)])
    const path = `/log/${segmentName(1)}`
    expect((await disk.files.stat(path))?.size).toBeGreaterThan(512 * 1024)
    expect(log.bytes).toBeLessThan(400)
    disk.crash()
    const again = await open(1_000_000)
    expect((await disk.files.stat(path))?.size).toBe(again.bytes)
    await append(again, [sampleCommit(2)])
    await again.close()
    expect((await disk.files.stat(path))?.size).toBe(again.bytes)
    expect(await contents(await open())).toEqual(tellAll(sampleCommits([1, 1])))
  })
})

describe('OpLog.changeIdentity', () => {
  const EPOCHS = [...IDENTITY.epochs, { epoch: 4, nodeId: 'node-1', firstSeq: 6 }]
  const OTHER: LogIdentity = { ...IDENTITY, epochs: EPOCHS }
  const COMMITS = sampleCommits([2, 3])

  /** A log that holds five operations; in its newest segment, or in the one before an empty newest. */
  async function setup(seed: string, isEmpty: boolean) {
    const whole = onDisk(seed)
    const open = () => whole.open(1_000_000)
    const log = await open()
    await append(log, COMMITS)
    if (isEmpty)
      await log.changeIdentity({ ...IDENTITY, epochs: [...EPOCHS.slice(0, 1), { ...EPOCHS[1]!, epoch: 2 }] })
    return { ...whole, open, log, identities: [log.identity, OTHER] }
  }

  test('on real files lasts, in segments that are read as one', () =>
    withTemporaryDirectory(async (directory) => {
      const open = () => openLog({ files: nodeFiles, directory, create: () => ({ identity, start }) })
      const unknownFields = [Uint8Array.of(0xf8, 0x01, 0x07)]
      const parent = { historyId: 'history-0', epoch: 3, seq: 9, unknownFields }
      const identity = { ...IDENTITY, parent, unknownFields }
      const start = { epoch: 1, seq: 0 }
      const commits = sampleCommits([1, 2, 3, 1])
      let log = await open()
      for (const [index, commit] of commits.entries()) {
        const epochs = [
          ...log.identity.epochs,
          { epoch: index + 2, nodeId: 'node-1', firstSeq: commit.firstSeq },
        ]
        const { historyId, nodeId } = log.identity
        // Twice, the second time in place of the empty segment that the first one made.
        await log.changeIdentity({
          historyId,
          nodeId,
          epochs: [...epochs, { ...epochs[0]!, epoch: 90, firstSeq: 900 }],
        })
        await log.changeIdentity({ historyId, nodeId, epochs })
        expect(log.identity).toEqual({ ...identity, epochs })
        await append(log, [commit], index % 2 === 0)
        expect(await contents(log)).toEqual(tellAll(commits.slice(0, index + 1)))
        await log[index === 1 ? 'abandon' : 'close']()
        log = await open()
        expect([log.identity, log.head.seq]).toEqual([{ ...identity, epochs }, commit.lastSeq])
      }
      const names = (await nodeFiles.list(directory)).filter((name) => name.endsWith('.log'))
      expect(names).toEqual(commits.map(({ firstSeq }) => segmentName(firstSeq)))
      expect(await contents(log, 3)).toEqual(tellAll(commits.slice(1)))
      await log.close()
    }))

  test.each([true, false])(
    'keeps one file open, loses no byte and counts right (empty: %s)',
    async (isEmpty) => {
      const { disk, open, log } = await setup(`handles ${isEmpty}`, isEmpty)
      let handles = 1
      disk.beforeOperation = ({ operation }) => {
        handles += operation === 'open' ? 1 : operation === 'close' ? -1 : 0
      }
      await log.changeIdentity(OTHER)
      expect(handles).toBe(1)
      disk.beforeOperation = undefined
      await append(log, [sampleCommit(6)])
      expect(await contents(log)).toEqual(tellAll([...COMMITS, sampleCommit(6)]))
      const bytes = log.bytes
      await log.close()
      const again = await open()
      expect([again.bytes, again.identity, again.oldestSeq]).toEqual([bytes, OTHER, 1])
      expect(await contents(again)).toEqual(tellAll([...COMMITS, sampleCommit(6)]))
    },
  )

  test.each([true, false])(
    'cut off at any operation leaves the old or the new one, and every commit (empty: %s)',
    async (isEmpty) => {
      for (const ending of ['powerCut', 'crash'] as const) {
        const found = new Set<string>()
        let operations = Number.POSITIVE_INFINITY
        for (let at = 1; at <= operations; at++) {
          for (let seed = 0; seed < 12; seed++) {
            const { disk, open, log, identities } = await setup(`${ending} ${seed}/${at}`, isEmpty)
            const first = disk.operations
            disk.beforeOperation = ({ number }) => number === first + at && disk[ending]()
            const changed = await log.changeIdentity(OTHER).then(
              () => true,
              () => false,
            )
            disk.beforeOperation = undefined
            if (changed) operations = disk.operations - first
            disk[ending]()
            const label = `seed ${seed}, operation ${at} of ${operations}`
            for (const round of [1, 2]) {
              const again = await open()
              expect(changed ? [OTHER] : identities, label).toContainEqual(again.identity)
              expect([again.head, again.durableSeq], label).toEqual([{ epoch: 1, seq: 5 }, 5])
              expect(await contents(again), label).toEqual(tellAll(COMMITS))
              found.add(`${changed ? 'done' : 'cut'}: epoch ${again.identity.epochs.at(-1)?.epoch}`)
              // What was found once is there for good, and can be written to.
              if (round === 1) disk[ending]()
              else await append(again, [sampleCommit(6)])
            }
            const last = await open()
            expect(await contents(last), label).toEqual(tellAll([...COMMITS, sampleCommit(6)]))
          }
        }
        expect(operations).toBeGreaterThan(5)
        expect([...found].sort()).toEqual([`cut: epoch ${isEmpty ? 2 : 1}`, 'cut: epoch 4', 'done: epoch 4'])
      }
    },
    30_000,
  )

  test.each([true, false])(
    'that fails ends the writing, and leaves one of the two (empty: %s)',
    async (isEmpty) => {
      for (const operation of [
        'size',
        'open',
        'write',
        'sync',
        'rename',
        'syncDirectory',
        'close',
      ] as const) {
        const { disk, open, log, identities } = await setup(`failing ${operation}`, isEmpty)
        disk.failNext(operation, 'EIO')
        const refusal = { code: 'STORAGE_FAILED', cause: { code: 'EIO' } }
        await expect(log.changeIdentity(OTHER), operation).rejects.toMatchObject(refusal)
        await expect(log.changeIdentity(OTHER)).rejects.toBe(log.failure)
        await expect(append(log, [sampleCommit(6)])).rejects.toBe(log.failure)
        expect(await contents(log)).toEqual(tellAll(COMMITS))
        expect(await contents(log, 6)).toEqual([])
        await log.close().catch(() => undefined)
        expect(await disk.files.list('/log')).not.toContain('clean-close.json')
        const again = await open()
        expect(identities).toContainEqual(again.identity)
        expect([again.head, await contents(again)]).toEqual([{ epoch: 1, seq: 5 }, tellAll(COMMITS)])
      }
    },
  )

  test('makes durable what was written before, for only the newest segment is looked after later', async () => {
    for (let seed = 0; seed < 20; seed++) {
      const { disk, open, log } = await setup(`buffered ${seed}`, false)
      await append(log, [sampleCommit(6)], false)
      await log.changeIdentity(OTHER)
      expect(log.durableSeq).toBe(6)
      disk.powerCut()
      const again = await open()
      expect(await contents(again), `seed ${seed}`).toEqual(tellAll([...COMMITS, sampleCommit(6)]))
    }
  })

  test('a reader that began before it finds what it began with', async () => {
    const { log } = await setup('reader', true)
    const rows = Array.from({ length: 50 }, (_, index) => ({ ...EPOCHS[1]!, epoch: 10 + index }))
    await log.changeIdentity({ ...IDENTITY, epochs: [...IDENTITY.epochs, ...rows] })
    const [all, none] = [log.read(1), log.read(6)]
    // The new header is much shorter: commits lie where the old one was.
    await log.changeIdentity(OTHER)
    for (const commit of sampleCommits([1, 1, 1, 1], 16, 6)) await append(log, [commit])
    expect(await tellRead(all)).toEqual(tellAll(COMMITS))
    expect(await tellRead(none)).toEqual([])
  })

  test('goes alone: it waits for no group and no group for it', async () => {
    for (const bytes of [16, 400_000]) {
      const { disk, log } = await setup(`alone ${bytes}`, false)
      disk.delayYieldsMax = 3
      const written = append(log, [sampleCommit(6, 1, bytes)])
      await expect(log.changeIdentity(OTHER)).rejects.toThrow('one group or change at a time')
      await written
      const changed = log.changeIdentity(OTHER)
      await expect(append(log, [sampleCommit(7)])).rejects.toThrow('one group or change at a time')
      await expect(log.changeIdentity(OTHER)).rejects.toThrow('one group or change at a time')
      await changed
      await append(log, [sampleCommit(7)])
      expect(await contents(log)).toEqual(tellAll([...COMMITS, sampleCommit(6, 1, bytes), sampleCommit(7)]))
    }
  })

  test('to another history, another node or no table is refused without harm', async () => {
    const { log, identities } = await setup('refused', false)
    const wrong: LogIdentity[] = [
      { ...OTHER, historyId: 'history-2' },
      { ...OTHER, nodeId: 'node-2' },
      { ...OTHER, epochs: [] },
      { ...OTHER, epochs: [...EPOCHS, ...EPOCHS] },
      {
        ...OTHER,
        epochs: Array.from({ length: 2_000 }, (_, index) => ({ ...EPOCHS[1]!, epoch: index + 1 })),
      },
    ]
    for (const identity of wrong)
      await expect(log.changeIdentity(identity)).rejects.toThrow(/log stays|go up/)
    expect([log.failure, log.identity]).toEqual([undefined, identities[0]])
    await log.changeIdentity(OTHER)
  })

  test('goes with segments that are trimmed and ones that are full', async () => {
    const { disk, open } = onDisk('beside')
    const log = await open()
    const commits = sampleCommits(new Array(20).fill(2))
    for (const [index, commit] of commits.entries()) {
      const epochs = [{ epoch: index + 1, nodeId: 'node-1', firstSeq: commit.firstSeq }]
      await Promise.all([log.trim(index, 0), index % 3 === 0 && log.changeIdentity({ ...IDENTITY, epochs })])
      await append(log, [commit])
    }
    const left = commits.filter(({ lastSeq }) => lastSeq >= log.oldestSeq)
    expect(log.oldestSeq).toBeGreaterThan(10)
    expect(await contents(log)).toEqual(tellAll(left))
    const bytes = log.bytes
    await log.close()
    disk.powerCut()
    const again = await open()
    expect([again.bytes, await contents(again)]).toEqual([bytes, tellAll(left)])
  })
})

describe('OpLog.trim', () => {
  async function trimmable(seed: string) {
    const setup = onDisk(seed)
    const log = await setup.open()
    const commits = sampleCommits([2, 2, 2, 2, 2, 2, 2, 2])
    for (const commit of commits) await append(log, [commit])
    const sizes = new Map<number, number>()
    for (const name of await setup.segments()) {
      sizes.set(Number(name.slice(0, 16)), (await setup.disk.files.stat(`/log/${name}`))?.size as number)
    }
    expect([...sizes.keys()].length).toBeGreaterThanOrEqual(4)
    return { ...setup, log, commits, sizes }
  }

  test('removes nothing above the given operation and never the newest', async () => {
    for (let throughSeq = 0; throughSeq <= 20; throughSeq++) {
      const { log, commits, sizes, segments } = await trimmable('through')
      const starts = [...sizes.keys()]
      const kept = starts.filter((_, index) => (starts[index + 1] ?? Infinity) - 1 > throughSeq)
      expect(await log.trim(throughSeq, 0)).toBe(starts.length - kept.length)
      expect(await segments()).toEqual(kept.map(segmentName))
      expect(log.oldestSeq).toBe(kept[0])
      const left = commits.filter(({ lastSeq }) => lastSeq >= log.oldestSeq)
      expect(await contents(log)).toEqual(tellAll(left))
      await expect(contents(log, log.oldestSeq - 1)).rejects.toMatchObject({
        code: 'POSITION_LOST',
        details: { oldestSeq: log.oldestSeq, fromSeq: log.oldestSeq - 1 },
      })
    }
  }, 30_000)

  test('keeps at least as many bytes as it is told, and counts them right', async () => {
    const { log, sizes } = await trimmable('keep')
    const newestSize = log.bytes - [...sizes.values()].slice(0, -1).reduce((sum, size) => sum + size, 0)
    for (const [index, size] of [...sizes.values()].slice(0, -1).entries()) {
      const before = log.bytes
      expect(await log.trim(100, before - size + 1), `segment ${index}`).toBe(0)
      expect(await log.trim(100, before - size)).toBe(1)
      expect(log.bytes).toBe(before - size)
    }
    expect(log.bytes).toBe(newestSize)
    expect(await log.trim(100, 0)).toBe(0)
  })

  test('a reader whose segment is trimmed away gets POSITION_LOST, not a raw error', async () => {
    const { log, commits } = await trimmable('race')
    const reader = log.read(1)
    expect(tellAll([(await reader.next()).value as SampleCommit])).toEqual(tellAll(commits.slice(0, 1)))
    await log.trim(100, 0)
    await expect(tellRead(reader)).rejects.toMatchObject({
      code: 'POSITION_LOST',
      details: { oldestSeq: log.oldestSeq },
    })
    const late = log.read(log.oldestSeq)
    expect(await tellRead(late)).toEqual(tellAll(commits.filter(({ lastSeq }) => lastSeq >= log.oldestSeq)))
  })

  test('a segment that somebody else removed is LOG_CORRUPT', async () => {
    const { disk, log, segments } = await trimmable('gone')
    const path = `/log/${(await segments())[1]}`
    await disk.files.remove(path)
    await expect(contents(log)).rejects.toMatchObject({ code: 'LOG_CORRUPT', details: { path } })
  })

  test('that fails keeps the segment, so that a clean close still opens', async () => {
    const { disk, log, open, commits, sizes } = await trimmable('fails')
    const bytes = log.bytes
    disk.failNext('remove', 'EPERM')
    await expect(log.trim(100, 0)).rejects.toMatchObject({ code: 'EPERM' })
    expect([log.oldestSeq, log.bytes]).toEqual([1, bytes])
    expect(await contents(log)).toEqual(tellAll(commits))
    await log.close()
    const again = await open()
    expect(await contents(again)).toEqual(tellAll(commits))
    expect(await again.trim(100, 0)).toBe(sizes.size - 1)
  })

  test('that runs while the log is closed leaves a log that opens', async () => {
    for (let seed = 0; seed < 30; seed++) {
      const { disk, log, open, commits } = await trimmable(`closing ${seed}`)
      disk.delayYieldsMax = seed % 4
      let closed: Promise<void> | undefined
      disk.beforeOperation = ({ operation }) => {
        if (operation === 'remove' || operation === 'stat') closed ??= log.close()
      }
      const removed = await log.trim(100, 0)
      await closed
      disk.beforeOperation = undefined
      expect(removed).toBe(1)
      expect(await log.trim(100, 0)).toBe(0)
      const again = await open()
      const left = commits.filter(({ lastSeq }) => lastSeq >= again.oldestSeq)
      expect(await contents(again), `seed ${seed}`).toEqual(tellAll(left))
    }
  })

  test('cut off by a power cut at any operation leaves no hole', async () => {
    for (let seed = 0; seed < 12; seed++) {
      for (let at = 1; at <= 10; at++) {
        const { disk, log, open, commits } = await trimmable(`hole ${seed}/${at}`)
        const first = disk.operations
        disk.beforeOperation = ({ number }) => number === first + at && disk.powerCut()
        await log.trim(100, 0).catch(() => 0)
        disk.beforeOperation = undefined
        disk.powerCut()
        const again = await open()
        const left = commits.filter(({ lastSeq }) => lastSeq >= again.oldestSeq)
        expect(await contents(again), `seed ${seed}, operation ${at}`).toEqual(tellAll(left))
      }
    }
  })

  test('runs beside appends and rotations', async () => {
    const { disk, log, open, commits } = await trimmable('beside')
    disk.delayYieldsMax = 3
    const later = sampleCommits([2, 2, 2, 2], 16, 17)
    const appends = (async () => {
      for (const commit of later) await append(log, [commit])
    })()
    await Promise.all([log.trim(9, 0), log.trim(100, 1_000_000), appends])
    const left = [...commits, ...later].filter(({ lastSeq }) => lastSeq >= log.oldestSeq)
    expect(log.oldestSeq).toBeGreaterThan(1)
    expect(await contents(log)).toEqual(tellAll(left))
    const bytes = log.bytes
    await log.close()
    const again = await open()
    expect([again.bytes, await contents(again)]).toEqual([bytes, tellAll(left)])
  })
})
