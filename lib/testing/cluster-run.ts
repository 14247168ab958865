import { overheard } from './overheard-message.js'
import { ReplivecError } from '../errors.js'
import type { ClusterContext, SimulationCounts } from './cluster-context.js'
import { ClusterFaults } from './cluster-faults.js'
import { ClusterInvariants } from './cluster-invariants.js'
import { ClusterModel } from './cluster-model.js'
import { ClusterNode, textOf } from './cluster-node.js'
import { type ClusterPlan, planCluster } from './cluster-plan.js'
import { ClusterWorkload } from './cluster-workload.js'
import { SeededRandom } from './seeded-random.js'
import { SharedTime } from './shared-time.js'
import { SimulatedNetwork } from './simulated-network.js'
import { SimulationTrace } from './simulation-trace.js'
import { type Invariant, violation } from './violation.js'

/** After so much time without faults everything is equal: retries, silent links and halts have all come to their end. */
const HEALING_MS = 400_000
const STEP_MS = 250
/** Closing takes no longer. */
const CLOSING_MS = 100_000
/** Messages longer than this say nothing about positions. */
const SMALL_FRAME_BYTES = 400

/** One simulated cluster, from its first open to its last close. */
export class ClusterRun {
  readonly time = new SharedTime()
  readonly trace: SimulationTrace
  readonly counts: SimulationCounts = {
    ...{ commits: 0, calls: 0, frames: 0, crashes: 0, powerCuts: 0, snapshots: 0, checks: 0 },
  }
  readonly #random: SeededRandom
  readonly #plan: ClusterPlan
  readonly #nodes: readonly ClusterNode[]
  readonly #network: SimulatedNetwork
  readonly #workload: ClusterWorkload
  readonly #faults: ClusterFaults
  readonly #invariants: ClusterInvariants
  #failure: ReplivecError | undefined

  /** @param print - told every line of the trace */
  constructor(
    seed: number,
    options: { events?: number | undefined; print?: ((line: string) => void) | undefined } = {},
  ) {
    const random = new SeededRandom(`cluster-${seed}`)
    const plan = planCluster(random.fork('plan'), options.events)
    this.#random = random.fork('run')
    this.#plan = plan
    this.trace = new SimulationTrace(this.time, options.print)
    this.trace.note('plan', JSON.stringify({ ...plan, nodes: plan.nodes.length }))
    this.#network = new SimulatedNetwork({
      sending: (from, to, frame) => this.#sending(from, to, frame),
      note: (what) => this.trace.note('network', what),
      ...{ time: this.time, random: random.fork('network'), settings: plan.links },
    })
    const context = this.#context()
    this.#invariants = new ClusterInvariants(context)
    this.#nodes = plan.nodes.map((node) => new ClusterNode(node, random.fork(node.name), context))
    this.#workload = new ClusterWorkload(context, random.fork('workload'), plan, this.#nodes)
    this.#faults = new ClusterFaults(context, random.fork('faults'), plan, this.#nodes)
  }

  /** @throws the promise that was broken */
  async run(): Promise<void> {
    for (const node of this.#nodes.slice(1)) node.openAtMs = this.#random.pick([0, 0, 100, 20_000])
    for (let left = this.#plan.events; left > 0; left--) {
      this.#event()
      await this.#pass()
      this.#observe()
      if (this.#random.chance(0.06))
        await this.#drive(this.#invariants.compare(this.#random.pick(this.#nodes)), 'a scan')
    }
    await this.#heal()
    await this.#end()
  }

  #context(): ClusterContext {
    const { time, trace, counts } = this
    return {
      fail: (invariant, what) => this.#fail(invariant, what),
      attempt: (run) => {
        try {
          run()
        } catch (error) {
          if (!ReplivecError.is(error)) throw error
          this.#failure ??= error
        }
      },
      joined: (name) => this.#nodeOf(name).joined(),
      ...{ time, trace, counts, network: this.#network, model: new ClusterModel(counts) },
    }
  }

  #fail(invariant: Invariant, what: string): void {
    this.trace.note('BROKEN', `${invariant}: ${what}`)
    this.#failure ??= violation(invariant, what)
  }

  /** Something happens. */
  #event(): void {
    const kind = this.#random.int(100)
    if (kind < 18 && this.#faults.isAny) this.#faults.strike()
    else if (kind < 24) this.#workload.wait()
    else for (let burst = this.#random.pick([1, 1, 1, 2, 8]); burst > 0; burst--) this.#workload.write()
  }

  /** A moment passes, or a long time. */
  async #pass(): Promise<void> {
    const random = this.#random
    const kind = random.int(100)
    if (kind < 35) {
      const turn = this.time.turns + random.int(30)
      return this.#advance(1, () => this.time.turns >= turn)
    }
    if (kind < 80) return this.#advance(random.int(30))
    if (kind < 96) return this.#advance(random.int(1_500))
    return this.#advance(random.int(20_000))
  }

  /** @throws the promise that was broken */
  async #advance(ms: number, isOver: () => boolean = () => false): Promise<void> {
    const endMs = this.time.monotonic() + ms
    do {
      this.#openDue()
      const nextMs = Math.min(endMs, ...this.#nodes.map(({ openAtMs }) => openAtMs ?? endMs))
      const stepMs = Math.max(0, nextMs - this.time.monotonic())
      await this.time.run(stepMs, () => this.#failure !== undefined || isOver())
      if (this.#failure) throw this.#failure
    } while (this.time.monotonic() < endMs && !isOver())
    this.#openDue()
  }

  #openDue(): void {
    for (const node of this.#nodes) {
      if (node.openAtMs !== undefined && node.openAtMs <= this.time.monotonic()) void node.open()
    }
  }

  /** Lets time pass until some work is done. */
  async #drive(work: Promise<unknown>, what: string, msMax = CLOSING_MS): Promise<void> {
    let isDone = false
    work.then(
      () => {
        isDone = true
      },
      (error: unknown) => this.#fail('answers', `${what} ended with ${textOf(error)}`),
    )
    const endMs = this.time.monotonic() + msMax
    // Nodes whose process ended while they were asked never answer.
    while (!isDone && this.time.monotonic() < endMs) await this.#advance(STEP_MS, () => isDone)
    if (!isDone) this.#fail('answers', `${what} takes longer than ${msMax} ms`)
    if (this.#failure) throw this.#failure
  }

  #observe(): void {
    for (const node of this.#nodes) this.#invariants.observe(node)
    this.#workload.checkAnswers()
    if (this.#failure) throw this.#failure
  }

  /** Nothing goes wrong any more: in time everything is equal. */
  async #heal(): Promise<void> {
    this.trace.note('run', 'heals')
    this.#faults.end()
    const deadlineMs = this.time.monotonic() + HEALING_MS
    await this.#reopenFaulty(deadlineMs)
    for (const { store } of this.#nodes) store?.replication.resume()
    // A link that was cut before may be noticed by one of its ends only now, when all are equal already.
    for (let isLasting = false; !isLasting; isLasting = this.#isEqual()) {
      while (!this.#isEqual()) {
        if (this.time.monotonic() > deadlineMs) this.#fail('convergence', this.#standing())
        await this.#advance(STEP_MS)
        this.#observe()
      }
      this.trace.note('run', 'is equal')
      await this.#advance(2_500)
      this.#observe()
    }
    for (const node of this.#nodes) {
      await this.#drive(this.#invariants.compare(node), 'a last look')
      const stats = node.store?.replication.getStats()
      if (stats && (stats.lagMs !== 0 || stats.lagOperations !== 0 || stats.operationsPending !== 0))
        this.#fail('stats', `${node.name} is equal and lags: ${JSON.stringify(stats)}`)
    }
    if (this.#failure) throw this.#failure
  }

  /** A store whose disk failed it is read-only until it is opened again. */
  async #reopenFaulty(deadlineMs: number): Promise<void> {
    const isDown = (): boolean => this.#nodes.some(({ store }) => !store)
    for (let round = 0; round < 2; round++) {
      while (isDown()) {
        if (this.time.monotonic() > deadlineMs)
          this.#fail('answers', `a store does not open: ${this.#standing()}`)
        await this.#advance(STEP_MS)
      }
      if (round > 0) return
      for (const node of this.#nodes) {
        if (!node.isFaulty) continue
        await this.#drive(node.close(), `closing ${node.name}`)
        node.isFaulty = false
      }
    }
  }

  #isEqual(): boolean {
    const [master, ...replicas] = this.#nodes.map(({ store }) => store)
    if (!master || !this.#workload.isQuiet) return false
    const { position, historyId } = master.getStats()
    const known = master.replication.getReplicas() ?? []
    return replicas.every((store, index) => {
      const stats = store?.replication.getStats()
      const info = known.find(({ id }) => id === this.#nodes[index + 1]?.name)
      const isSame = stats?.position.seq === position.seq && stats.position.epoch === position.epoch
      // Only who follows its master knows that it is equal.
      const isFollowing = stats?.historyId === historyId && stats.lagMs === 0
      return isSame && isFollowing && info?.linked && info.lagOperations === 0
    })
  }

  #standing(): string {
    return this.#nodes
      .map(({ name, store }) => {
        const stats = store?.replication.getStats()
        if (!stats) return `${name} is closed`
        const { position, linked, halted, status } = stats
        return `${name} ${position.epoch}/${position.seq} ${status ?? ''} ${linked ?? ''} ${halted?.code ?? ''}`
      })
      .join(', ')
  }

  /** Everything closes, and nothing is left. */
  async #end(): Promise<void> {
    const order = this.#random.chance(0.5) ? this.#nodes : [...this.#nodes].reverse()
    for (const node of order) {
      await this.#drive(node.close(true), `closing ${node.name}`)
    }
    await this.#advance(25_000)
    const { pendingTimers } = this.time
    if (pendingTimers > 0) this.#fail('leftovers', `${pendingTimers} timers are left`)
    if (this.#network.openLinks > 0) this.#fail('leftovers', `${this.#network.openLinks} links are left`)
    if (this.#failure) throw this.#failure
  }

  #sending(from: string, to: string, frame: Uint8Array): void {
    this.counts.frames += 1
    this.trace.mix(`${from}>${to} ${frame.byteLength}`)
    const [sender, receiver] = [this.#nodeOf(from), this.#nodeOf(to)]
    this.#faults.frame(sender, receiver)
    if (frame.byteLength > SMALL_FRAME_BYTES || sender.life?.isOver) return
    const { message } = overheard(frame)
    if (message.kind === 'ack') sender.claimed(message.receivedSeq, message.durableSeq, message.appliedSeq)
    if (message.kind === 'snapshot-start') receiver.offers.push(message.position)
    if (message.kind === 'refusal') this.trace.note(from, `refuses ${to}: ${message.code} ${message.message}`)
  }

  #nodeOf(name: string): ClusterNode {
    return this.#nodes.find((node) => node.name === name) as ClusterNode
  }
}
