import { ReplivecError } from '../errors.js'
import type { Position } from '../log/position.js'
import { VectorStore } from '../store/vector-store.js'
import type { ClusterContext } from './cluster-context.js'
import { isBeforeOrAt, type ModelCommit } from './cluster-model.js'
import { type NodePlan, storeOptions } from './cluster-plan.js'
import { type FrameWritten, LogWatch } from './log-watch.js'
import { DeviceTime, MachineTime } from './machine-time.js'
import type { SeededRandom } from './seeded-random.js'
import type { DiskEvent } from './simulated-disk.js'
import { SimulatedMachine } from './simulated-machine.js'
import type { SimulatedPort } from './simulated-network.js'

/** One process of a node, from its start to its end. */
export interface Life {
  readonly number: number
  readonly port: SimulatedPort
  store: VectorStore | undefined
  /** That its positions belong to. */
  history: string
  isOver: boolean
  isClosing: boolean
  /** As a replica: it and its master agreed that operations follow. */
  isStreaming: boolean
  /** The last commit of each generation's log. */
  readonly tips: Map<string, ModelCommit>
}

/** What a node said it has, at most. */
export interface Claims {
  receivedSeq: number
  durableSeq: number
  appliedSeq: number
}

/** One node of a simulated cluster: its machine, the process that runs there, and what it promised so far. */
export class ClusterNode {
  readonly plan: NodePlan
  readonly machine: SimulatedMachine<MachineTime>
  readonly wall: MachineTime
  readonly device: DeviceTime
  life: Life | undefined
  /** When it is opened again; `undefined` while it runs. */
  openAtMs: number | undefined = 0
  readonly claims: Claims = { receivedSeq: 0, durableSeq: 0, appliedSeq: 0 }
  /** What no power cut may take, and what no crash may take. */
  durable: ModelCommit | undefined
  written: ModelCommit | undefined
  /** Its disk or a record store failed it, or may have. */
  isFaulty = false
  /** Snapshots that it was offered since it last said what it has: it may have put one in place. */
  offers: Position[] = []
  /** How it stopped, at worst, since it last was open. */
  stopped: 'closed' | 'crash' | 'powerCut' = 'closed'
  /** Called before every operation of its disk; may stop the node. */
  onDisk: (event: DiskEvent) => void = () => {}
  readonly #context: ClusterContext
  readonly #watch = new LogWatch()
  #lives = 0

  constructor(plan: NodePlan, random: SeededRandom, context: ClusterContext) {
    this.plan = plan
    this.#context = context
    const { time } = context
    this.wall = new MachineTime(time, {
      sinceBootMs: random.int(1_000_000),
      skewMs: random.pick([0, -3_600_000, 60_000, 5]),
    })
    const chances = random.fork('device')
    this.device = new DeviceTime(time, () => chances.next())
    this.machine = new SimulatedMachine({
      busyProbabilities: [0, 0, 0, 0.01],
      ...{ seed: `${random.seed}/machine`, host: plan.name, segmentBytes: plan.segmentBytes },
      ...{ clock: this.wall, deviceClock: this.device, recordsDelayYieldsMax: plan.diskYieldsMax },
    })
    this.machine.disk.delayYieldsMax = plan.diskYieldsMax
    this.machine.disk.beforeOperation = (event) => {
      context.trace.mix(`${plan.name} ${event.operation}`)
      this.onDisk(event)
    }
  }

  get name(): string {
    return this.plan.name
  }

  get isMaster(): boolean {
    return this.plan.role === 'master'
  }

  /** Its store, while it answers. */
  get store(): VectorStore | undefined {
    return this.life?.isOver || this.life?.isClosing ? undefined : this.life?.store
  }

  /** Starts a process and opens the store; when that fails, as disks may, it is tried again later. */
  async open(): Promise<void> {
    const { network, trace } = this.#context
    this.openAtMs = undefined
    const life: Life = {
      number: ++this.#lives,
      port: network.port(this.name),
      store: undefined,
      history: '',
      ...{ isOver: false, isClosing: false, isStreaming: false, tips: new Map() },
    }
    this.life = life
    trace.note(this.name, 'opens')
    const { environment } = this.machine
    try {
      const store = await VectorStore.openIn(
        { ...environment, files: this.#watch.watched(environment.files, this.#written(life)) },
        storeOptions(this.plan, life.port.transport),
      )
      if (life.isOver) return
      this.#opened(life, store)
    } catch (error) {
      if (life.isOver) return
      if (!(this.isFaulty && ReplivecError.is(error, 'STORAGE_FAILED'))) {
        this.#context.fail('answers', `${this.name} cannot be opened: ${textOf(error)}`)
      }
      trace.note(this.name, `cannot be opened: ${textOf(error)}`)
      this.stop('crash', 'break')
    }
  }

  /** Closes the store in order. @param forGood - it is not opened again */
  async close(forGood = false): Promise<void> {
    const { life } = this
    if (!life?.store || life.isOver || life.isClosing) return
    life.isClosing = true
    this.#context.trace.note(this.name, 'closes')
    const { readOnly } = life.store.getStats()
    try {
      await life.store.close()
    } catch (error) {
      if (!life.isOver && !this.isFaulty)
        this.#context.fail('answers', `closing ${this.name} failed: ${textOf(error)}`)
    }
    if (life.isOver) return
    this.#context.trace.note(this.name, 'closed')
    if (readOnly === null && !this.isFaulty) this.durable = this.written
    this.#end(life, 'break')
    this.stopped = 'closed'
    this.openAtMs = forGood ? undefined : this.#context.time.monotonic()
    // The process that closed its store ends, too; another one opens it again.
    if (this.machine.pendingTimers > 0) {
      this.#context.fail('leftovers', `${this.name} left ${this.machine.pendingTimers} timers behind`)
    }
    this.machine.crash()
  }

  /** The process ends without warning. @param links - what the other ends of its links hear of it */
  stop(kind: 'crash' | 'powerCut', links: 'break' | 'hang'): void {
    const { trace, time } = this.#context
    trace.note(this.name, kind === 'crash' ? 'crashes' : 'loses power')
    if (this.life && !this.life.isOver) this.#end(this.life, links)
    if (this.stopped !== 'powerCut') this.stopped = kind
    this.machine[kind]()
    this.openAtMs ??= time.monotonic()
  }

  /** The replica acknowledged. */
  claimed(received: number, durable: number, applied: number): void {
    const { claims } = this
    claims.receivedSeq = Math.max(claims.receivedSeq, received)
    claims.durableSeq = Math.max(claims.durableSeq, durable)
    claims.appliedSeq = Math.max(claims.appliedSeq, applied)
    if (received === 0) return
    this.offers = []
    const { store } = this
    if (!store) return
    const commit = this.commitAt(store.getStats().position)
    if (!commit) return
    // What it says is on stable storage may be ahead of what it applied; the model knows it by then.
    const claimed = this.#onChain(commit, durable)
    if (claimed && (!this.durable || claimed.seq > this.durable.seq)) this.durable = claimed
    if (!this.written || commit.seq > this.written.seq) this.written = commit
  }

  /** The master heard what the replica has as it joined: as much is counted before the first acknowledgement. */
  joined(): void {
    const { claims, store } = this
    if (!store) return
    const { log, position } = store.getStats()
    claims.receivedSeq = Math.max(claims.receivedSeq, log.headSeq)
    claims.appliedSeq = Math.max(claims.appliedSeq, position.seq)
  }

  /** A snapshot is in its place. */
  installed(position: Position): void {
    const { claims } = this
    this.offers = []
    claims.receivedSeq = Math.max(claims.receivedSeq, position.seq)
    claims.appliedSeq = Math.max(claims.appliedSeq, position.seq)
    const commit = this.commitAt(position)
    this.durable = commit
    this.written = commit
  }

  commitAt(position: Position): ModelCommit | undefined {
    const { life, store } = this
    if (life && store) life.history = store.getStats().historyId
    return this.#context.model.at(life?.history ?? '', position)
  }

  /** The commit that ends with an operation, among those that lead to the newest of this node's log, or after. */
  #onChain(applied: ModelCommit, seq: number): ModelCommit | undefined {
    let commit: ModelCommit | undefined = applied
    for (const tip of this.life?.tips.values() ?? []) {
      if (tip.seq > applied.seq && isBeforeOrAt(applied, tip)) commit = tip
    }
    while (commit && commit.seq > seq) commit = commit.parent
    return commit
  }

  #written(life: Life): FrameWritten {
    const { model, fail, attempt } = this.#context
    return (history, generation, frame) => {
      if (life.isOver) return
      attempt(() => {
        const before = life.tips.get(generation)
        if (this.isMaster && before) {
          life.tips.set(generation, model.add(history, before, frame))
          return
        }
        // What a store finds at the end of its log as it is opened, it writes once more.
        const commit = model.found(history, this.name, frame)
        if (before && commit.parent !== before) {
          fail('position', `${this.name} wrote ${commit.seq} after ${before.seq}`)
        }
        life.tips.set(generation, commit)
      })
    }
  }

  #opened(life: Life, store: VectorStore): void {
    const { trace, fail } = this.#context
    const { position, historyId } = store.getStats()
    life.store = store
    trace.note(this.name, `is open at ${position.epoch}/${position.seq}`)
    const commit = this.commitAt(position)
    if (!commit) {
      fail('prefix', `${this.name} opened at ${position.epoch}/${position.seq}, which never was`)
      return
    }
    const promised = this.stopped === 'powerCut' ? this.durable : this.written
    // Nothing at all is the beginning of every history.
    if (
      promised &&
      promised.seq > 0 &&
      !isBeforeOrAt(promised, commit) &&
      !this.#isOffered(commit, historyId)
    ) {
      const what = `${promised.epoch}/${promised.seq}, and is at ${position.epoch}/${position.seq}`
      fail('durability', `${this.name} had promised ${what} after a ${this.stopped}`)
    }
    this.durable = commit
    this.written = commit
    this.offers = []
    this.stopped = 'closed'
    if (this.isMaster) life.tips.set('/data/store', commit)
    this.#listen(life, store)
  }

  #isOffered(commit: ModelCommit, historyId: string): boolean {
    return this.offers.some((position) => {
      const offered = this.#context.model.at(historyId, position)
      return offered !== undefined && isBeforeOrAt(offered, commit)
    })
  }

  #listen(life: Life, store: VectorStore): void {
    const { trace, fail, counts } = this.#context
    store.on('warning', ({ code, message }) => {
      if (!life.isOver) trace.note(this.name, `warns ${code}: ${message}`)
    })
    store.on('replication', (event) => {
      if (life.isOver) return
      trace.note(this.name, `${event.kind} ${JSON.stringify({ ...event, kind: undefined })}`)
      if (event.kind === 'snapshot') {
        counts.snapshots += 1
        this.installed(event.position)
      }
      if (this.isMaster && event.kind === 'connected' && event.snapshotReason === null)
        this.#context.joined(event.peerId)
      if (event.kind === 'connected') life.isStreaming = event.snapshotReason === null
      if (event.kind === 'disconnected') life.isStreaming = false
      if (event.kind === 'fenced') fail('position', `the only master was fenced at epoch ${event.epoch}`)
    })
  }

  #end(life: Life, links: 'break' | 'hang'): void {
    life.isOver = true
    life.port.die(links)
  }
}

export function textOf(error: unknown): string {
  return error instanceof ReplivecError
    ? `${error.code}: ${error.message}`
    : String((error as Error)?.stack ?? error)
}
