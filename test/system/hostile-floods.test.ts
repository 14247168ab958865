/** Crowds that connect and say nothing, or say it slowly: who means it still gets in, and what they cost is bounded. */
import { afterEach, describe, expect, test } from 'vitest'
import { SimulatedClock } from '../../lib/testing/simulated-clock.js'
import { describeClusters, expectSame, IN_MEMORY, settled, until } from './cluster.js'
import { behind } from './healthy-pair.js'
import { DOORS, type Stranger } from './strangers.js'
import { usedBytes } from '../used-bytes.js'

const MIB = 1024 * 1024
const CROWD = 300
/** As many may be without a name, and as many may be in a handshake. */
const ROOM = 64

const crowd: Stranger[] = []

afterEach(() => {
  for (const stranger of crowd.splice(0)) stranger.leave()
})

function open(of: readonly Stranger[] = crowd): number {
  return of.filter(({ isOpen }) => isOpen).length
}

describe.each([...DOORS])('over $name', (door) => {
  describeClusters(
    (cluster) => {
      test('who is silent, or says who it is a byte at a time, is closed after ten seconds', async () => {
        const { clock, pair, address } = await behind(cluster, door)
        const silent = [await door.knock(address), await door.enter(address)]
        const slow = [await door.enter(address), await door.enter(address), await door.knock(address)]
        crowd.push(...silent, ...slow)
        for (let second = 0; second < 9; second++) {
          for (const stranger of slow) stranger.dribble(Uint8Array.of(second === 0 ? 60 : 0))
          await clock.advance(1_000)
        }
        const openBefore = [...silent, ...slow.slice(0, 2)]
        await until('those that may still speak are there', () => open(openBefore) === openBefore.length)
        await clock.advance(1_001)
        await until('all are closed', () => open() === 0)
        // One whose request was no HTTP is closed for that.
        expect(pair.refused).toBeGreaterThanOrEqual(crowd.length - 1)
        await pair.expectUnharmed()
      })

      test('of three hundred that say nothing few are kept, and others get in meanwhile', async () => {
        const { pair, follow, address } = await behind(cluster, door)
        const before = usedBytes()
        for (let count = 0; count < CROWD; count++)
          crowd.push(await (count % 2 ? door.knock(address) : door.enter(address)))
        await until('most are closed', () => open() <= ROOM)
        expect(usedBytes() - before).toBeLessThan(64 * MIB)
        const newcomer = await follow('new')
        await settled(pair.master, newcomer)
        await pair.expectUnharmed('new')
        await settled(pair.master, newcomer)
        await expectSame(pair.master, newcomer)
        expect(open()).toBeLessThanOrEqual(ROOM)
        expect(open()).toBeGreaterThan(0)
      })

      test('of three hundred that say who they are and nothing else few are kept, and others get in meanwhile', async () => {
        const { pair, follow, address } = await behind(cluster, door)
        const before = usedBytes()
        for (let count = 0; count < CROWD; count++) {
          const stranger = await door.enter(address)
          stranger.greet(`stranger${count}`)
          crowd.push(stranger)
        }
        await until('most are refused', () => pair.refused >= CROWD - ROOM)
        await until('and closed', () => open() <= ROOM)
        expect(new Set(pair.refusals.map(({ reason }) => reason))).toEqual(new Set(['busy']))
        expect(usedBytes() - before).toBeLessThan(64 * MIB)
        const newcomer = await follow('new')
        await settled(pair.master, newcomer)
        await pair.expectUnharmed('new')
        expect(open()).toBeLessThanOrEqual(ROOM)
        expect(pair.refusals).toHaveLength(pair.refused)
      })

      test('a replica gets in while a crowd that never ends goes on coming', async () => {
        const { pair, follow, address } = await behind(cluster, door)
        let isOver = false
        const coming = (async () => {
          for (let count = 0; !isOver; count++) {
            const stranger = await door.enter(address)
            stranger.greet(`stranger${count}`)
            crowd.push(stranger)
          }
        })()
        await until('it is crowded', () => pair.refused > 10)
        const newcomer = await follow('new')
        await settled(pair.master, newcomer)
        isOver = true
        await coming
        await pair.expectUnharmed('new')
      })

      test('who says who it is and then a frame a byte at a time is sent away when its time for the handshake is over', async () => {
        const storeClock = new SimulatedClock()
        const { pair, address, clock } = await behind(cluster, door, storeClock)
        const slow: Stranger[] = []
        for (let count = 0; count < 10; count++) slow.push(await door.enter(address))
        crowd.push(...slow)
        for (const [at, stranger] of slow.entries()) stranger.greet(`slow${at}`)
        for (let second = 0; second < 12; second++) {
          for (const stranger of slow) stranger.dribble(Uint8Array.of(second === 0 ? 100 : 0))
          await storeClock.advance(1_000)
        }
        await until('all are refused', () => pair.refused === slow.length)
        expect(new Set(pair.refusals.map(({ reason }) => reason))).toEqual(new Set(['handshake']))
        for (let second = 0; second < 5; second++) await clock.advance(1_000)
        await until('all are closed', () => open() === 0)
        await pair.expectUnharmed()
      })
    },
    [IN_MEMORY],
  )
})
