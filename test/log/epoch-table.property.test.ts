import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  continues,
  type EpochTable,
  epochOf,
  highestEpoch,
  isEpochTable,
  type LastOperation,
  nodeOf,
  standingOf,
  withNewEpoch,
} from '../../lib/log/epoch-table.js'

/** What a table only summarizes: who wrote each operation and when, one entry for each sequence number from 1 on. */
type History = readonly { readonly epoch: number; readonly nodeId: string }[]

class Node {
  readonly id: string
  history: History = []
  table: EpochTable = []
  /** Operations up to this one were on stable storage when the epoch began. */
  #safeSeq = 0
  /** The highest epoch it ever knew of, also in tables that it gave up. */
  #seen = 0

  constructor(id: string) {
    this.id = id
  }

  get last(): LastOperation {
    const { epoch, nodeId } = this.history.at(-1) ?? { epoch: highestEpoch(this.table), nodeId: '' }
    return { epoch, nodeId: nodeId || (nodeOf(this.table, epoch) ?? ''), seq: this.history.length }
  }

  open(above: number): void {
    this.#safeSeq = this.history.length
    const next = { nodeId: this.id, firstSeq: this.history.length + 1, above: Math.max(above, this.#seen) }
    this.table = withNewEpoch(this.table, next)
    this.#seen = highestEpoch(this.table)
  }

  write(count: number): void {
    const epoch = highestEpoch(this.table)
    this.history = [...this.history, ...Array.from({ length: count }, () => ({ epoch, nodeId: this.id }))]
  }

  /** A buffered node loses power, and with it the newest operations. */
  lose(count: number): void {
    this.history = this.history.slice(0, Math.max(this.#safeSeq, this.history.length - count))
  }

  /** Goes on as another node does, as far as it has come with reading; or begins anew with its whole state. */
  follow({ history, table }: Node, count = history.length): void {
    this.history = history.slice(0, Math.min(history.length, this.history.length + count))
    this.table = table
    this.#seen = Math.max(this.#seen, highestEpoch(table))
    this.#safeSeq = this.history.length
  }
}

const command = fc.oneof(
  fc.record({ kind: fc.constant('open' as const), who: fc.nat(1), knowsOther: fc.boolean() }),
  fc.record({ kind: fc.constant('write' as const), who: fc.nat(1), count: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ kind: fc.constant('lose' as const), who: fc.nat(1), count: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ kind: fc.constant('follow' as const), who: fc.nat(1), count: fc.nat(6) }),
)

/** Two nodes of one history, which write at will, also both at once. Everything that was ever written is remembered. */
function played(commands: readonly (typeof command extends fc.Arbitrary<infer C> ? C : never)[]) {
  const nodes = [new Node('a'), new Node('b')] as const
  const [first, second] = nodes
  const written = new Map<string, LastOperation>()
  first.open(0)
  second.follow(first, 0)
  const masters = new Set<Node>([first])
  for (const step of commands) {
    const node = nodes[step.who] as Node
    const other = nodes[1 - step.who] as Node
    if (step.kind === 'open') {
      node.open(step.knowsOther ? highestEpoch(other.table) : 0)
      masters.add(node)
    } else if (step.kind === 'lose') {
      node.lose(step.count)
      // What was lost is written again in another epoch only.
      if (masters.has(node)) node.open(0)
    } else if (step.kind === 'write') {
      if (masters.has(node)) node.write(step.count)
    } else if (continues(other.table, other.history.length, node.last)) {
      expect(node.history, 'a prefix of what is followed').toEqual(other.history.slice(0, node.last.seq))
      node.follow(other, step.count)
      masters.delete(node)
    } else {
      node.follow(other)
      masters.delete(node)
    }
    for (const { history } of nodes) {
      for (const [index, { epoch, nodeId }] of history.entries()) {
        written.set(`${epoch} ${nodeId} ${index + 1}`, { epoch, nodeId, seq: index + 1 })
      }
    }
  }
  return { nodes, written: [...written.values()] }
}

test('a table says of every operation ever written whether it is in the history, as the history itself does', () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 40 }), (commands) => {
      const { nodes, written } = played(commands)
      for (const { table, history } of nodes) {
        expect(isEpochTable(table)).toBe(true)
        for (const last of written) {
          const there = history[last.seq - 1]
          const isHere = there?.epoch === last.epoch && there.nodeId === last.nodeId
          expect(continues(table, history.length, last), JSON.stringify({ last, table })).toBe(isHere)
          if (isHere) expect(standingOf(table, last)).toBe('known')
        }
        for (const [index, { epoch, nodeId }] of history.entries()) {
          expect([epochOf(table, index + 1), nodeOf(table, epoch)]).toEqual([epoch, nodeId])
        }
      }
    }),
    { numRuns: 500 },
  )
})

test('a position that stands to be lost is of no operation in the history', () => {
  const position = fc.record({ epoch: fc.nat(12), seq: fc.nat(40) })
  fc.assert(
    fc.property(fc.array(command, { maxLength: 40 }), position, (commands, { epoch, seq }) => {
      const { nodes } = played(commands)
      for (const { table, history } of nodes) {
        const standing = standingOf(table, { epoch, seq })
        expect(standing === 'to come').toBe(epoch > highestEpoch(table))
        if (standing === 'lost') expect(history[seq - 1]?.epoch).not.toBe(epoch)
      }
    }),
    { numRuns: 500 },
  )
})

test('a table whose oldest rows were dropped never says more than the whole one', () => {
  const commands = fc.array(command, { maxLength: 40 })
  fc.assert(
    fc.property(commands, fc.nat(5), (steps, dropped) => {
      const { nodes, written } = played(steps)
      for (const { table, history } of nodes) {
        const rest = table.slice(Math.min(dropped, table.length - 1))
        const oldest = rest[0] as EpochTable[number]
        for (const last of written) {
          const whole = continues(table, history.length, last)
          const isKept = last.epoch >= oldest.epoch
          expect(continues(rest, history.length, last)).toBe(whole && isKept)
          if (whole) expect(standingOf(rest, last)).toBe('known')
        }
      }
    }),
    { numRuns: 500 },
  )
})
