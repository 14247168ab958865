import type { Collection } from '../collection/collection.js'
import { ReplivecError, type ReplivecErrorCode } from '../errors.js'
import type { Position } from '../log/position.js'
import type { ClusterContext } from './cluster-context.js'
import { ClusterCalls, type WriteAnswer, type WriteCall } from './cluster-calls.js'
import { type ClusterNode, type Life, textOf } from './cluster-node.js'
import type { ClusterPlan } from './cluster-plan.js'
import type { SeededRandom } from './seeded-random.js'

/** A call that was not answered yet. */
interface OpenCall {
  readonly what: string
  readonly node: ClusterNode
  readonly life: Life
  readonly sinceMs: number
}

/** No call takes longer: the longest wait a caller asks for, a silent peer, and an operation that is tried again. */
const ANSWER_MS_MAX = 120_000
const REFUSALS: readonly ReplivecErrorCode[] = [
  'COLLECTION_EXISTS',
  'COLLECTION_NOT_FOUND',
  'ID_NOT_FOUND',
  'WRITE_CONCERN_TIMEOUT',
]

/** The callers of a cluster: they write on the master, wait for replicas, and judge what they are answered. */
export class ClusterWorkload {
  readonly #context: ClusterContext
  readonly #random: SeededRandom
  readonly #calls: ClusterCalls
  readonly #nodes: readonly ClusterNode[]
  readonly #handles = new Map<Life, Collection[]>()
  readonly #open = new Set<OpenCall>()

  constructor(
    context: ClusterContext,
    random: SeededRandom,
    plan: ClusterPlan,
    nodes: readonly ClusterNode[],
  ) {
    this.#context = context
    this.#random = random
    this.#nodes = nodes
    this.#calls = new ClusterCalls(random.fork('calls'), plan)
  }

  get #master(): ClusterNode {
    return this.#nodes[0] as ClusterNode
  }

  /** Makes a random write on the master, and does not wait for it. */
  write(): void {
    const node = this.#master
    const { life, store } = node
    if (!life || !store) return
    const handles = this.#handlesOf(life)
    const call = this.#calls.next(handles)
    const { counts } = this.#context
    counts.calls += 1
    const number = counts.calls
    this.#context.trace.note(node.name, `call ${number} ${call.what}${concernText(call)}`)
    const created = (handle: Collection): void => {
      handles.push(handle)
    }
    this.#track(node, life, `call ${number}`, async () => {
      try {
        const answer = await call.run(store, created)
        if (!life.isOver && answer) this.#answered(node, number, call, answer)
      } catch (error) {
        if (!life.isOver) this.#refused(node, life, number, call, error)
      }
    })
  }

  /** Waits on a replica for what the master has now. */
  wait(): void {
    const replica = this.#random.pick(this.#nodes.slice(1))
    const { life, store } = replica
    const master = this.#master.store
    if (!life || !store) return
    const position = this.#random.chance(0.5) ? master?.getStats().position : undefined
    const wanted = master?.getStats().position
    const masterLife = this.#master.life
    const timeoutMs = this.#random.pick([100, 2_000, 20_000])
    this.#track(replica, life, 'a wait', async () => {
      try {
        await store.replication.waitFor(position, { timeoutMs })
        if (life.isOver || !wanted || this.#master.life !== masterLife || masterLife?.isOver) return
        const { seq } = store.replication.position
        if (seq < wanted.seq)
          this.#context.fail('answers', `${replica.name} waited for ${wanted.seq} and is at ${seq}`)
      } catch (error) {
        if (!life.isOver && !ReplivecError.is(error))
          this.#context.fail('answers', `a wait on ${replica.name} ended with ${textOf(error)}`)
      }
    })
  }

  /** Every call was answered in time. */
  checkAnswers(): void {
    const nowMs = this.#context.time.monotonic()
    for (const call of this.#open) {
      if (call.life.isOver) this.#open.delete(call)
      else if (nowMs - call.sinceMs > ANSWER_MS_MAX)
        this.#context.fail(
          'answers',
          `${call.what} on ${call.node.name} is not answered since ${call.sinceMs} ms`,
        )
    }
  }

  /** No call is left. */
  get isQuiet(): boolean {
    for (const call of this.#open) if (!call.life.isOver) return false
    return true
  }

  #track(node: ClusterNode, life: Life, what: string, run: () => Promise<void>): void {
    const call = { what, node, life, sinceMs: this.#context.time.monotonic() }
    this.#open.add(call)
    run().then(
      () => this.#open.delete(call),
      (error: unknown) => this.#context.fail('answers', textOf(error)),
    )
  }

  /** The handles of a process; at first of what its store found. */
  #handlesOf(life: Life): Collection[] {
    let handles = this.#handles.get(life)
    if (handles) return handles
    handles = []
    this.#handles.set(life, handles)
    const { store } = life
    for (const { name } of store?.listCollections() ?? []) {
      store?.openCollection(name).then(
        (handle) => handles?.push(handle),
        () => undefined,
      )
    }
    return handles
  }

  #answered(node: ClusterNode, number: number, call: WriteCall, answer: WriteAnswer): void {
    const { trace, fail } = this.#context
    const { position, count, acks } = answer
    trace.note(node.name, `answered ${number}: ${count} at ${position.epoch}/${position.seq}, ${acks} acks`)
    if (count === 0) return
    this.#stored(node, number, call, position)
    const commit = node.commitAt(position)
    if (commit && commit.seq - commit.firstSeq + 1 !== count)
      fail(
        'acknowledgement',
        `call ${number} changed ${commit.seq - commit.firstSeq + 1} records, not ${count}`,
      )
    this.#countAcks(number, call, position.seq, acks)
  }

  /** The store says that the write is in its log. */
  #stored(node: ClusterNode, number: number, call: WriteCall, position: Position): void {
    const { fail } = this.#context
    const commit = node.commitAt(position)
    if (!commit) {
      fail('acknowledgement', `call ${number} was answered with a position that never was`)
      return
    }
    const problem = call.problem(commit)
    if (problem) fail('acknowledgement', `call ${number} ${call.what}: ${problem}`)
    if (!node.written || commit.seq > node.written.seq) node.written = commit
    const isDurable = node.plan.durability === 'sync' || call.concern?.level === 'durable'
    if (isDurable && (!node.durable || commit.seq > node.durable.seq)) node.durable = commit
  }

  /** Every node that is counted has said that it has the write. */
  #countAcks(number: number, { concern }: WriteCall, seq: number, acks: number): void {
    if (!concern) return
    const { w = 1, level = 'applied' } = concern
    const has = ({ claims, isMaster }: ClusterNode): boolean => isMaster || claims[`${level}Seq`] >= seq
    const able = this.#nodes.filter(has).length
    const needed = w === 'majority' ? Math.floor(this.#nodes.length / 2) + 1 : w === 'all' ? 1 : w
    if (acks > able)
      this.#context.fail('acknowledgement', `call ${number}: ${acks} acks, and ${able} nodes have it`)
    if (acks < needed) this.#context.fail('acknowledgement', `call ${number}: ${acks} acks of ${needed}`)
  }

  #refused(node: ClusterNode, life: Life, number: number, call: WriteCall, error: unknown): void {
    const { trace, fail } = this.#context
    if (!ReplivecError.is(error)) {
      fail('answers', `call ${number} ended with ${textOf(error)}`)
      return
    }
    trace.note(node.name, `refused ${number} ${error.code}`)
    const { position } = error.details as { position?: Position }
    const isExpected =
      REFUSALS.includes(error.code) ||
      (error.code === 'CLOSED' && life.isClosing) ||
      (error.code === 'STORAGE_FAILED' && node.isFaulty)
    if (!isExpected) fail('answers', `call ${number} ${call.what} ended with ${textOf(error)}`)
    if (position) this.#stored(node, number, call, position)
  }
}

function concernText({ concern }: WriteCall): string {
  return concern ? ` (w ${concern.w}, ${concern.level ?? 'applied'}, ${concern.timeoutMs} ms)` : ''
}
