import { ReplivecError } from '../errors.js'
import type { ReplicationStats } from '../replication/replication.js'
import { PIECE_BYTES_MAX } from '../replication/protocol/master-stream.js'
import type { VectorStore } from '../store/vector-store.js'
import type { ClusterContext } from './cluster-context.js'
import { describeState, settingsText, type ModelCollection } from './cluster-model.js'
import type { ClusterNode } from './cluster-node.js'

/** How often the contents of a node that goes on changing are read anew. */
const READS_MAX = 3

/** What is looked at while a cluster runs. */
export class ClusterInvariants {
  readonly #context: ClusterContext
  /** Of each process, its stats when they were looked at last. */
  readonly #last = new WeakMap<VectorStore, ReplicationStats>()

  constructor(context: ClusterContext) {
    this.#context = context
  }

  /** Looks at what can be looked at in no time. */
  observe(node: ClusterNode): void {
    const { store } = node
    if (!store) return
    const stats = store.replication.getStats()
    if (!stats) return
    const before = this.#last.get(store)
    this.#last.set(store, stats)
    const numbers = [stats.lagMs, stats.lagOperations, stats.operationsPending, stats.masterOffset]
    if (![...numbers, stats.replicaOffset, stats.totalReplicated].every((value) => value >= 0)) {
      this.#fail('stats', node, 'one of its figures is negative or no number', stats)
    }
    if (stats.lagOperations !== stats.masterOffset - stats.replicaOffset)
      this.#fail('stats', node, 'lagOperations is not the difference of the offsets', stats)
    if (before && stats.totalReplicated < before.totalReplicated)
      this.#fail('stats', node, `totalReplicated was ${before.totalReplicated}`, stats)
    if (before && stats.bytesSent < before.bytesSent)
      this.#fail('stats', node, `bytesSent was ${before.bytesSent}`, stats)
    if (!node.isMaster && node.life?.isStreaming && stats.lagOperations === 0 && stats.lagMs !== 0)
      this.#fail('stats', node, 'it is equal and lags', stats)
    if (node.isMaster) this.#observeMaster(node, store, stats)
  }

  #observeMaster(node: ClusterNode, store: VectorStore, stats: ReplicationStats): void {
    const { model } = this.#context
    const { maxInFlightBytes = 0, maxQueuedBytes = 0 } = node.plan.replication
    const replicas = store.replication.getReplicas() ?? []
    const head = store.getStats().position.seq
    if (stats.masterOffset !== head) this.#fail('stats', node, `its head is ${head}`, stats)
    const lowest = Math.min(head, ...replicas.map(({ offset }) => offset))
    if (replicas.length > 0 && stats.replicaOffset !== lowest)
      this.#fail('stats', node, `its lowest replica has ${lowest}`, stats)
    for (const replica of replicas) {
      const { id, offset, lagOperations, lagMs, queuedBytes, inFlightBytes, linked } = replica
      if (lagOperations !== head - offset || lagMs < 0 || (lagOperations === 0 && lagMs !== 0))
        this.#fail('stats', node, `the lag of ${id} does not add up`, replica)
      if (queuedBytes < 0 || queuedBytes > maxQueuedBytes)
        this.#fail('budget', node, `${queuedBytes} bytes are queued for ${id}`, replica)
      // What has applied something takes no snapshot, except anew.
      const beyond = offset > 0 ? model.bytesMax : Math.max(PIECE_BYTES_MAX, model.bytesMax)
      if (inFlightBytes < 0 || inFlightBytes > maxInFlightBytes + beyond)
        this.#fail('budget', node, `${inFlightBytes} bytes are on the way to ${id}`, replica)
      if (!linked && (queuedBytes > 0 || inFlightBytes > 0))
        this.#fail('budget', node, `bytes wait for ${id}, which has no link`, replica)
    }
  }

  /** Reads everything a node has, and compares it with what the master had at that position. @returns whether it could be read */
  async compare(node: ClusterNode): Promise<boolean> {
    const { model, counts } = this.#context
    for (let left = READS_MAX; left > 0; left--) {
      const { store } = node
      if (!store) return false
      const { position, historyId } = store.getStats()
      const found = await contentsOf(store).catch((error: unknown) => {
        if (!ReplivecError.is(error)) throw error
        return undefined
      })
      if (node.store !== store || !found) continue
      const now = store.getStats().position
      if (now.seq !== position.seq || now.epoch !== position.epoch) continue
      const commit = model.at(historyId, position)
      counts.checks += 1
      if (!commit) {
        this.#context.fail('prefix', `${node.name} is at ${position.epoch}/${position.seq}, which never was`)
        return true
      }
      const difference = differenceOf(describeState(commit.state), found)
      if (difference) {
        const at = `${position.epoch}/${position.seq}`
        this.#context.fail(
          'prefix',
          `${node.name} is at ${at} and differs from the master there: ${difference}`,
        )
      }
      return true
    }
    return false
  }

  #fail(invariant: 'stats' | 'budget', node: ClusterNode, what: string, figures: unknown): void {
    this.#context.fail(invariant, `${node.name}: ${what}: ${JSON.stringify(figures)}`)
  }
}

/** All collections and records, as the model says them. */
export async function contentsOf(store: VectorStore): Promise<string[]> {
  const state = new Map<number, ModelCollection>()
  for (const [index, { name, ...settings }] of store.listCollections().entries()) {
    const records = new Map()
    const collection = await store.openCollection(name)
    for await (const { id, vector, metadata } of collection.scan({ includeVector: true })) {
      records.set(id, { vector: [...vector], metadata })
    }
    state.set(index, { name, settings: settingsText(settings), records })
  }
  return describeState(state)
}

function differenceOf(expected: readonly string[], found: readonly string[]): string | undefined {
  const [wanted, had] = [new Set(expected), new Set(found)]
  const lines = [
    ...expected.filter((line) => !had.has(line)).map((line) => `- ${line}`),
    ...found.filter((line) => !wanted.has(line)).map((line) => `+ ${line}`),
  ]
  if (lines.length === 0) return expected.length === found.length ? undefined : 'a record is there twice'
  return `${lines.length} lines, such as ${lines.slice(0, 4).join(' ')}`
}
