import { checkConverged, checkInvariants } from './invariants.js'
import type { ScenarioCluster } from './scenario-cluster.js'
import { damage, forge, stateOf } from './scenario-nodes.js'
import { keysOf, masterOptions, replicaOptions } from './scenario-options.js'
import { milliseconds } from './scenario-times.js'
import type { End, ToyLink } from './toy-link.js'
import { COMMIT_BYTES_MIN } from './toy-log.js'
import type { Works } from './toy-world.js'

/**
 * Does what one line of a scenario says and returns what happened. `test/scenarios/README.md` explains the commands.
 *
 * @throws when the line is no command, and when an invariant does not hold afterwards
 */
export function runCommand(cluster: ScenarioCluster, line: string): string[] {
  const isQuiet = line.endsWith(' quietly')
  const text = isQuiet ? line.slice(0, -' quietly'.length) : line
  const words = text.split(/\s+/)
  const [verb, ...rest] = words
  const command = COMMANDS[verb as string]
  if (!command) throw new Error(`'${line}' is no command; there are ${Object.keys(COMMANDS).join(', ')}`)
  command(cluster, rest)
  checkInvariants(cluster)
  const trace = cluster.takeTrace()
  return isQuiet ? [] : folded(trace)
}

type Command = (cluster: ScenarioCluster, words: readonly string[]) => void

const COMMANDS: { readonly [verb: string]: Command } = {
  master: (cluster, [id, ...options]) => {
    const { log } = cluster.addMaster(masterOptions(name(id), options))
    cluster.say(`${id} writes in ${log.identity.historyId}`)
  },
  replica: (cluster, [id, , master, ...options]) => {
    cluster.addReplica(replicaOptions(name(id), name(master), options))
  },

  // ---- what the nodes' hosts do ----

  write: (cluster, [id, commits]) => {
    for (let count = 0; count < number(commits); count++) cluster.master(name(id)).write(1, COMMIT_BYTES_MIN)
  },
  commit: (cluster, [id, operations, , bytes]) => {
    cluster.master(name(id)).write(number(operations), number(bytes))
  },
  sync: (cluster, [id]) => {
    const master = cluster.masters.get(name(id))
    if (master) master.log.sync()
    else cluster.replica(name(id)).sync()
  },
  buffer: (cluster, [id]) => {
    const node = cluster.masters.get(name(id)) ?? cluster.replica(name(id))
    node.isBuffered = true
  },
  trim: (cluster, [id, through]) => {
    const { log } = cluster.master(name(id))
    log.oldestSeq = Math.max(log.oldestSeq, Math.min(number(through), log.durableSeq) + 1)
  },
  want: (cluster, [id, level, seq]) => {
    const master = cluster.master(name(id))
    if (level !== 'durable' && level !== 'received' && level !== 'applied')
      throw new Error(`'${level}' is no level`)
    master.wanted[`${level}Seq`] = number(seq)
    master.changed()
  },
  pause: (cluster, [id]) => {
    const master = cluster.masters.get(name(id))
    if (!master) return cluster.replica(name(id)).step({ kind: 'pause' })
    master.isPaused = true
    master.changed()
  },
  resume: (cluster, [id]) => {
    const master = cluster.masters.get(name(id))
    if (!master) return cluster.replica(name(id)).step({ kind: 'resume' })
    master.isPaused = false
    master.changed()
  },
  secret: (cluster, [id, secret]) => {
    const node = cluster.masters.get(name(id)) ?? cluster.replica(name(id))
    node.keys = keysOf(secret)
  },
  renew: (cluster, [id]) => cluster.replica(name(id)).step({ kind: 'renew' }),
  resync: (cluster, [id]) => cluster.replica(name(id)).step({ kind: 'resync' }),
  ask: (cluster, [id, question]) => {
    cluster.replica(name(id)).step({ kind: 'ask', question: number(question) })
  },
  close: (cluster, [id]) => cluster.replica(name(id)).step({ kind: 'close' }),
  forbid: (cluster, [id, peer]) => void cluster.master(name(id)).forbidden.add(name(peer)),
  prove: (cluster, [id, proven]) => {
    cluster.master(name(id)).provenId = name(proven)
  },
  poison: (cluster, [id, seq]) => {
    cluster.replica(name(id)).poisonSeq = number(seq)
  },
  fail: (cluster, [id]) => {
    const replica = cluster.replica(name(id))
    const position = replica.log.last
    replica.works.install.forget()
    replica.step({ kind: 'halted', halt: { position, code: 'STORAGE_FAILED', message: 'The disk failed.' } })
  },
  cure: (cluster, [id]) => {
    cluster.replica(name(id)).poisonSeq = undefined
  },
  late: (cluster, [id, seq]) => {
    const { log } = cluster.replica(name(id))
    if (number(seq) !== log.lastSeq + 1) throw new Error(`operation ${log.lastSeq + 1} comes next`)
    log.append({
      ...{ id: `late${seq}`, firstSeq: number(seq), lastSeq: number(seq) },
      ...{ committedAtMs: 0, bytes: COMMIT_BYTES_MIN },
    })
  },
  hold: (cluster, [what, , id]) => worksOf(cluster, name(id), name(what)).hold(),
  release: (cluster, [what, , id]) => worksOf(cluster, name(id), name(what)).release(),
  lose: (cluster, [, , id]) => cluster.master(name(id)).snapshots.clear(),

  // ---- what becomes of nodes ----

  crash: (cluster, [id, how]) => cluster.crash(name(id), how !== 'unnoticed'),
  restart: (cluster, [id]) => {
    const master = cluster.masters.get(name(id))
    if (!master) return cluster.replica(name(id)).restart()
    master.open()
    cluster.say(`${id} writes in ${master.log.identity.historyId}`)
  },
  restore: (cluster, [id, , seq]) => {
    cluster.crash(name(id), true)
    const master = cluster.master(name(id))
    master.restore(number(seq))
    cluster.say(`${id} writes in ${master.log.identity.historyId}`)
  },

  // ---- what becomes of links and messages ----

  connect: (cluster, [replica, master]) => cluster.connect(name(replica), name(master)),
  cut: (cluster, [pair]) => cluster.cut(pairOf(cluster, name(pair))),
  part: (cluster, [pair]) => void cluster.apart.add(name(pair)),
  heal: (cluster, [pair]) => void cluster.apart.delete(name(pair)),
  block: (cluster, [way]) => {
    const { link, end } = wayOf(cluster, name(way))
    link.blocked[end] = true
  },
  unblock: (cluster, [way]) => {
    const { link, end } = wayOf(cluster, name(way))
    link.blocked[end] = false
  },
  deliver: (cluster, [way, count]) => {
    const { link, end } = wayOf(cluster, name(way))
    let left = count === undefined ? link.queues[end].length : number(count)
    while (left > 0 && cluster.deliver(link, end)) left -= 1
  },
  drop: (cluster, [way]) => {
    const { link, end } = wayOf(cluster, name(way))
    link.queues[end].shift()
  },
  duplicate: (cluster, [way]) => {
    const queue = queueOf(cluster, name(way))
    if (queue[0]) queue.unshift(queue[0])
  },
  reorder: (cluster, [way]) => {
    const queue = queueOf(cluster, name(way))
    const [first, second] = queue
    if (first && second) queue.splice(0, 2, second, first)
  },
  damage: (cluster, [way]) => damage(queueOf(cluster, name(way))),
  overlap: (cluster, [way, seq]) => {
    const { link, end } = wayOf(cluster, name(way))
    const { log } = cluster.master(link.master)
    const batch = log.read(number(seq), 1e9, 1e9, log.lastSeq)
    if (!batch || batch === 'trimmed') throw new Error(`operation ${seq} cannot be read`)
    const flags = { headSeq: log.lastSeq, sentAtMs: 0, durable: false, received: false }
    link.queues[end].push({ kind: 'operations', ...batch, ...flags })
  },
  forge: (cluster, [way, kind, ...json]) => {
    const { link, end } = wayOf(cluster, name(way))
    link.queues[end].push(forge(name(kind), json.join(' ')))
  },

  // ---- time ----

  stabilize: (cluster) => {
    cluster.settle()
    checkConverged(cluster)
  },
  advance: (cluster, [time, how]) => {
    const between = (): void => {
      if (how !== 'undelivered') cluster.settle()
      checkInvariants(cluster)
    }
    between()
    cluster.advance(milliseconds(name(time)), between)
    if (how !== 'undelivered') checkConverged(cluster)
  },
  chance: (cluster, [chance]) => {
    cluster.chance = Number(chance)
  },

  // ---- a look at things ----

  state: (cluster, [id]) => {
    for (const line of stateOf(cluster, name(id))) cluster.say(line)
  },
  records: (cluster, [id]) => {
    const { appliedSeq, log } = cluster.replica(name(id))
    const applied = log.commits.filter(({ lastSeq }) => lastSeq <= appliedSeq)
    cluster.say(applied.map((commit) => commit.id).join(' ') || 'none')
  },
  queue: (cluster, [way]) => {
    const { link, end } = wayOf(cluster, name(way))
    for (const line of cluster.waiting(link, end)) cluster.say(line)
  },
}

/** Lines that follow each other and are the same become one; so do two that take turns. */
function folded(trace: readonly string[]): string[] {
  const lines: string[] = []
  for (let at = 0; at < trace.length; ) {
    const length = [1, 2].find((period) => repeats(trace, at, period) > 1) ?? 1
    const times = repeats(trace, at, length)
    const group = trace.slice(at, at + length)
    lines.push(...group.map((line) => (times > 1 ? `${line} (${times} times)` : line)))
    at += times * length
  }
  return lines
}

function repeats(trace: readonly string[], at: number, period: number): number {
  let times = 1
  while (trace.length >= at + (times + 1) * period) {
    const from = at + times * period
    const isSame = Array.from({ length: period }, (_, i) => trace[from + i] === trace[at + i]).every(Boolean)
    if (!isSame) break
    times += 1
  }
  return times
}

function worksOf(cluster: ScenarioCluster, id: string, what: string): Works {
  const node = cluster.masters.get(id) ?? cluster.replica(id)
  const works = (node.works as { readonly [name: string]: Works })[what]
  if (!works) throw new Error(`${id} has no ${what} to hold; it has ${Object.keys(node.works).join(', ')}`)
  return works
}

function pairOf(cluster: ScenarioCluster, pair: string): ToyLink {
  const [replica, master] = pair.split('-')
  return cluster.linkOf(name(replica), name(master))
}

/** `a->b`, from whichever side. */
function wayOf(cluster: ScenarioCluster, way: string): { link: ToyLink; end: End } {
  const [from, to] = way.split('->')
  return cluster.replicas.has(name(to))
    ? { link: cluster.linkOf(name(to), name(from)), end: 'replica' }
    : { link: cluster.linkOf(name(from), name(to)), end: 'master' }
}

function queueOf(cluster: ScenarioCluster, way: string) {
  const { link, end } = wayOf(cluster, way)
  return link.queues[end]
}

function name(word: string | undefined): string {
  if (!word) throw new Error('a name is missing')
  return word
}

function number(word: string | undefined): number {
  const value = Number(word)
  if (word === undefined || Number.isNaN(value)) throw new Error(`'${word}' is no number`)
  return value
}
