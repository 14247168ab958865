import { describe, expect, test } from 'vitest'
import { GroupCommit } from '../../lib/log/group-commit.js'
import type { OpLog } from '../../lib/log/op-log.js'
import { SeededRandom } from '../../lib/testing/seeded-random.js'
import { SimulatedClock } from '../../lib/testing/simulated-clock.js'
import { SimulatedDisk } from '../../lib/testing/simulated-disk.js'
import { contents, openLog, pending, type SampleCommit, sampleCommit, tell, tellAll } from './sample-log.js'

const SEGMENT_BYTES = 900

/** A commit of a scripted run and how it was answered. */
interface Written {
  readonly commit: SampleCommit
  readonly durable: boolean
  answer: 'committed' | 'refused' | undefined
}

interface Run {
  readonly written: Written[]
  /** What trimming was allowed to remove. */
  trimmedThroughSeq: number
}

const open = (disk: SimulatedDisk, durableSeq = 0) =>
  openLog({ files: disk.files, directory: '/store/log', segmentBytes: SEGMENT_BYTES, durableSeq })

/** Every look finds that time has passed, so that now the disk and now the callers are the slower ones. */
class BusyClock extends SimulatedClock {
  readonly #random: SeededRandom
  #passedMs = 0

  constructor(random: SeededRandom) {
    super()
    this.#random = random
  }

  override monotonic(): number {
    this.#passedMs += this.#random.int(10)
    return this.#passedMs
  }
}

/** Groups of durable and buffered commits, rotations, trims, a close and a second opening, all decided by the seed. */
async function script(disk: SimulatedDisk, seed: string, run: Run): Promise<void> {
  const random = new SeededRandom(seed)
  for (let round = 0; round < 2; round++) {
    const log = await open(disk)
    try {
      await session(log, random, run)
    } finally {
      await log.close()
    }
    // Numbers of refused operations are given again, so the run ends here.
    if (log.failure) throw log.failure
  }
}

async function session(log: OpLog, random: SeededRandom, run: Run): Promise<void> {
  const group = new GroupCommit(log, new BusyClock(random))
  let nextSeq = log.head.seq + 1
  for (let batch = 0; batch < 5; batch++) {
    const answers: Promise<unknown>[] = []
    for (let left = 1 + random.int(3); left > 0; left--) {
      const commit = sampleCommit(nextSeq, 1 + random.int(3), 8 << random.int(6))
      nextSeq = commit.lastSeq + 1
      const written: Written = { commit, durable: random.chance(0.5), answer: undefined }
      run.written.push(written)
      const waiting = pending(commit, written.durable)
      group.enqueue(waiting.commit)
      answers.push(
        waiting.answer.then((answer) => {
          written.answer = answer === 'committed' ? answer : 'refused'
        }),
      )
    }
    await Promise.all(answers)
    const durableSeq = log.durableSeq
    if (!random.chance(0.3)) continue
    run.trimmedThroughSeq = Math.max(run.trimmedThroughSeq, durableSeq)
    await log.trim(durableSeq, 0).catch(() => 0)
  }
}

/** What the log must hold: all of `written` up to some point, and never anything else. */
async function expectPrefix(
  log: OpLog,
  written: readonly Written[],
  mustHold: readonly Written[],
  label: string,
) {
  const kept = written.filter(({ commit }) => commit.lastSeq >= log.oldestSeq)
  const found = await contents(log)
  expect(found, label).toEqual(tellAll(kept.slice(0, found.length).map(({ commit }) => commit)))
  for (const { commit } of mustHold.filter(({ commit }) => commit.lastSeq >= log.oldestSeq)) {
    expect(found, label).toContain(tell(commit.frame))
  }
}

/** The run without any fault, to know how many operations there are to disturb. */
async function undisturbed(seed: string): Promise<number> {
  const disk = new SimulatedDisk({ seed })
  await disk.files.makeDirectory('/store')
  await disk.files.syncDirectory('/')
  const run: Run = { written: [], trimmedThroughSeq: 0 }
  await script(disk, seed, run)
  expect(run.written.map(({ answer }) => answer)).toEqual(run.written.map(() => 'committed'))
  await expectPrefix(await open(disk), run.written, run.written, seed)
  return disk.operations
}

/** Runs the script once per operation, disturbed there. */
async function disturbed(
  seed: string,
  disturb: (disk: SimulatedDisk) => void,
  check: (disk: SimulatedDisk, run: Run, label: string) => Promise<void>,
): Promise<void> {
  const operations = await undisturbed(seed)
  for (let at = 3; at <= operations; at++) {
    const label = `seed ${seed}, operation ${at} of ${operations}`
    const disk = new SimulatedDisk({ seed: `${seed}/${at}` })
    await disk.files.makeDirectory('/store')
    await disk.files.syncDirectory('/')
    disk.beforeOperation = ({ number }) => number === at && disturb(disk)
    const run: Run = { written: [], trimmedThroughSeq: 0 }
    await script(disk, seed, run).catch(() => undefined)
    disk.beforeOperation = undefined
    await check(disk, run, label)
  }
}

const committed = ({ answer }: Written) => answer === 'committed'

describe('a log that is disturbed at any one operation', () => {
  test.each(['a', 'b', 'c'])('by a power cut keeps what it promised (seed %s)', async (seed) => {
    await disturbed(
      seed,
      (disk) => disk.powerCut(),
      async (disk, run, label) => {
        const promised = run.written.filter((written) => committed(written) && written.durable)
        const log = await open(disk)
        await expectPrefix(log, run.written, promised, label)
        expect(log.oldestSeq, label).toBeLessThanOrEqual(run.trimmedThroughSeq + 1)
        // What was found once is there for good.
        const found = await contents(log)
        disk.powerCut()
        expect(await contents(await open(disk, log.head.seq)), label).toEqual(found)
      },
    )
  })

  test.each(['d', 'e'])('by the death of the process keeps all it answered (seed %s)', async (seed) => {
    await disturbed(
      seed,
      (disk) => disk.crash(),
      async (disk, run, label) => {
        const log = await open(disk)
        await expectPrefix(log, run.written, run.written.filter(committed), label)
        expect(log.head.seq, label).toBeGreaterThanOrEqual(run.trimmedThroughSeq)
      },
    )
  })

  test.each([
    ['f', 'ENOSPC'],
    ['g', 'EIO'],
    ['h', 'ENOSPC'],
  ])(
    'by a failure keeps all it answered, and refused commits whole or not at all (seed %s, %s)',
    async (seed, code) => {
      const codes = new Set<unknown>()
      for (const operation of [
        'write',
        'sync',
        'open',
        'rename',
        'syncDirectory',
        'truncate',
        'close',
        'stat',
        'remove',
      ] as const) {
        let failing = true
        for (let after = 0; failing; after++) {
          const label = `seed ${seed}, ${code} at ${operation} ${after}`
          const disk = new SimulatedDisk({ seed: label })
          await disk.files.makeDirectory('/store')
          disk.failNext(operation, code, after)
          let seen = 0
          disk.beforeOperation = (event) => {
            seen += event.operation === operation ? 1 : 0
          }
          const run: Run = { written: [], trimmedThroughSeq: 0 }
          await script(disk, seed, run).catch((error) => codes.add(error.code))
          disk.beforeOperation = undefined
          failing = seen > after
          // The run has fewer such operations: the failure would hit what follows.
          if (!failing) break
          disk.crash()
          await expectPrefix(await open(disk), run.written, run.written.filter(committed), label)
        }
      }
      expect([...codes].sort()).toEqual([code, 'STORAGE_FAILED'].sort())
    },
  )

  test('by a disk that is full from there on keeps all it answered', async () => {
    const seed = 'full'
    let refused = 0
    for (let pages = 1; pages <= 12; pages++) {
      const disk = new SimulatedDisk({ seed: `${seed}/${pages}` })
      disk.capacityBytes = pages * 4_096
      await disk.files.makeDirectory('/store')
      const run: Run = { written: [], trimmedThroughSeq: 0 }
      await script(disk, seed, run).catch(() => undefined)
      refused += run.written.filter(({ answer }) => answer === 'refused').length
      disk.crash()
      disk.capacityBytes = Number.POSITIVE_INFINITY
      await expectPrefix(await open(disk), run.written, run.written.filter(committed), `${pages} pages`)
    }
    expect(refused).toBeGreaterThan(0)
  })
})
