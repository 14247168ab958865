import { ReplivecError } from '../errors.js'
import type { ClusterContext } from './cluster-context.js'
import type { ClusterNode } from './cluster-node.js'
import type { ClusterPlan, FaultPlan } from './cluster-plan.js'
import type { SeededRandom } from './seeded-random.js'

/** Lets things go wrong in a cluster, as the seed says, until it is told to stop. */
export class ClusterFaults {
  readonly #context: ClusterContext
  readonly #random: SeededRandom
  readonly #plan: ClusterPlan
  readonly #nodes: readonly ClusterNode[]
  readonly #kinds: (() => void)[]
  /** After so many more frames the one who sends, or gets, that one stops. */
  #framesLeft: number | undefined
  /** Cancels what is still to come. */
  readonly #planned = new Set<() => void>()

  constructor(
    context: ClusterContext,
    random: SeededRandom,
    plan: ClusterPlan,
    nodes: readonly ClusterNode[],
  ) {
    this.#context = context
    this.#random = random
    this.#plan = plan
    this.#nodes = nodes
    this.#kinds = this.#kindsOf(plan.faults)
    if (plan.faults.slowDisks) {
      for (const { device } of nodes)
        device.slowness = { probability: random.pick([0, 0.02, 0.3]), msMax: random.pick([3, 60]) }
    }
  }

  /** Whether anything can go wrong. */
  get isAny(): boolean {
    return this.#kinds.length > 0
  }

  /** Lets something go wrong. */
  strike(): void {
    this.#random.pick(this.#kinds)()
  }

  /** Called with every frame that is sent. */
  frame(from: ClusterNode, to: ClusterNode): void {
    if (this.#framesLeft === undefined || this.#framesLeft-- > 0) return
    this.#framesLeft = undefined
    const node = this.#random.chance(0.5) ? from : to
    if (node.life && !node.life.isOver) this.#stop(node)
  }

  /** Nothing goes wrong any more; what is broken stays so. */
  end(): void {
    const { network } = this.#context
    for (const cancel of this.#planned) cancel()
    this.#planned.clear()
    this.#framesLeft = undefined
    network.badRates = undefined
    network.release()
    for (const node of this.#nodes) {
      node.device.slowness = { probability: 0, msMax: 1 }
      node.machine.disk.capacityBytes = Number.POSITIVE_INFINITY
      node.onDisk = () => {}
    }
  }

  #kindsOf(faults: FaultPlan): (() => void)[] {
    const kinds: (() => void)[] = []
    if (faults.links) {
      kinds.push(
        () => this.#cut(),
        () => this.#cut(),
        () => this.#hold(),
        () => this.#refuse(),
      )
    }
    if (faults.processes || faults.power) {
      kinds.push(
        () => this.#stop(this.#random.pick(this.#nodes)),
        () => this.#stopAtDisk(),
        () => this.#stopAtDisk(),
        () => {
          this.#framesLeft = this.#random.int(40)
        },
      )
    }
    if (faults.disks) {
      kinds.push(
        () => this.#failDisk(),
        () => this.#fillDisk(),
        () => this.#failRecords(),
      )
    }
    if (faults.clocks) kinds.push(() => this.#jump())
    if (faults.badTransport) kinds.push(() => this.#spoil())
    if (faults.operators)
      kinds.push(
        () => this.#operate(),
        () => void this.#random.pick(this.#nodes).close(),
      )
    return kinds
  }

  #later(run: () => void, delayMs: number): void {
    const cancel = this.#context.time.timer(() => {
      this.#planned.delete(cancel)
      run()
    }, delayMs)
    this.#planned.add(cancel)
  }

  #pair(): [ClusterNode, ClusterNode] {
    const [master, ...replicas] = this.#nodes
    return [master as ClusterNode, this.#random.pick(replicas)]
  }

  #cut(): void {
    const [a, b] = this.#pair()
    const deaf = this.#random.chance(0.25) ? this.#random.pick([a, b]).name : undefined
    this.#context.trace.note('network', `cuts ${b.name}${deaf ? `, ${deaf} hears nothing of it` : ''}`)
    this.#context.network.cut(a.name, b.name, deaf)
  }

  /** A partition, in one direction or both; then the link dies, or goes on. */
  #hold(): void {
    const { network, trace } = this.#context
    const [a, b] = this.#pair()
    const ways = this.#random.pick([
      [[a, b]],
      [[b, a]],
      [
        [a, b],
        [b, a],
      ],
    ])
    trace.note('network', `holds ${ways.map(([from, to]) => `${from?.name} to ${to?.name}`).join(' and ')}`)
    for (const [from, to] of ways) network.hold(from?.name ?? '', to?.name ?? '')
    const dies = this.#random.chance(0.5)
    this.#later(
      () => {
        trace.note('network', dies ? 'breaks what it held' : 'goes on')
        if (dies) network.cut(a.name, b.name)
        network.release()
      },
      this.#random.pick([50, 1_000, 15_000, 70_000]),
    )
  }

  #refuse(): void {
    const { network, trace } = this.#context
    trace.note('network', 'refuses links to the master')
    network.refuse('master', true)
    this.#later(() => network.refuse('master', false), this.#random.pick([500, 5_000]))
  }

  #stop(node: ClusterNode): void {
    const { faults } = this.#plan
    const { counts, time } = this.#context
    const kinds = [...(faults.processes ? ['crash'] : []), ...(faults.power ? ['powerCut'] : [])] as const
    const kind = this.#random.pick(kinds) as 'crash' | 'powerCut'
    counts[kind === 'crash' ? 'crashes' : 'powerCuts'] += 1
    node.stop(kind, this.#random.chance(0.2) ? 'hang' : 'break')
    node.openAtMs = time.monotonic() + this.#random.pick([0, 0, 300, 5_000])
  }

  #stopAtDisk(): void {
    const node = this.#random.pick(this.#nodes)
    let left = this.#random.int(this.#random.pick([6, 40, 150]))
    node.onDisk = () => {
      if (left-- > 0) return
      node.onDisk = () => {}
      if (node.life && !node.life.isOver) this.#stop(node)
    }
  }

  #failDisk(): void {
    const node = this.#random.pick(this.#nodes)
    const kinds = this.#random.pick([[], ['sync'], ['write'], ['read', 'open'], ['rename', 'remove']])
    let left = this.#random.int(20)
    node.onDisk = ({ operation }) => {
      if ((kinds.length > 0 && !kinds.includes(operation)) || left-- > 0) return
      node.onDisk = () => {}
      this.#fault(node, `the disk fails to ${operation}`)
      node.machine.disk.failNext(operation, this.#random.pick(['EIO', 'ENOSPC']))
    }
  }

  #fillDisk(): void {
    const node = this.#random.pick(this.#nodes)
    const { disk } = node.machine
    this.#fault(node, 'the disk is full')
    disk.capacityBytes = disk.usedBytes + this.#random.int(8_192)
    this.#later(() => {
      disk.capacityBytes = Number.POSITIVE_INFINITY
    }, 2_000)
  }

  #failRecords(): void {
    const node = this.#random.pick(this.#nodes)
    if (!node.life || node.life.isOver) return
    this.#fault(node, 'a record store fails')
    node.machine.keyValues.failNextCommits()
  }

  #fault(node: ClusterNode, what: string): void {
    this.#context.trace.note(node.name, what)
    node.isFaulty = true
  }

  #jump(): void {
    const node = this.#random.pick(this.#nodes)
    const ms = this.#random.pick([-3_600_000, -500, 500, 86_400_000])
    this.#context.trace.note(node.name, `its wall clock jumps by ${ms} ms`)
    node.wall.jumpWall(ms)
  }

  #spoil(): void {
    const { network, trace } = this.#context
    const rate = this.#random.pick([0.02, 0.2])
    const [drop, duplicate, reorder, corrupt] = Array.from({ length: 4 }, () =>
      this.#random.chance(0.5) ? rate : 0,
    ) as [number, number, number, number]
    trace.note('network', 'begins to break its promises')
    network.badRates = { drop, duplicate, reorder, corrupt }
    this.#later(
      () => {
        trace.note('network', 'keeps its promises again')
        network.badRates = undefined
      },
      this.#random.pick([200, 4_000]),
    )
  }

  /** What an operator may do. */
  #operate(): void {
    const { trace } = this.#context
    const random = this.#random
    const [master, replica] = this.#pair()
    const node = random.pick([master, replica])
    const replication = node.store?.replication
    if (!replication) return
    const what = random.pick(['pause', 'resume', 'resync', 'forget'] as const)
    if (what === 'forget' && !node.isMaster) return
    trace.note(node.name, what === 'forget' ? `forgets ${replica.name}` : `${what}s`)
    try {
      if (what === 'forget') replication.forget(replica.name)
      else replication[what]()
      if (node.life && what !== 'resume') node.life.isStreaming = false
    } catch (error) {
      if (!ReplivecError.is(error)) throw error
    }
  }
}
