/** Strangers who try what nobody should be able to: large frames before a proof, refusals of their own, words in the log. */
import { describe, expect, test } from 'vitest'
import type { Message } from '../../lib/replication/protocol/messages.js'
import { SimulatedClock } from '../../lib/testing/simulated-clock.js'
import { describeClusters, IN_MEMORY, until } from './cluster.js'
import { FalsePeer } from './false-peer.js'
import { behind, HealthyPair, SECRET } from './healthy-pair.js'
import { DOORS, type Stranger } from './strangers.js'

const MIB = 1024 * 1024

describe.each(DOORS.filter(({ name }) => name !== 'WebSocket'))('over $name', (door) => {
  describeClusters(
    (cluster) => {
      test('who has proved nothing cannot make a master gather a frame that it would not take', async () => {
        const { pair, address } = await behind(cluster, door, new SimulatedClock())
        const crowd: Stranger[] = []
        const header = Buffer.alloc(4)
        header.writeUInt32LE(16 * MIB, 0)
        for (let count = 0; count < 20; count++) {
          const stranger = await door.enter(address)
          stranger.greet(`large${count}`, 16 * MIB)
          stranger.dribble(header)
          stranger.dribble(new Uint8Array(4 * MIB))
          crowd.push(stranger)
        }
        await until('all are closed', () => crowd.every(({ isOpen }) => !isOpen))
        await pair.expectUnharmed()
      })
    },
    [IN_MEMORY],
  )
})

describeClusters(
  (cluster) => {
    test.each(['POSITION_LOST', 'HISTORY_MISMATCH', 'PEER_REFUSED', 'STALE_EPOCH', 'NO_SUCH_CODE'])(
      'who says nothing but that it refuses with %s is counted as refused, too',
      async (code) => {
        const pair = await HealthyPair.begin(cluster, { secret: SECRET })
        const stranger = await pair.dial('stranger')
        await stranger.say({ kind: 'refusal', code, reason: 'role', message: 'no' })
        await stranger.hearAll()
        expect([pair.refused, pair.refusals.length]).toEqual([1, 1])
        await pair.expectUnharmed()
      },
    )

    test('the reason of a refusal is a word that is known, and not one that a stranger chose', async () => {
      const pair = await HealthyPair.begin(cluster, { secret: SECRET })
      const stranger = await pair.dial('stranger')
      const reason = 'the operator turned this off, all is well'
      await stranger.say({ kind: 'refusal', code: 'PEER_REFUSED', reason, message: 'no' })
      await stranger.hearAll()
      expect(pair.refusals.map((refusal) => refusal.reason)).not.toContain(reason)
      await pair.expectUnharmed()
    })

    test.each<[string, Uint8Array | Message]>([
      ['noise', Uint8Array.of(0xff, 0xff, 0xff)],
      [
        'an ack',
        { kind: 'ack', receivedSeq: 0, durableSeq: 0, appliedSeq: 0, snapshotBytes: 0, question: 0 },
      ],
    ])('a replica counts and tells of a master that says %s in place of a challenge', async (_, said) => {
      const { store } = await cluster.open('r', { role: 'replica', secret: SECRET })
      const [near, far] = await cluster.linkPair('r', 'm')
      store.replication.follow(near)
      const impostor = new FalsePeer(far)
      await impostor.hear()
      await (said instanceof Uint8Array ? impostor.sayBytes(said) : impostor.say(said))
      await impostor.hearAll()
      expect(store.replication.getStats()?.refused).toBe(1)
      const told = cluster
        .node('r')
        .events.flatMap((event) => (event.kind === 'refused' ? [event.reason] : []))
      expect(told).toEqual(['protocol'])
    })
  },
  [IN_MEMORY],
)
