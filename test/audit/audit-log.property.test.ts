import { expect, test } from 'vitest'
import { verifyAuditLog } from '../../lib/audit/audit-verification.js'
import { nodeClock } from '../../lib/runtime/node-clock.js'
import { SeededRandom } from '../../lib/testing/seeded-random.js'
import { SimulatedDisk } from '../../lib/testing/simulated-disk.js'
import { freshSeeds } from '../seeds.js'
import { connected, DIRECTORY, entriesOf, openAudit } from './sample-audit.js'

const END = ['crash', 'powerCut'] as const

/** What was on stable storage when the machine stopped, by what the log itself said. */
interface Life {
  durable: number
  readonly operations: number
}

/** One life of a log: opened, written to in groups, and stopped at an operation of the disk, where it comes that far. */
async function live(
  disk: SimulatedDisk,
  prefix: string,
  stop: (() => void) | undefined,
  at: number,
): Promise<Life> {
  const before = disk.operations
  let isStopped = false
  let ending: Promise<void> | undefined
  disk.beforeOperation = ({ number }) => {
    if (isStopped || !stop || number - before !== at) return
    // A write that waits for the disk leaves a beginning of itself; one that was not begun leaves nothing.
    const end = (): void => {
      isStopped = true
      stop()
    }
    if (disk.delayYieldsMax > 0) ending = nodeClock.yield().then(end)
    else end()
  }
  const { log, warnings } = await openAudit(disk.files, { maxFileBytes: 700 })
  const life: Life = { durable: 0, operations: 0 }
  for (let group = 0; group < 4 && !isStopped; group++) {
    for (let entry = 0; entry < 3; entry++) log.add(connected(`${prefix} ${group} ${entry}`))
    await log.flush()
    if (!isStopped) life.durable = log.stats().entries
  }
  await log.close({ kind: 'closed' })
  disk.beforeOperation = undefined
  // The last operation of a life may be done before its turn comes: the machine stops in this life, not in the next one.
  await ending
  if (!isStopped) {
    life.durable = log.stats().entries
    expect(warnings).toEqual([])
  }
  return { ...life, operations: disk.operations - before }
}

for (const end of END) {
  test(`a ${end} at any operation loses nothing that was synced, and the log verifies`, async () => {
    const operations = (await live(new SimulatedDisk({ seed: 0 }), 'x', undefined, 0)).operations
    expect(operations).toBeGreaterThan(50)
    const [seed] = freshSeeds(1)
    let recoveries = 0
    for (let at = 1; at <= operations; at++) {
      for (const part of ['a', 'b']) {
        const what = `seed ${seed}/${part}, ${end} at operation ${at}`
        const disk = new SimulatedDisk({ seed: `${seed}/${part}/${at}` })
        const whole = await live(disk, 'whole', undefined, 0)
        disk.delayYieldsMax = part === 'b' ? 4 : 0
        const cut = await live(disk, 'cut', () => disk[end](), at)
        const { log, warnings } = await openAudit(disk.files, { maxFileBytes: 700 })
        log.add(connected('after'))
        await log.flush()
        expect(warnings, what).toEqual([])
        expect(await log.verify({}), what).toMatchObject({ ok: true, damage: [], unsettledBytes: 0 })
        const entries = await entriesOf(disk.files)
        expect(entries.length, what).toBeGreaterThan(Math.max(whole.durable, cut.durable))
        expect(entries.at(-1)?.peerId, what).toBe('after')
        // What the crash left in memory only is on the disk by now as well.
        disk.powerCut()
        const last = await openAudit(disk.files, { maxFileBytes: 700 })
        expect(last.warnings, what).toEqual([])
        expect((await entriesOf(disk.files)).at(-1), what).toEqual(entries.at(-1))
        recoveries += entries.filter(({ kind }) => kind === 'recovered').length
        await last.log.close({ kind: 'closed' })
        expect(await verifyAuditLog(disk.files, DIRECTORY, {}), what).toMatchObject({ ok: true })
      }
    }
    expect(recoveries).toBeGreaterThan(0)
  })
}

test('a disk that fails now and then loses no entry and breaks no chain', async () => {
  for (const seed of freshSeeds(40)) {
    const random = new SeededRandom(seed)
    const disk = new SimulatedDisk({ seed })
    const { log, clock } = await openAudit(disk.files, { maxFileBytes: 900 })
    for (let group = 0; group < 30; group++) {
      disk.failProbability = random.pick([0, 0.05, 0.3])
      for (let entry = random.int(4); entry >= 0; entry--) log.add(connected(`${group} ${entry}`))
      if (random.chance(0.5)) await log.flush()
      else await clock.advance(random.int(3_000))
    }
    disk.failProbability = 0
    await log.close({ kind: 'closed' })
    const report = await verifyAuditLog(disk.files, DIRECTORY, {})
    expect(report, `seed ${seed}`).toMatchObject({ ok: true, damage: [], unsettledBytes: 0 })
    const peers = (await entriesOf(disk.files)).map(({ peerId }) => peerId)
    expect(new Set(peers).size, `seed ${seed}`).toBe(peers.length)
  }
})
