/** Stores that replicate to each other, over memory or TCP, in memory or on disk, and what must be the same in them. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect } from 'vitest'
import {
  type Link,
  type ReplicationEvent,
  type ReplicationOptions,
  type StoreOptions,
  type Transport,
  VectorStore,
  type Warning,
} from '../../lib/index.js'
import { type Environment, memoryEnvironment, nodeEnvironment } from '../../lib/store/environment.js'
import { memoryNetwork } from '../../lib/transport/memory.js'
import { type TcpTransport, tcp } from '../../lib/transport/tcp.js'
import { collected } from '../collection/contents.js'
import { WatchedTransport } from './watched-links.js'

export interface ClusterKind {
  readonly network: 'memory' | 'TCP'
  readonly stores: 'in memory' | 'on disk'
}

export const IN_MEMORY: ClusterKind = { network: 'memory', stores: 'in memory' }
export const ON_DISK: ClusterKind = { network: 'memory', stores: 'on disk' }
export const OVER_TCP: ClusterKind = { network: 'TCP', stores: 'on disk' }
export const CLUSTER_KINDS: readonly ClusterKind[] = [IN_MEMORY, ON_DISK, OVER_TCP]

/** A store that was opened, with all it told since. */
export interface Node {
  readonly id: string
  readonly store: VectorStore
  readonly events: ReplicationEvent[]
  readonly warnings: Warning[]
  /** What a replica dials through. */
  readonly transport: WatchedTransport
}

type NodeOptions = Partial<ReplicationOptions> & {
  readonly store?: StoreOptions
  /** Changes of the machine that the store runs on. */
  readonly environment?: Partial<Environment>
}

export class Cluster {
  readonly kind: ClusterKind
  readonly #nodes = new Map<string, Node>()
  readonly #closers: (() => Promise<void>)[] = []
  readonly #tcp = new Map<string, TcpTransport>()
  #network = memoryNetwork()
  #directory = ''

  constructor(kind: ClusterKind) {
    this.kind = kind
  }

  async begin(): Promise<void> {
    this.#directory = await mkdtemp(join(tmpdir(), 'replivec-test-'))
    this.#network = memoryNetwork()
  }

  async end(): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) await close()
    this.#nodes.clear()
    await rm(this.#directory, { recursive: true, force: true })
  }

  /** A place of this test for files. */
  path(name: string): string {
    return join(this.#directory, name)
  }

  /** The store that has an id now. */
  node(id: string): Node {
    const node = this.#nodes.get(id)
    if (!node) throw new Error(`no node ${id} is open`)
    return node
  }

  async master(options: NodeOptions = {}, id = 'm'): Promise<VectorStore> {
    const transport = this.transport(id, true)
    const { store } = await this.open(id, { role: 'master', transport, ...options })
    return store
  }

  /** A replica of the node `m`. */
  async replica(id = 'r', options: NodeOptions = {}): Promise<VectorStore> {
    const transport = new WatchedTransport(
      this.transport(id, false),
      (peer) => ({ ...peer, ...this.placeOf(peer.id) }),
      () => options.store?.clock?.monotonic() ?? 0,
    )
    const { store } = await this.open(id, { role: 'replica', master: { id: 'm' }, transport, ...options })
    return store
  }

  /** What a replica dials through. */
  links(id = 'r'): WatchedTransport {
    return this.node(id).transport
  }

  async open(id: string, { store: options = {}, environment, ...replication }: NodeOptions): Promise<Node> {
    const isOnDisk = this.kind.stores === 'on disk'
    const machine = isOnDisk ? nodeEnvironment() : memoryEnvironment()
    const store = await VectorStore.openIn(
      { ...machine, ...environment },
      {
        ...(isOnDisk ? { path: this.path(id) } : {}),
        nodeId: id,
        ...options,
        ...(replication.role ? { replication: replication as ReplicationOptions } : {}),
      },
    )
    this.#closers.push(() => store.close())
    const { transport } = replication
    const node = {
      ...{ id, store, events: [], warnings: [] },
      transport: transport instanceof WatchedTransport ? transport : new WatchedTransport(NO_TRANSPORT),
    }
    store.on('replication', (event) => (node.events as ReplicationEvent[]).push(event))
    store.on('warning', (warning) => (node.warnings as Warning[]).push(warning))
    this.#nodes.set(id, node)
    return node
  }

  async close(id: string): Promise<void> {
    await this.node(id).store.close()
    this.#nodes.delete(id)
  }

  /** A transport of this cluster's network. */
  transport(id: string, listens: boolean): Transport {
    if (this.kind.network === 'memory') return this.#network.transport(id)
    const transport = tcp({ id, ...(listens ? { listen: { host: '127.0.0.1', port: 0 } } : {}) })
    if (listens) this.#tcp.set(id, transport)
    return transport
  }

  /** The two ends of a new link: what the dialer has, and what the other side has. */
  async linkPair(near: string, far: string): Promise<[dialed: Link, accepted: Link]> {
    const network = memoryNetwork()
    const { signal } = new AbortController()
    const listening = network.transport(far).listen({ signal })
    const dialed = await network.transport(near).dial({ id: far }, { signal })
    const accepted = await listening[Symbol.asyncIterator]().next()
    return [dialed, accepted.value as Link]
  }

  /** Where a node listens, when it has an address. */
  placeOf(id: string): { address: string } | undefined {
    const address = this.#tcp.get(id)?.address
    return address === undefined ? undefined : { address }
  }
}

const NO_TRANSPORT: Transport = {
  dial: () => Promise.reject(new Error('this node does not dial')),
  listen: () => {
    throw new Error('this node does not listen')
  },
}

/** Declares the tests of `body` once per kind of cluster. */
export function describeClusters(body: (cluster: Cluster) => void, kinds = CLUSTER_KINDS): void {
  describe.each([...kinds])('over $network, stores $stores', (kind) => {
    const cluster = new Cluster(kind)
    beforeEach(() => cluster.begin())
    afterEach(() => cluster.end())
    body(cluster)
  })
}

/** Waits until something holds; fails with what it was last. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  await expect.poll(holds, { message: what, interval: 2 }).toBe(true)
}

/** Waits until replicas have all that their master has. */
export async function settled(master: VectorStore, ...replicas: VectorStore[]): Promise<void> {
  const { position } = master.replication
  for (const replica of replicas) await replica.replication.waitFor(position, { timeoutMs: 20_000 })
}

/** Both hold the same: settings, records with vectors and metadata, and the ranking of every search. */
export async function expectSame(master: VectorStore, ...replicas: VectorStore[]): Promise<void> {
  for (const replica of replicas) {
    expect(replica.replication.position).toEqual(master.replication.position)
    expect(replica.replication.historyId).toBe(master.replication.historyId)
    expect(await contents(replica)).toEqual(await contents(master))
  }
}

const TOP = 12

/** All that can be read of a store. */
export async function contents(store: VectorStore): Promise<unknown> {
  const all = []
  for (const info of store.listCollections()) {
    const collection = await store.openCollection(info.name)
    const records = await collected(collection.scan({ includeVector: true }))
    const rankings = []
    for (const vector of queries(info.dimensions)) {
      rankings.push(await collection.search({ vector, topK: TOP, exact: true, includeVector: true }))
      rankings.push(await collection.search({ vector, topK: TOP, exact: true, filter: { group: 1 } }))
      // Of larger collections an index gives some of the nearest, and its segments begin where its node let them.
      if (records.length <= 1_000) rankings.push(await collection.search({ vector, topK: TOP }))
    }
    const counts = { all: await collection.count(), group: await collection.count({ group: 1 }) }
    all.push({ info, records, rankings, counts, live: collection.getStats().records.live })
  }
  return all
}

function queries(dimensions: number): number[][] {
  return [1, 2, 3].map((seed) =>
    Array.from({ length: dimensions }, (_, at) => Math.sin(seed * 12.9898 + at * 78.233) + 0.01),
  )
}

/** A record that differs from every other one in all its parts. */
export function record(number: number, dimensions = 4, prefix = 'record') {
  return {
    id: `${prefix} ${String(number).padStart(5, '0')}`,
    vector: Array.from({ length: dimensions }, (_, at) => Math.fround(Math.sin(number * 3.7 + at) + 0.001)),
    metadata: { number, group: number % 3, label: `label ${number}` },
  }
}

export function records(count: number, from = 0, dimensions = 4) {
  return Array.from({ length: count }, (_, at) => record(from + at, dimensions))
}

export const SHAPE = { dimensions: 4, metric: 'euclidean', indexed: ['group'] } as const
