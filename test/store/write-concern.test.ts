import { describe, expect, test } from 'vitest'
import { ReplivecError } from '../../lib/errors.js'
import { ConcernWaits } from '../../lib/store/write-concern.js'
import { SimulatedClock } from '../../lib/testing/simulated-clock.js'

const RESULT = { position: { epoch: 1, seq: 7 }, count: 1, acks: 1 }

describe('a wait for other nodes', () => {
  test('ends with the waits, and with the position of the write', async () => {
    const waits = new ConcernWaits(new SimulatedClock())
    const waiting = waits.met({ w: 2 }, RESULT, undefined)
    waits.end(new ReplivecError('CLOSED', 'The store is closed.'))
    await expect(waiting).rejects.toMatchObject({ code: 'CLOSED', details: { position: RESULT.position } })
  })

  test('does not begin after they were ended: the write was on its way to the log then', async () => {
    const clock = new SimulatedClock()
    const waits = new ConcernWaits(clock)
    waits.end(new ReplivecError('CLOSED', 'The store is closed.'))
    const late = waits.met({ w: 2, timeoutMs: 500 }, RESULT, undefined)
    await expect(late).rejects.toMatchObject({ code: 'CLOSED', details: { position: RESULT.position } })
    expect(clock.pendingTimers).toBe(0)
  })

  test('tells how many nodes had it when it was met, whoever is gone by the time the caller hears', async () => {
    const waits = new ConcernWaits(new SimulatedClock())
    let acks = 1
    waits.nodes = { acks: () => acks, nodes: 3 }
    const waiting = waits.met({ w: 2 }, RESULT, undefined)
    acks = 2
    waits.acknowledged()
    acks = 1
    expect(await waiting).toEqual({ ...RESULT, acks: 2 })
  })
})
