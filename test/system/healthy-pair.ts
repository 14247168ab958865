/** A master and a replica that go on replicating while somebody else does its worst. */
import { expect } from 'vitest'
import type { Collection, ReplicationOptions, StoreOptions, VectorStore } from '../../lib/index.js'
import { SimulatedClock } from '../../lib/testing/simulated-clock.js'
import { type Cluster, expectSame, record, records, SHAPE, settled, until } from './cluster.js'
import { FalsePeer } from './false-peer.js'
import type { Door } from './strangers.js'
import { WatchedTransport } from './watched-links.js'

export const SECRET = 'a secret of thirty-two characters'

type Options = Partial<ReplicationOptions> & { readonly store?: StoreOptions }

export interface Refused {
  readonly peerId: string
  readonly reason: string
  readonly message: string
}

export class HealthyPair {
  readonly cluster: Cluster
  readonly master: VectorStore
  readonly replica: VectorStore
  readonly #things: Collection
  #written = 0
  #isOver = false
  readonly #writing: Promise<void>

  private constructor(cluster: Cluster, master: VectorStore, replica: VectorStore, things: Collection) {
    this.cluster = cluster
    this.master = master
    this.replica = replica
    this.#things = things
    this.#writing = this.#write()
    // Told by `expectUnharmed`.
    this.#writing.catch(() => {})
  }

  /** The nodes `m` and `r`; both have the options, unless the replica has its own. */
  static async begin(cluster: Cluster, options: Options = {}, ofReplica = options): Promise<HealthyPair> {
    const master = await cluster.master(options)
    const things = await master.createCollection('things', SHAPE)
    await things.upsert(records(20))
    const { transport: _, ...others } = ofReplica
    return HealthyPair.#beside(cluster, master, await cluster.replica('r', others), things)
  }

  /** The same with nodes that are open already. */
  static async around(cluster: Cluster, master: VectorStore, replica: VectorStore): Promise<HealthyPair> {
    const things = await master.createCollection('things', SHAPE)
    await things.upsert(records(20))
    return HealthyPair.#beside(cluster, master, replica, things)
  }

  static async #beside(cluster: Cluster, master: VectorStore, replica: VectorStore, things: Collection) {
    await settled(master, replica)
    // After a snapshot there is one more question and answer before operations follow.
    await things.upsert(record(99), { writeConcern: { w: 2, timeoutMs: 20_000 } })
    return new HealthyPair(cluster, master, replica, things)
  }

  /** Every refusal at the master, in order. */
  get refusals(): Refused[] {
    return this.cluster
      .node('m')
      .events.flatMap((event) => (event.kind === 'refused' ? [event as Refused] : []))
  }

  /** How many the master counted. */
  get refused(): number {
    return this.master.replication.getStats()?.refused ?? 0
  }

  get replicaIds(): string[] {
    return this.master.replication.getReplicas()?.map(({ id }) => id) ?? []
  }

  /** Somebody who dials the master as a replica would, and says what the test says. */
  async dial(id: string): Promise<FalsePeer> {
    const peer = { id: 'm', ...this.cluster.placeOf('m') }
    const { signal } = new AbortController()
    return new FalsePeer(await this.cluster.transport(id, false).dial(peer, { signal }))
  }

  /** It wrote all the time, every write came to the replica over the link it always had, and both have the same. */
  async expectUnharmed(...others: string[]): Promise<void> {
    const before = this.#written
    await until('it goes on', () => this.#written > before + 2 || this.#isOver)
    this.#isOver = true
    await this.#writing
    await settled(this.master, this.replica)
    await expectSame(this.master, this.replica)
    expect(this.cluster.links().links).toHaveLength(1)
    expect(this.replicaIds.toSorted()).toEqual(['r', ...others].toSorted())
    expect(this.master.getStats().readOnly).toBeNull()
  }

  async #write(): Promise<void> {
    while (!this.#isOver) {
      const number = 100 + (this.#written % 200)
      await this.#things.upsert(record(number), { writeConcern: { w: 2, timeoutMs: 20_000 } })
      this.#written += 1
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
}

/** A master behind a door whose time the test moves, and its replica; the store's own time is real unless it is given. */
export async function behind(cluster: Cluster, door: Door, storeClock?: SimulatedClock) {
  const clock = new SimulatedClock()
  const transport = door.listener('m', clock)
  const options = {
    secret: SECRET,
    attemptLimit: { perMinute: 10_000, lockoutMs: 1_000 },
    ...(storeClock ? { store: { clock: storeClock } } : {}),
  }
  const addressed = (id: string): WatchedTransport =>
    new WatchedTransport(door.dialer(id), (peer) => ({ ...peer, address: transport.address as string }))
  const { store: master } = await cluster.open('m', { role: 'master', transport, ...options })
  const follow = async (id: string) => {
    const { store } = await cluster.open(id, {
      ...{ role: 'replica', master: { id: 'm' }, transport: addressed(id) },
      ...options,
    })
    return store
  }
  const pair = await HealthyPair.around(cluster, master, await follow('r'))
  return { clock, pair, follow, address: transport.address as string }
}
