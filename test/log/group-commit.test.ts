import { describe, expect, test } from 'vitest'
import { GroupCommit } from '../../lib/log/group-commit.js'
import { nodeClock } from '../../lib/runtime/node-clock.js'
import { SimulatedClock } from '../../lib/testing/simulated-clock.js'
import { SimulatedDisk } from '../../lib/testing/simulated-disk.js'
import { contents, openLog, pending, sampleCommit, sampleCommits, tell, tellAll } from './sample-log.js'

const DIRECTORY = '/log'

/** Time that passes only where a test says so. */
class SteppedClock extends SimulatedClock {
  ms = 0

  override monotonic(): number {
    return this.ms
  }
}

async function setup(seed: string) {
  const clock = new SteppedClock()
  const disk = new SimulatedDisk({ seed })
  const log = await openLog({ files: disk.files, directory: DIRECTORY })
  const operations: string[] = []
  disk.beforeOperation = ({ operation }) => operations.push(operation)
  const count = (wanted: string) => operations.filter((operation) => operation === wanted).length
  const reopened = async () => {
    disk.beforeOperation = undefined
    return contents(await openLog({ files: disk.files, directory: DIRECTORY }))
  }
  return { clock, disk, log, group: new GroupCommit(log, clock), count, operations, reopened }
}

describe('GroupCommit', () => {
  test('answers in order, with one sync for all that wait', async () => {
    const { log, group, count } = await setup('order')
    const commits = sampleCommits(Array.from({ length: 200 }, (_, index) => 1 + (index % 3)))
    const order: number[] = []
    const answers = commits.map((commit) => {
      const { commit: waiting, answer } = pending(commit, true)
      group.enqueue({ ...waiting, committed: () => order.push(commit.firstSeq) && waiting.committed() })
      return answer
    })
    expect(await Promise.all(answers)).toEqual(commits.map(() => 'committed'))
    expect(order).toEqual(commits.map(({ firstSeq }) => firstSeq))
    expect(count('sync')).toBe(1)
    expect(await contents(log)).toEqual(tellAll(commits))
    expect(log.durableSeq).toBe(commits.at(-1)?.lastSeq)
  })

  test('what arrives while a group is being synced goes out together as the next', async () => {
    const { disk, group, count } = await setup('next')
    disk.delayYieldsMax = 3
    const commits = sampleCommits(new Array(30).fill(1))
    const answers: Promise<unknown>[] = []
    const enqueue = (from: number, to: number) => {
      for (const commit of commits.slice(from, to)) {
        const { commit: waiting, answer } = pending(commit, true)
        group.enqueue(waiting)
        answers.push(answer)
      }
    }
    enqueue(0, 10)
    disk.beforeOperation = ((watch) => (event) => {
      watch?.(event)
      event.operation === 'sync' && answers.length === 10 && enqueue(10, 30)
    })(disk.beforeOperation)
    await answers[0]
    await group.drained()
    expect(await Promise.all(answers)).toEqual(commits.map(() => 'committed'))
    expect(count('sync')).toBe(2)
  })

  test('callers that write again as soon as they are answered share one sync', async () => {
    const { group, count } = await setup('again')
    let seq = 0
    const caller = async (rounds: number) => {
      for (let round = 0; round < rounds; round++) {
        const { commit, answer } = pending(sampleCommit(++seq), true)
        group.enqueue(commit)
        await answer
      }
    }
    await Promise.all(Array.from({ length: 16 }, () => caller(5)))
    expect(count('sync')).toBe(5)
  })

  describe('16 callers', () => {
    const CALLERS = 16
    const ROUNDS = 20
    /** Where each sync ran. */
    let places: ('here' | 'thread')[]

    /** What happened in order: a sync that began, or the commit that was answered. */
    async function trace(
      seed: string,
      {
        syncMs,
        answerMs,
        rounds = ROUNDS,
      }: { syncMs: (sync: number) => number; answerMs: number; rounds?: number },
    ) {
      const { clock, disk, group, log } = await setup(seed)
      const events: ('sync' | number)[] = []
      places = []
      disk.beforeOperation = ({ operation, isNow }) => {
        if (operation !== 'sync') return
        clock.ms += syncMs(places.length)
        places.push(isNow ? 'here' : 'thread')
        events.push('sync')
      }
      let seq = 0
      const caller = async () => {
        for (let round = 0; round < rounds; round++) {
          const { commit, answer } = pending(sampleCommit(++seq), true)
          const committed = () => {
            events.push(commit.head?.seq ?? 0)
            clock.ms += answerMs
            commit.committed()
          }
          group.enqueue({ ...commit, committed })
          await answer
        }
      }
      await Promise.all(Array.from({ length: CALLERS }, caller))
      const answered = events.filter((event) => event !== 'sync')
      expect(answered).toEqual(Array.from({ length: CALLERS * rounds }, (_, index) => index + 1))
      expect(log.durableSeq).toBe(CALLERS * rounds)
      return events
    }

    const answersBetweenSyncs = (events: readonly ('sync' | number)[]) => {
      const counts: number[] = []
      for (const event of events) {
        if (event === 'sync') counts.push(0)
        else (counts[counts.length - 1] as number)++
      }
      return counts
    }

    test('share one sync in place where the disk is fast', async () => {
      const events = await trace('very fast disk', { syncMs: () => 0.1, answerMs: 0.001 })
      expect(answersBetweenSyncs(events)).toEqual(new Array(ROUNDS).fill(CALLERS))
      expect(places.slice(0, 5)).toEqual(['thread', 'thread', 'thread', 'here', 'here'])
    })

    test('share one in place in the end also where overlapping came first', async () => {
      // One sync in 64 is not overlapped; three of those tell that the disk became fast.
      const syncMs = (sync: number) => (sync < 20 ? 0.6 : 0.1)
      const events = await trace('busy', { syncMs, answerMs: 0.1, rounds: 140 })
      expect(places.indexOf('here')).toBeGreaterThan(128)
      expect(new Set(places.slice(places.indexOf('here')))).toEqual(new Set(['here']))
      const counts = answersBetweenSyncs(events)
      expect([counts[10], counts.at(-1)]).toEqual([CALLERS / 2, CALLERS])
    })

    test('share one sync where the disk is the slower one', async () => {
      const events = await trace('slow disk', { syncMs: () => 10, answerMs: 0.01 })
      expect(answersBetweenSyncs(events)).toEqual(new Array(ROUNDS).fill(CALLERS))
    })

    test('are answered by halves, one during the sync of the other, where they are the slower ones', async () => {
      const events = await trace('fast disk', { syncMs: () => 1, answerMs: 1 })
      // The first syncs are measured, so all of a group is answered before the next begins; the last half has no successor.
      const wholes = new Array(7).fill(CALLERS)
      const halves = new Array(2 * (ROUNDS - 8)).fill(CALLERS / 2)
      expect(answersBetweenSyncs(events)).toEqual([...wholes, ...halves, CALLERS])
    })
  })

  describe('a lone caller', () => {
    /** What happened, in order: where a sync ran, which commit was answered, and turns of the event loop given to others. */
    async function trace(
      seed: string,
      syncMs: (sync: number) => number,
      { commits = 8, durable = true, bytes = 16 } = {},
    ) {
      const { clock, disk, group, log } = await setup(seed)
      const events: string[] = []
      clock.yield = async () => {
        await nodeClock.yield()
        if (events.at(-1) !== 'turn') events.push('turn')
      }
      let syncs = 0
      disk.beforeOperation = ({ operation, isNow }) => {
        if (operation !== 'sync') return
        events.push(isNow ? 'here' : 'thread')
        clock.ms += syncMs(syncs++)
      }
      for (let seq = 1; seq <= commits; seq++) {
        const { commit, answer } = pending(sampleCommit(seq, 1, bytes), durable)
        group.enqueue(commit)
        expect(await answer).toBe('committed')
        if (durable) expect(log.durableSeq).toBe(seq)
        events.push(String(seq))
      }
      return { events: events.join(' '), log, disk, clock, group }
    }

    test('is synced in place on a fast disk, and gives others a turn every two milliseconds', async () => {
      const { events } = await trace('fast', () => 0.25, { commits: 13 })
      // The first three tell how fast the disk is.
      expect(events).toBe(
        'thread 1 thread 2 thread 3 here 4 here 5 here 6 here 7 here 8 here 9 here 10 here 11 here turn 12 here 13',
      )
    })

    test('is synced on a thread on a slow disk', async () => {
      const { events } = await trace('slow', () => 0.5, { commits: 5 })
      expect(events).toBe('thread 1 thread 2 thread 3 thread 4 thread 5')
    })

    test('goes to a thread once a sync held the event loop', async () => {
      const { events } = await trace('held', (sync) => (sync === 4 ? 20 : 0.1), { commits: 7 })
      expect(events).toBe('thread 1 thread 2 thread 3 here 4 here turn 5 thread 6 thread 7')
    })

    test('is not synced in place with a large write, nor synced at all when it did not ask for that', async () => {
      const large = await trace('large', () => 0.1, { commits: 5, bytes: 70_000 })
      expect(large.events).toBe('thread 1 thread 2 thread 3 thread 4 thread 5')
      const buffered = await trace('none', () => 0.1, { commits: 5, durable: false })
      expect(buffered.events).toBe('1 2 3 4 5')
      await buffered.group.synced()
      expect(buffered.log.durableSeq).toBe(5)
    })

    test.each(['write', 'sync'] as const)(
      'is refused after a failed %s in place, and so is all that follows',
      async (operation) => {
        const { disk, group, log } = await trace(`failed ${operation}`, () => 0.1, { commits: 4 })
        disk.failNext(operation, 'EIO')
        const [fifth, sixth] = [5, 6].map((seq) => pending(sampleCommit(seq), true))
        group.enqueue((fifth as ReturnType<typeof pending>).commit)
        expect(await fifth?.answer).toMatchObject({ code: 'STORAGE_FAILED', details: { reason: 'EIO' } })
        group.enqueue((sixth as ReturnType<typeof pending>).commit)
        expect(await sixth?.answer).toBe(log.failure)
        expect([log.head.seq, log.durableSeq]).toEqual([4, 4])
        expect(await contents(log)).toEqual([1, 2, 3, 4].map((seq) => tell(sampleCommit(seq).frame)))
      },
    )

    test('keeps what was synced in place through a power cut', async () => {
      const { disk } = await trace('cut', () => 0.1, { commits: 6 })
      disk.powerCut()
      const log = await openLog({ files: disk.files, directory: DIRECTORY })
      expect(await contents(log)).toEqual([1, 2, 3, 4, 5, 6].map((seq) => tell(sampleCommit(seq).frame)))
    })
  })

  test('a commit that was synced is answered although the next group fails', async () => {
    const { clock, disk, group, log } = await setup('answered')
    const answers: unknown[] = []
    const caller = async () => {
      for (let round = 0; round < 3; round++) {
        const { commit, answer } = pending(sampleCommit(++seq), true)
        const committed = () => {
          clock.ms += 1
          commit.committed()
        }
        group.enqueue({ ...commit, committed })
        answers.push(await answer)
      }
    }
    let seq = 0
    let syncs = 0
    disk.beforeOperation = ({ operation }) => {
      if (operation === 'sync' && ++syncs === 3) disk.failNext('sync', 'EIO')
    }
    await Promise.all(Array.from({ length: 4 }, caller))
    const committed = answers.filter((answer) => answer === 'committed')
    expect(committed.length).toBe(log.durableSeq)
    expect(committed.length).toBeGreaterThan(0)
    expect(answers.length).toBe(seq)
    for (const answer of answers) if (answer !== 'committed') expect(answer).toBe(log.failure)
    expect(await contents(log)).toEqual(
      Array.from({ length: log.durableSeq }, (_, i) => tell(sampleCommit(i + 1).frame)),
    )
  })

  test('buffered commits are answered without a sync, and one synced waiter makes them durable', async () => {
    const { log, group, count } = await setup('buffered')
    const [first, second] = sampleCommits([2, 1]).map((commit) => pending(commit, false))
    group.enqueue((first as ReturnType<typeof pending>).commit)
    group.enqueue((second as ReturnType<typeof pending>).commit)
    expect(await Promise.all([first?.answer, second?.answer])).toEqual(['committed', 'committed'])
    expect([count('sync'), log.durableSeq, log.head.seq]).toEqual([0, 0, 3])
    await group.synced()
    expect([count('sync'), log.durableSeq]).toEqual([1, 3])
    await group.synced()
    expect(count('sync')).toBe(1)
  })

  test('a durable and a buffered commit in one group are answered once both are durable', async () => {
    const { log, group, count } = await setup('mixed')
    const [one, two, three] = sampleCommits([1, 1, 1]) as [never, never, never]
    const durableAt: number[] = []
    const answers = [pending(one, false), pending(two, true), pending(three, false)].map((waiting) => {
      const committed = () => {
        durableAt.push(log.durableSeq)
        waiting.commit.committed()
      }
      group.enqueue({ ...waiting.commit, committed })
      return waiting.answer
    })
    await Promise.all(answers)
    expect(durableAt).toEqual([3, 3, 3])
    expect(count('sync')).toBe(1)
  })

  test('a group does not outgrow 16 MiB, but one commit may', async () => {
    const { log, group, count } = await setup('large')
    const sizes = [9_000_000, 9_000_000, 20_000_000, 16]
    const commits = sizes.map((bytes, index) => sampleCommit(index + 1, 1, bytes))
    const waiting = commits.map((commit) => pending(commit, true))
    for (const { commit } of waiting) group.enqueue(commit)
    await Promise.all(waiting.map(({ answer }) => answer))
    expect(count('sync')).toBe(4)
    expect(await contents(log)).toEqual(tellAll(commits))
  })

  test.each(['write', 'sync'] as const)(
    'a failed %s refuses the group and everything behind it, and takes the bytes back',
    async (operation) => {
      const { disk, log, group, reopened } = await setup(operation)
      const kept = sampleCommits([1, 2])
      const refused = sampleCommits([1, 2, 1, 1], 16, 4)
      const before = kept.map((commit) => pending(commit, true))
      for (const { commit } of before) group.enqueue(commit)
      await Promise.all(before.map(({ answer }) => answer))
      const endBytes = log.bytes
      // Small groups write zeros ahead once; the next write is the group itself.
      disk.failNext(operation, 'EIO')
      const after = refused.map((commit) => pending(commit, true))
      for (const { commit } of after.slice(0, 2)) group.enqueue(commit)
      const late: Promise<unknown>[] = []
      const first = after[0] as ReturnType<typeof pending>
      first.answer.then(() => {
        for (const { commit, answer } of after.slice(2)) {
          group.enqueue(commit)
          late.push(answer)
        }
      })
      const answers = await Promise.all(after.map(({ answer }) => answer))
      for (const answer of answers) {
        expect(answer).toMatchObject({
          code: 'STORAGE_FAILED',
          cause: { code: 'EIO' },
          details: { reason: 'EIO' },
        })
      }
      await expect(group.synced()).rejects.toBe(log.failure)
      await group.drained()
      expect(log.head).toEqual({ epoch: 1, seq: 3 })
      expect(log.bytes).toBe(endBytes)
      expect(await disk.files.stat('/log/0000000000000001.log')).toMatchObject({ size: endBytes })
      expect(await contents(log)).toEqual(tellAll(kept))
      await log.close()
      expect(await reopened()).toEqual(tellAll(kept))
    },
  )

  test('what waits behind a failing group is refused with it, without another call', async () => {
    const { disk, log, group } = await setup('behind')
    const waiting = sampleCommits([1, 1, 1]).map((commit) => pending(commit, true))
    disk.failNext('sync', 'EIO')
    disk.beforeOperation = ({ operation }) => {
      if (operation !== 'sync') return
      disk.beforeOperation = undefined
      for (const { commit } of waiting.slice(1)) group.enqueue(commit)
    }
    group.enqueue((waiting[0] as ReturnType<typeof pending>).commit)
    const answers = await Promise.all(waiting.map(({ answer }) => answer))
    expect(answers).toEqual([log.failure, log.failure, log.failure])
    expect(answers[2]).toMatchObject({ code: 'STORAGE_FAILED' })
    expect(await contents(log)).toEqual([])
  })

  test('a failed sync keeps what was answered as buffered before', async () => {
    const { disk, log, group, reopened } = await setup('kept')
    const [kept, refused] = sampleCommits([2, 1]) as [never, never]
    const before = pending(kept, false)
    group.enqueue(before.commit)
    await before.answer
    disk.failNext('sync', 'ENOSPC')
    const after = pending(refused, true)
    group.enqueue(after.commit)
    expect(await after.answer).toMatchObject({ code: 'STORAGE_FAILED', details: { reason: 'ENOSPC' } })
    expect(log.head.seq).toBe(2)
    await log.close()
    expect(await reopened()).toEqual(tellAll([kept]))
  })

  test('drained waits for all that was queued', async () => {
    const { disk, group } = await setup('drained')
    disk.delayYieldsMax = 5
    const answers: unknown[] = []
    for (const commit of sampleCommits([1, 1, 1])) {
      const { commit: waiting, answer } = pending(commit, true)
      answer.then((value) => answers.push(value))
      group.enqueue(waiting)
    }
    await group.drained()
    expect(answers).toEqual(['committed', 'committed', 'committed'])
    await group.drained()
  })
})
