import { describe, expect, test } from 'vitest'
import { ReplivecError } from '../../lib/errors.js'
import type { LogRun } from '../../lib/log/log-run.js'
import type { OpLog } from '../../lib/log/op-log.js'
import { SeededRandom } from '../../lib/testing/seeded-random.js'
import { SimulatedDisk } from '../../lib/testing/simulated-disk.js'
import { append, IDENTITY, KeepingCursor, openLog, type SampleCommit, sampleCommit } from './sample-log.js'

/** A reader that follows a log which is written, trimmed and given new epochs meanwhile. */
class Follower {
  readonly #random: SeededRandom
  readonly #log: OpLog
  readonly #fromSeq: number
  readonly #cursor: KeepingCursor
  readonly runs: LogRun[] = []
  isLost = false

  constructor(log: OpLog, random: SeededRandom) {
    this.#log = log
    this.#random = random
    this.#fromSeq = log.oldestSeq + random.int(log.head.seq - log.oldestSeq + 3)
    this.#cursor = new KeepingCursor(log, this.#fromSeq)
  }

  get nextSeq(): number {
    return (this.runs.at(-1)?.lastSeq ?? this.#fromSeq - 1) + 1
  }

  /** Reads one run. @returns whether there was one */
  async read(): Promise<boolean> {
    const limits = { bytes: 1 << this.#random.int(14), operations: 1 + this.#random.int(20) }
    const acknowledgedSeq = this.#log.acknowledged().headSeq
    try {
      const run = await this.#cursor.next(limits)
      if (!run) {
        expect(this.nextSeq).toBeGreaterThan(acknowledgedSeq)
        return false
      }
      if (run.commits > 1) {
        expect(run.frames.length).toBeLessThanOrEqual(limits.bytes)
        expect(run.operations).toBeLessThanOrEqual(limits.operations)
      }
      expect(run.firstSeq).toBeLessThanOrEqual(this.nextSeq)
      this.runs.push(run)
      return true
    } catch (error) {
      if (!ReplivecError.is(error, 'POSITION_LOST')) throw error
      expect(this.nextSeq).toBeLessThan(this.#log.oldestSeq)
      this.isLost = true
      return false
    }
  }

  close(): Promise<void> {
    return this.#cursor.close()
  }

  /** That it gave exactly the commits there are from its beginning to its place. */
  expectAll(commits: readonly SampleCommit[]): void {
    const wanted = commits.filter(
      ({ firstSeq, lastSeq }) => lastSeq >= this.#fromSeq && firstSeq < this.nextSeq,
    )
    const frames = Buffer.concat(this.runs.map((run) => run.frames))
    const expected = Buffer.concat(wanted.map(({ frame }) => frame))
    expect(Buffer.compare(frames, expected), `${this.#fromSeq} to ${this.nextSeq}`).toBe(0)
    expect(this.runs.reduce((sum, run) => sum + run.commits, 0)).toBe(wanted.length)
  }
}

describe('cursors that follow a log', () => {
  test.each(Array.from({ length: 30 }, (_, seed) => seed))(
    'give every commit once, in order, until they are lost (seed %i)',
    async (seed) => {
      const random = new SeededRandom(`cursor ${seed}`)
      const disk = new SimulatedDisk({ seed: `cursor ${seed}` })
      disk.delayYieldsMax = random.int(4)
      const commits: SampleCommit[] = []
      let epoch = 1
      let log = await openLog({ files: disk.files, directory: '/log', segmentBytes: 1_500 })
      for (let session = 0; session < 3; session++) {
        const followers = Array.from({ length: 3 }, () => new Follower(log, random))
        let isWriting = true
        const follow = followers.map(async (follower) => {
          for (;;) {
            const isLast = !isWriting
            const isRead = await follower.read()
            if (follower.isLost || (isLast && !isRead)) return
            if (!isRead || random.chance(0.2)) await new Promise(setImmediate)
          }
        })
        for (let round = 0; round < 40; round++) {
          if (random.chance(0.15)) {
            epoch += 1
            const epochs = [{ epoch, nodeId: 'node-1', firstSeq: log.head.seq + 1 }]
            await log.changeIdentity({ ...IDENTITY, epochs })
          }
          const group: SampleCommit[] = []
          for (let left = 1 + random.int(4), seq = log.head.seq + 1; left > 0; left--) {
            group.push(sampleCommit(seq, 1 + random.int(4), 8 << random.int(7)))
            seq = (group.at(-1) as SampleCommit).lastSeq + 1
          }
          commits.push(...group)
          await append(log, group, random.chance(0.5))
          if (random.chance(0.1)) await log.trim(log.head.seq - random.int(60), 0)
          if (random.chance(0.5)) await new Promise(setImmediate)
        }
        isWriting = false
        await Promise.all(follow)
        for (const follower of followers) {
          follower.expectAll(commits)
          if (!follower.isLost) expect(follower.nextSeq).toBe(log.head.seq + 1)
          await follower.close()
        }
        await log[random.chance(0.5) ? 'close' : 'abandon']()
        log = await openLog({ files: disk.files, directory: '/log', segmentBytes: 1_500 })
      }
      await log.close()
    },
  )
})
