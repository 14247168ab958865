/**
 * What a store should hold, written for obviousness alone: every commit makes a whole new state. Shares nothing with
 * the library but the names of the calls.
 */
import { naiveMatches } from '../filter/naive-filter.js'

export interface ModelRecord {
  readonly vector: readonly number[]
  readonly metadata: Readonly<Record<string, unknown>>
}

export interface ModelCollection {
  /** The number of the call that created it: a name can be taken again. */
  readonly createdBy: number
  readonly dimensions: number
  readonly metric: 'euclidean' | 'dot'
  readonly indexed: readonly string[]
  readonly records: ReadonlyMap<string, ModelRecord>
}

/** Collections by name. */
export type ModelState = ReadonlyMap<string, ModelCollection>

export type NewRecord = ModelRecord & { readonly id: string }

type Write =
  | {
      readonly kind: 'create'
      readonly name: string
      readonly options: Omit<ModelCollection, 'createdBy' | 'records'>
    }
  | { readonly kind: 'drop'; readonly name: string }
  | { readonly kind: 'configure'; readonly collection: number; readonly indexed: readonly string[] }
  | {
      readonly kind: 'upsert' | 'insert'
      readonly collection: number
      readonly records: readonly NewRecord[]
    }
  | {
      readonly kind: 'update'
      readonly collection: number
      readonly target: string | { readonly filter: Record<string, unknown> }
      readonly vector?: readonly number[]
      readonly set: Readonly<Record<string, unknown>>
      readonly unset: readonly string[]
    }
  | {
      readonly kind: 'delete'
      readonly collection: number
      readonly target: readonly string[] | { readonly filter: Record<string, unknown> }
    }

/** One call that writes, and what became of it. */
export interface ModelCall {
  readonly number: number
  readonly write: Write
  /** The newest operation readers found when the call was made: what a filter selects from. */
  readonly viewSeq: number
  /** `'unknown'`: it may have happened, wholly or not at all. `'refused'`: it must not have happened. */
  outcome: 'acknowledged' | 'unknown' | 'refused'
  /** What an acknowledged call returned; a creation returns no position. */
  result?: { readonly seq: number; readonly count: number }
}

/** The state after each commit, oldest first. */
export type History = readonly { readonly seq: number; readonly state: ModelState; readonly call?: number }[]

/** What one call makes of a state, and how many operations that takes; `undefined` when it has to be refused. */
export function after(
  { number, write, viewSeq }: ModelCall,
  history: History,
): { state: ModelState; count: number } | undefined {
  const { state } = history.at(-1) as History[number]
  if (write.kind === 'create') {
    if (state.has(write.name)) return undefined
    const created = { createdBy: number, ...write.options, records: new Map() }
    return { state: new Map(state).set(write.name, created), count: 1 }
  }
  if (write.kind === 'drop') {
    const rest = new Map(state)
    return rest.delete(write.name) ? { state: rest, count: 1 } : undefined
  }
  const [name, before] = [...state].find(([, { createdBy }]) => createdBy === write.collection) ?? []
  if (name === undefined || before === undefined) return undefined
  const replaced = (collection: ModelCollection, count: number) => ({
    state: new Map(state).set(name, collection),
    count,
  })
  const records = new Map(before.records)
  const viewed = (filter: Record<string, unknown>) => {
    const then = history.find(({ seq }) => seq === viewSeq)?.state.get(name)
    const ids = [...((then?.createdBy === before.createdBy && then.records) || new Map())]
    return ids
      .filter(([, { metadata }]) => naiveMatches(filter, metadata))
      .map(([id]) => id as string)
      .filter((id) => records.has(id) && naiveMatches(filter, records.get(id)?.metadata))
  }
  switch (write.kind) {
    case 'configure': {
      const isSame = write.indexed.join() === before.indexed.join()
      return isSame ? { state, count: 0 } : replaced({ ...before, indexed: write.indexed }, 1)
    }
    case 'upsert':
    case 'insert': {
      const ids = write.records.map(({ id }) => id)
      const isTaken = ids.some((id, index) => records.has(id) || ids.indexOf(id) !== index)
      if (write.kind === 'insert' && isTaken) return undefined
      for (const { id, vector, metadata } of write.records) records.set(id, { vector, metadata })
      return replaced({ ...before, records }, new Set(ids).size)
    }
    case 'update': {
      const ids = typeof write.target === 'string' ? [write.target] : viewed(write.target.filter)
      for (const id of ids) {
        const record = records.get(id)
        if (!record) return undefined
        const merged = Object.entries({ ...record.metadata, ...write.set })
        const metadata = Object.fromEntries(merged.filter(([field]) => !write.unset.includes(field)))
        records.set(id, { vector: write.vector ?? record.vector, metadata })
      }
      return replaced({ ...before, records }, ids.length)
    }
    case 'delete': {
      const ids = Array.isArray(write.target)
        ? write.target
        : viewed((write.target as { filter: Record<string, unknown> }).filter)
      const deleted = ids.filter((id) => records.delete(id))
      return replaced({ ...before, records }, deleted.length)
    }
  }
}

/** A state as lines of text, for comparing and for showing; long fields are cut. */
export function describeState(state: ModelState): string[] {
  return [...state]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, { dimensions, metric, indexed, records }]) => [
      `${name}: ${dimensions} ${metric} [${[...indexed].sort()}]`,
      ...describeRecords(records).map((line) => `${name}/${line}`),
    ])
}

export function describeRecords(records: ReadonlyMap<string, ModelRecord>): string[] {
  return [...records].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, record]) => describeRecord(id, record))
}

function describeRecord(id: string, { vector, metadata }: ModelRecord): string {
  const fields = Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1))
  const texts = fields.map(([field, value]) => {
    const text = JSON.stringify(value)
    return `${field}=${text.length > 60 ? `${text.slice(0, 20)}…${text.length}` : text}`
  })
  return `${id} (${[...vector]}) ${texts.join(' ')}`
}

/** What a reopened store must be explained from. */
export interface Recovered {
  readonly seq: number
  readonly lines: readonly string[]
  /** The promise of the last store did not cover what happened to it: a suffix may be gone. */
  readonly mayLose: boolean
}

const SEARCH_STEPS_MAX = 20_000

/**
 * Finds an order of calls that leads from the last known state to what was recovered: each acknowledged call where
 * its position says and with the count it returned, and between them such calls of unknown outcome as fit.
 *
 * @returns the history, or in words why there is none
 */
export function explain(
  base: History[number],
  calls: readonly ModelCall[],
  recovered: Recovered,
): History | string {
  const { seq, lines, mayLose } = recovered
  const acknowledged = calls.filter(({ outcome }) => outcome === 'acknowledged')
  const placed = new Map<number, ModelCall>()
  for (const call of acknowledged) {
    if (!call.result || call.result.count === 0) continue
    const first = call.result.seq - call.result.count + 1
    if (first <= seq && call.result.seq > seq) return `half of call ${call.number} is gone`
    if (first > seq && !mayLose)
      return `call ${call.number} was acknowledged at ${call.result.seq}, the store is at ${seq}`
    placed.set(first, call)
  }
  if (seq < base.seq) return `the store is at ${seq} and was at ${base.seq} before`
  const unplaced = calls.filter(
    (call) => call.outcome === 'unknown' || (call.outcome === 'acknowledged' && !call.result),
  )
  const wanted = lines.join('\n')
  let steps = 0
  let problem = 'the operations do not add up'
  const history: History[number][] = [base]
  const used = new Set<ModelCall>()
  const search = (): boolean => {
    const at = history.at(-1) as History[number]
    if (steps++ > SEARCH_STEPS_MAX) return false
    if (at.seq === seq) {
      const missing = acknowledged.find((call) => !call.result && !used.has(call))
      if (missing && !mayLose) {
        problem = `call ${missing.number} was acknowledged and is gone`
        return false
      }
      const found = describeState(at.state)
      if (found.join('\n') === wanted) return true
      problem = difference(found, lines)
      return false
    }
    const due = placed.get(at.seq + 1)
    for (const call of due ? [due] : unplaced) {
      if (used.has(call)) continue
      const next = after(call, history)
      if (!next || next.count === 0 || at.seq + next.count > seq) {
        if (due) problem = `call ${call.number} was acknowledged and has no place at ${at.seq + 1}`
        continue
      }
      if (due?.result && due.result.count !== next.count) {
        problem = `call ${call.number} returned a count of ${due.result.count}, not ${next.count}`
        continue
      }
      used.add(call)
      history.push({ seq: at.seq + next.count, state: next.state, call: call.number })
      if (search()) return true
      history.pop()
      used.delete(call)
    }
    return false
  }
  return search() ? history : problem
}

function difference(expected: readonly string[], found: readonly string[]): string {
  const missing = expected.filter((line) => !found.includes(line))
  const extra = found.filter((line) => !expected.includes(line))
  return [...missing.map((line) => `- ${line}`), ...extra.map((line) => `+ ${line}`)].join('\n')
}

/** The ids a search has to return: nearest first, ties by id. Exact as long as components are small whole numbers. */
export function nearestIds(
  { metric, records }: ModelCollection,
  query: readonly number[],
  topK: number,
  filter: Record<string, unknown>,
): string[] {
  const far = ({ vector }: ModelRecord) =>
    vector.reduce(
      (sum, value, index) =>
        metric === 'dot'
          ? sum - value * (query[index] as number)
          : sum + (value - (query[index] as number)) ** 2,
      0,
    )
  return [...records]
    .filter(([, { metadata }]) => naiveMatches(filter, metadata))
    .map(([id, record]) => ({ id, distance: far(record) }))
    .sort((a, b) => a.distance - b.distance || (a.id < b.id ? -1 : 1))
    .slice(0, topK)
    .map(({ id }) => id)
}
