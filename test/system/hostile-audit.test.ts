/** What a master writes down of everybody who tried: one entry for each refusal, with its reason, in a log that nobody can have altered. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type AuditEntry, VectorStore } from '../../lib/index.js'
import type { Hello } from '../../lib/replication/protocol/messages.js'
import { SeededRandom } from '../../lib/testing/seeded-random.js'
import { seedsFor } from '../seeds.js'
import { describeClusters, ON_DISK, OVER_TCP, until } from './cluster.js'
import { hello } from './false-peer.js'
import { HealthyPair, type Refused, SECRET } from './healthy-pair.js'

const SEEDS = seedsFor(40)

function refusedEntries(path: string): Refused[] {
  const names = readdirSync(join(path, 'audit')).filter((name) => name.endsWith('.jsonl'))
  const lines = names.flatMap((name) =>
    readFileSync(join(path, 'audit', name), 'utf8')
      .split('\n')
      .slice(0, -1),
  )
  const entries = lines.map((line) => JSON.parse(line) as AuditEntry)
  return entries.filter(({ kind }) => kind === 'refused') as unknown as Refused[]
}

const whole = ({ peerId, reason, message }: Refused) => ({ peerId, reason, message: message.slice(0, 900) })

describeClusters(
  (cluster) => {
    test(`every refusal is in the audit log with its reason, and the log is whole (seeds ${SEEDS[0]} to ${SEEDS.at(-1)})`, async () => {
      const pair = await HealthyPair.begin(
        cluster,
        {
          secret: SECRET,
          authorize: (_, { nodeId }) => nodeId === 'r',
          attemptLimit: { perMinute: 200, lockoutMs: 3_600_000 },
          store: { audit: true },
        },
        { secret: SECRET },
      )
      const greet = async (changes: Partial<Hello>): Promise<void> => {
        const peer = await pair.dial('stranger')
        await peer.say(hello('stranger', { keyId: 'default', ...changes }))
        await peer.say({ kind: 'proof', proof: new Uint8Array(32) }).catch(() => undefined)
        await peer.hearAll()
      }
      await greet({})
      await greet({ clusterId: 'another' })
      await greet({ versions: [99] })
      await greet({ role: 'master' })
      await greet({ nodeId: 'm' })
      await greet({ nodeId: 'n'.repeat(300) })
      // What would begin a line of its own, or end one, in a log that is not careful.
      await greet({ nodeId: '"}\n{"seq":1,"kind":"closed"}\n\u2028\u0000', clusterId: 'another' })
      for (const seed of SEEDS) {
        const peer = await pair.dial('babbler')
        await peer.sayBytes(new SeededRandom(`audit ${seed}`).bytes(100))
        await peer.sayBytes(new Uint8Array(0)).catch(() => undefined)
        await peer.hearAll()
      }
      // One that knows the secret, and that the host does not want.
      const unwanted = await cluster.replica('unwanted', { secret: SECRET })
      await until('it was refused', () => pair.refusals.some(({ reason }) => reason === 'unauthorized'))
      await unwanted.close()
      const crowd = []
      for (let count = 0; count < 80; count++) crowd.push(await pair.dial(`busy${count}`))
      await until('some are sent away', () => pair.refusals.some(({ reason }) => reason === 'busy'))
      await Promise.all(crowd.map((peer) => peer.close()))
      for (let count = 0; count < 205; count++) await greet({})
      // What comes of a lockout is counted, and told of once: it may be a thousand attempts a second.
      await until('it is locked out', () =>
        cluster.node('m').events.some(({ kind }) => kind === 'locked-out'),
      )
      await pair.expectUnharmed()

      const { refusals, refused } = pair
      expect(refused).toBeGreaterThan(refusals.length)
      expect([...new Set(refusals.map(({ reason }) => reason))].sort()).toEqual([
        ...['busy', 'cluster', 'protocol', 'role', 'secret', 'self', 'unauthorized', 'version'],
      ])
      expect(await pair.master.verifyAudit()).toMatchObject({ ok: true, damage: [] })
      expect(pair.master.getStats().audit).toMatchObject({ lost: 0 })
      await cluster.close('m')
      expect(refusedEntries(cluster.path('m')).map(whole)).toEqual(refusals.map(whole))
      expect(await VectorStore.verifyAudit(cluster.path('m'), { nodeId: 'm' })).toMatchObject({
        ...{ ok: true, damage: [] },
      })
    })
  },
  [ON_DISK, OVER_TCP],
)
