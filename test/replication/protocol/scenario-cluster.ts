import { type End, otherEnd, type Parcel, ToyLink } from './toy-link.js'
import { ToyMaster, type ToyMasterOptions, type ToySnapshot } from './toy-master.js'
import { ToyReplica, type ToyReplicaOptions } from './toy-replica.js'
import { wordsOf } from './toy-words.js'
import type { ToyWorld } from './toy-world.js'

/** Steps after which something surely goes round in a circle. */
const STEPS_MAX = 20_000

/**
 * Masters and replicas that are nothing but the protocol's machines, with logs, stores, links and a clock that are toys: what
 * happens, happens when a scenario says so.
 */
export class ScenarioCluster implements ToyWorld {
  nowMs = 0
  chance = 0.5
  readonly masters = new Map<string, ToyMaster>()
  readonly replicas = new Map<string, ToyReplica>()
  links: ToyLink[] = []
  /** Pairs that cannot reach each other, as `replica-master`. */
  readonly apart = new Set<string>()
  #trace: string[] = []

  say(line: string): void {
    this.#trace.push(line)
  }

  /** What happened since it was last asked. */
  takeTrace(): string[] {
    const trace = this.#trace
    this.#trace = []
    return trace
  }

  addMaster(options: ToyMasterOptions): ToyMaster {
    const master = new ToyMaster(options, this)
    this.masters.set(options.id, master)
    return master
  }

  addReplica(options: ToyReplicaOptions): ToyReplica {
    const replica = new ToyReplica(options, this, (id) => this.#snapshot(id))
    this.replicas.set(options.name, replica)
    replica.step({ kind: 'start' })
    return replica
  }

  master(name: string): ToyMaster {
    const master = this.masters.get(name)
    if (!master) throw new Error(`there is no master ${name}`)
    return master
  }

  replica(name: string): ToyReplica {
    const replica = this.replicas.get(name)
    if (!replica) throw new Error(`there is no replica ${name}`)
    return replica
  }

  #snapshot(id: string): ToySnapshot | undefined {
    return [...this.masters.values()].map(({ snapshots }) => snapshots.get(id)).find(Boolean)
  }

  /** The link that a replica and a master have now, seen from the replica. */
  linkOf(replica: string, master: string): ToyLink {
    const link = this.links.findLast(
      (candidate) => candidate.replica === replica && candidate.master === master,
    )
    if (!link) throw new Error(`${replica} and ${master} have no link`)
    return link
  }

  /** Does what dialing asked for, or has the host hand over a link. */
  connect(replicaName: string, masterName: string): void {
    const replica = this.replica(replicaName)
    const master = this.masters.get(masterName)
    const wasDialing = replica.isDialing
    if (!master?.isUp || this.apart.has(`${replicaName}-${masterName}`)) {
      replica.isDialing = false
      this.say(`${replicaName} cannot reach ${masterName}`)
      replica.step({ kind: 'dial-failed' })
      return
    }
    const link = new ToyLink(replicaName, masterName)
    this.links.push(link)
    master.accept(link)
    replica.follow(link, wasDialing ? 'dialed' : 'linked')
  }

  /** Hands the next parcel for an end over. @returns whether there was one */
  deliver(link: ToyLink, end: End): boolean {
    const parcel = link.take(end)
    if (parcel === undefined) return false
    this.#hand(link, end, parcel)
    return true
  }

  #hand(link: ToyLink, end: End, parcel: Parcel): void {
    if (end === 'replica') {
      this.replica(link.replica).receive(link, parcel)
      return
    }
    const master = this.master(link.master)
    const session = master.sessions.get(link)
    if (!session) return
    master.step(session, parcel === 'end' ? { kind: 'unlinked' } : { kind: 'message', message: parcel })
  }

  /** Both sides hear that the link is gone, and nothing that was on its way arrives. */
  cut(link: ToyLink): void {
    link.breakOff()
    for (const end of ['master', 'replica'] as const) {
      if (!link.closed[end] && !link.blocked[end]) this.#hand(link, end, 'end')
      if (!link.blocked[end]) link.closed[end] = true
    }
    this.#sweep()
  }

  /** Delivers, dials and answers until nothing is left to do at this moment. */
  settle(): void {
    for (let steps = 0; steps < STEPS_MAX; steps++)
      if (!this.#round()) {
        this.#sweep()
        return
      }
    throw new Error('the nodes talk without end')
  }

  #round(): boolean {
    let isBusy = false
    for (const replica of [...this.replicas.values()]) {
      if (!replica.isDialing) continue
      this.connect(replica.name, replica.options.master)
      isBusy = true
    }
    for (const link of [...this.links]) {
      for (const end of ['master', 'replica'] as const) if (this.deliver(link, end)) isBusy = true
    }
    return isBusy
  }

  #sweep(): void {
    this.links = this.links.filter((link) => !link.isOver)
  }

  /** Lets time pass; every machine is asked when it wants to be. @param between - done after each moment */
  advance(forMs: number, between: () => void): void {
    const untilMs = this.nowMs + forMs
    let idleTicks = 0
    for (let steps = 0; steps < STEPS_MAX; steps++) {
      const at = Math.max(this.nowMs + 1, Math.ceil(this.#nextTickAtMs()))
      if (at > untilMs) {
        this.nowMs = untilMs
        return
      }
      this.nowMs = at
      const before = this.#trace.length
      this.#tick()
      between()
      // A timer that is early asks again, once.
      idleTicks = this.#trace.length === before ? idleTicks + 1 : 0
      if (idleTicks > 3) throw new Error('a machine asks for ticks in which it does nothing')
    }
    throw new Error('time passes without end')
  }

  #nextTickAtMs(): number {
    const nodes = [...this.masters.values(), ...this.replicas.values()]
    return Math.min(Number.POSITIVE_INFINITY, ...nodes.map(({ tickAtMs }) => tickAtMs))
  }

  #tick(): void {
    for (const master of this.masters.values()) if (master.tickAtMs <= this.nowMs) master.tick()
    for (const replica of this.replicas.values()) {
      if (replica.tickAtMs <= this.nowMs) replica.step({ kind: 'tick' })
    }
  }

  /** @param isNoticed - the nodes it is linked to hear of it; otherwise their links look as if they were silent */
  crash(name: string, isNoticed: boolean): void {
    const node = this.masters.get(name) ?? this.replica(name)
    node.crash()
    const end: End = node instanceof ToyMaster ? 'master' : 'replica'
    for (const link of this.links.filter((candidate) => candidate[end] === name)) {
      link.closed[end] = true
      if (isNoticed) this.cut(link)
      else {
        link.queues[end] = []
        link.queues[otherEnd(end)] = []
        // Nobody takes what is sent there any more.
        link.blocked[otherEnd(end)] = true
      }
    }
    this.#sweep()
  }

  /** What waits on the links of two nodes, oldest first. */
  waiting(link: ToyLink, end: End): string[] {
    return link.queues[end].map((parcel) => (parcel === 'end' ? 'the end' : wordsOf(parcel)))
  }
}
