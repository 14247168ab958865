/** A store on a simulated machine that lives and dies, again and again, as one seed says; what it recovers is checked. */
import { createHash } from 'node:crypto'
import type { Collection } from '../../lib/collection/collection.js'
import { ReplivecError } from '../../lib/errors.js'
import type { Environment } from '../../lib/store/environment.js'
import { restoreStore } from '../../lib/store/restore.js'
import { VectorStore } from '../../lib/store/vector-store.js'
import type { DiskEvent } from '../../lib/testing/simulated-disk.js'
import { SeededRandom } from '../../lib/testing/seeded-random.js'
import { SimulatedMachine } from '../../lib/testing/simulated-machine.js'
import { naiveMatches } from '../filter/naive-filter.js'
import { type Flavour, makeCall, RandomCalls } from './crash-calls.js'
import { contentsOf, readingProblems, recordsOf } from './store-contents.js'
import {
  describeRecords,
  describeState,
  explain,
  type History,
  type ModelCall,
  type ModelCollection,
  nearestIds,
} from './store-model.js'

const PATH = '/data/store'
/** How much of its trace a failed run shows. */
const TRACE_LINES = Number(process.env.REPLIVEC_TRACE_LINES ?? 60)
const TURNS_MAX = 4_000

/** One opening of the store, up to its end. */
interface Life {
  readonly store: VectorStore
  /** Handles by the call that created the collection. */
  readonly handles: Map<number, Collection>
  readonly reads: ReadCheck[]
  readonly backups: { readonly path: string; readonly seq: number }[]
  answers: number
  over: boolean
  closing: boolean
}

/** Something a reader was told: right for at least one commit between the start and the end of the read. */
interface ReadCheck {
  readonly what: string
  readonly collection: number
  readonly fromSeq: number
  readonly toSeq: number
  readonly found: string
  readonly expected: (collection: ModelCollection) => string
}

/** What goes wrong in one life. */
interface Plan {
  readonly durability: 'sync' | 'buffered'
  readonly retentionBytes: number
  readonly stop: 'crash' | 'powerCut' | undefined
  readonly stopAtOperation: number
  readonly stopAtTurn: number
  /** The very moment a caller hears that its call is done. */
  readonly stopAtAnswer: number
  readonly faultPhase: 'open' | 'run' | undefined
  readonly faultAtOperation: number
  readonly faultCode: string
  /** Which operations of the disk fail; all when there is none. */
  readonly faultKinds: readonly string[]
  readonly faults: number
  readonly fillsDisk: boolean
  readonly failsRecords: boolean
  readonly closesEarly: boolean
}

/** Sums up a run, for comparing two of the same seed and for knowing that the test did something. */
export interface CrashReport {
  readonly hash: string
  readonly acknowledged: number
  readonly recoveries: number
  readonly lost: number
  readonly trimmed: number
}

export class CrashRun {
  readonly #seed: number
  readonly #random: SeededRandom
  readonly #machine: SimulatedMachine
  readonly #calls: RandomCalls
  readonly #hash = createHash('sha256')
  readonly #trace: string[] = []
  #history: History = [{ seq: 0, state: new Map() }]
  /** Calls since the last state that is known. */
  #open: ModelCall[] = []
  #reads: ReadCheck[] = []
  #backups: { readonly path: string; readonly seq: number }[] = []
  #callCount = 0
  #life: Life | undefined
  #plan: Plan | undefined
  #stopped = false
  #faultsOn = false
  #faulted = false
  #faults = 0
  /** What is written now is promised to survive a crash, not a power cut. */
  #isWeak = false
  #mayLose = false
  #acknowledged = 0
  #recoveries = 0
  #lost = 0
  #trimmed = 0

  constructor(seed: number) {
    const random = new SeededRandom(`crash-${seed}`)
    this.#seed = seed
    this.#random = random
    const segmentBytes = random.pick([600, 2_000, 8_000, 100_000])
    const recordsDelayYieldsMax = random.pick([0, 3, 30])
    this.#machine = new SimulatedMachine({ seed: `machine-${seed}`, segmentBytes, recordsDelayYieldsMax })
    const flavour: Flavour = {
      ids: random.pick([6, 24, 90]),
      batchMax: random.pick([3, 8, 60]),
      paddingMax: random.pick([0, 200, 2_000]),
    }
    this.#calls = new RandomCalls(random.fork('calls'), flavour)
    this.#machine.disk.beforeOperation = (event) => this.#onOperation(event)
  }

  async run(): Promise<CrashReport> {
    try {
      for (let life = 2 + this.#random.int(5); life > 0; life--) await this.#live()
      await this.#finish()
    } catch (error) {
      const trace = this.#trace.slice(-TRACE_LINES).join('\n  ')
      const message = error instanceof Error ? error.message : String(error)
      throw new Error(
        `Seed ${this.#seed} (REPLIVEC_SEEDS=${this.#seed}-${this.#seed} runs it alone): ${message}\nThe end of its trace:\n  ${trace}`,
        { cause: error },
      )
    }
    return {
      hash: this.#hash.digest('hex'),
      acknowledged: this.#acknowledged,
      recoveries: this.#recoveries,
      lost: this.#lost,
      trimmed: this.#trimmed,
    }
  }

  async #live(): Promise<void> {
    const random = this.#random
    const plan = this.#newPlan()
    this.#begin(plan)
    this.#faultsOn = plan.faultPhase === 'open'
    const store = await this.#openStore(plan)
    this.#faultsOn = false
    if (!store) return
    const life = await this.#recovered(store, plan)
    if (!life) return
    this.#faultsOn = plan.faultPhase === 'run'
    if (plan.fillsDisk) {
      this.#faulted = true
      this.#machine.disk.capacityBytes = this.#machine.disk.usedBytes + random.int(60_000)
    }
    const writes = random.pick([85, 85, 50])
    const callers = Array.from({ length: 1 + random.int(7) }, () =>
      this.#caller(life, 1 + random.int(25), writes),
    )
    const work = Promise.all(callers)
    if (plan.closesEarly) {
      await this.#drive(Promise.race([work, this.#turns(random.int(20))]))
      await this.#close(life)
    }
    await this.#drive(work)
    if (!this.#stopped && !plan.closesEarly && random.chance(0.6)) await this.#close(life)
    if (!this.#stopped) this.#stop(random.pick(['crash', 'powerCut']))
    await this.#turns(30)
  }

  /** Three times in a row nothing goes wrong, and everything is looked at. */
  async #finish(): Promise<void> {
    const calm: Plan = { ...this.#newPlan(), durability: 'sync', stop: undefined, faultPhase: undefined }
    let last = ''
    for (let round = 0; round < 3; round++) {
      this.#begin(calm)
      const store = (await this.#openStore(calm)) as VectorStore
      const life = (await this.#recovered(store, calm)) as Life
      const { state, seq } = this.#history.at(-1) as History[number]
      const contents = [seq, ...describeState(state)].join('\n')
      if (round > 0 && contents !== last) throw new Error('an untouched store changed')
      last = contents
      // Time for everything to be applied and for the background to finish.
      await this.#machine.clock.advance(3_000)
      if (round !== 1) await this.#check(store)
      const report = await this.#must(store.verify())
      if (!report.ok) throw new Error(`verify found ${JSON.stringify(report.damage)}`)
      if (round < 2) await this.#close(life)
      if (round === 1) this.#stop('powerCut')
    }
    this.#stop('crash')
  }

  #newPlan(): Plan {
    const random = this.#random
    const now = this.#machine.disk.operations
    const reach = random.pick([25, 80, 400])
    const stop = random.pick(['crash', 'powerCut', 'powerCut', undefined] as const)
    const faultPhase = random.pick(['open', 'run', undefined, undefined, undefined] as const)
    return {
      durability: random.chance(0.65) ? 'sync' : 'buffered',
      retentionBytes: random.pick([0, 0, 3_000, 1_000_000]),
      stop,
      stopAtOperation: random.chance(0.8) ? now + 1 + random.int(reach) : Number.POSITIVE_INFINITY,
      stopAtTurn: random.chance(0.3) ? random.int(60) : Number.POSITIVE_INFINITY,
      stopAtAnswer: random.chance(0.5) ? 1 + random.int(40) : Number.POSITIVE_INFINITY,
      faultPhase,
      faultAtOperation: now + 1 + random.int(random.pick([40, 200])),
      faultCode: random.pick(['EIO', 'ENOSPC']),
      faultKinds: random.pick([
        [],
        [],
        ['sync'],
        ['sync', 'truncate'],
        ['rename', 'remove', 'syncDirectory'],
      ]),
      faults: random.pick([1, 1, 3]),
      fillsDisk: random.chance(0.08),
      failsRecords: faultPhase === 'run' && random.chance(0.3),
      closesEarly: random.chance(0.15),
    }
  }

  #begin(plan: Plan): void {
    const { disk } = this.#machine
    this.#plan = plan
    this.#stopped = false
    this.#faulted = false
    this.#faultsOn = false
    this.#faults = 0
    disk.capacityBytes = Number.POSITIVE_INFINITY
    disk.delayYieldsMax = this.#random.pick([0, 1, 4])
    this.#note(`life ${JSON.stringify(plan)}`)
  }

  async #openStore(plan: Plan): Promise<VectorStore | undefined> {
    const options = {
      path: PATH,
      durability: plan.durability,
      replication: { role: 'standalone', retention: { bytes: plan.retentionBytes } },
    } as const
    const opened = await this.#drive(VectorStore.openIn(this.#machine.environment, options))
    if (!opened) {
      await this.#turns(30)
      return undefined
    }
    if ('value' in opened) return opened.value
    this.#note(`open failed: ${opened.error}`)
    if (!(this.#faulted && ReplivecError.is(opened.error, 'STORAGE_FAILED'))) throw opened.error
    this.#faultsOn = false
    if (plan.faults > 1 || this.#random.chance(0.5)) {
      this.#stop('crash')
      return undefined
    }
    const again = await this.#drive(VectorStore.openIn(this.#machine.environment, options))
    if (again && 'error' in again) throw again.error
    return again?.value
  }

  /** Explains what the opened store holds, and checks that all ways of reading agree. */
  async #recovered(store: VectorStore, plan: Plan): Promise<Life | undefined> {
    store.on('warning', ({ code, message }) => this.#note(`warning ${code}: ${message}`))
    const { seq } = store.getStats().position
    const read = await this.#drive(contentsOf(store))
    if (!read) return undefined
    if ('error' in read) throw read.error
    const lines = read.value
    this.#note(`recovered ${seq}, ${lines.length} lines`)
    const base = this.#history.at(-1) as History[number]
    const history = explain(base, this.#open, { seq, lines, mayLose: this.#mayLose })
    if (typeof history === 'string') throw new Error(`what was recovered cannot be: ${history}`)
    const acknowledged = this.#open.filter(({ outcome }) => outcome === 'acknowledged')
    this.#acknowledged += acknowledged.length
    this.#lost += acknowledged.filter(({ result }) => (result?.seq ?? 0) > seq).length
    this.#recoveries += 1
    for (const read of this.#reads) checkRead(read, history)
    const backups = this.#backups
    this.#history = [history.at(-1) as History[number]]
    this.#open = []
    this.#reads = []
    this.#backups = []
    this.#mayLose = false
    this.#isWeak = plan.durability === 'buffered'
    const { state } = this.#history.at(-1) as History[number]
    const handles = new Map<number, Collection>()
    for (const [name, { createdBy }] of state) handles.set(createdBy, await store.openCollection(name))
    const life: Life = {
      answers: 0,
      store,
      handles,
      reads: this.#reads,
      backups: this.#backups,
      over: false,
      closing: false,
    }
    this.#life = life
    for (const backup of backups) await this.#checkBackup(backup, history)
    if (this.#random.chance(0.3)) await this.#check(store)
    if (this.#stopped) return undefined
    return life
  }

  async #check(store: VectorStore): Promise<void> {
    const { state } = this.#history.at(-1) as History[number]
    const problems = await this.#drive(readingProblems(store, state))
    if (problems && 'error' in problems) throw problems.error
    if (problems && problems.value.length > 0) throw new Error(problems.value.join('\n'))
  }

  /** Restores a backup on the same machine and compares it with the state at its position. */
  async #checkBackup({ path, seq }: { path: string; seq: number }, history: History): Promise<void> {
    const entry = history.find((commit) => commit.seq === seq)
    if (!entry) throw new Error(`the backup ${path} is of operation ${seq}, which ended no commit`)
    const environment = renaming(this.#machine.environment)
    const target = `/restored/${path.split('/').at(-1)}`
    const done = await this.#drive(restoreStore(environment, path, target, {}))
    if (!done) return
    if ('error' in done) throw done.error
    const opened = await this.#drive(VectorStore.openIn(environment, { path: target }))
    if (!opened) return
    if ('error' in opened) throw opened.error
    const store = opened.value
    const contents = await this.#drive(contentsOf(store))
    if (!contents) return
    if ('error' in contents) throw contents.error
    const [found, expected] = [contents.value.join('\n'), describeState(entry.state).join('\n')]
    if (found !== expected) throw new Error(`backup of ${seq}:\n${found}\ninstead of\n${expected}`)
    const problems = await this.#drive(readingProblems(store, entry.state))
    if (problems && 'value' in problems && problems.value.length > 0) {
      throw new Error(`backup of ${seq}: ${problems.value.join('\n')}`)
    }
    await this.#drive(store.close())
  }

  /** @param writes - how many of a hundred calls write */
  async #caller(life: Life, calls: number, writes: number): Promise<void> {
    for (let left = calls; left > 0 && !life.over && !life.closing; left--) {
      await this.#turns(this.#random.int(6))
      if (life.over || life.closing) return
      const kind = this.#random.int(100)
      try {
        if (kind < writes) await this.#write(life)
        else if (kind >= 96) await this.#backup(life)
        else if (this.#random.chance(0.6)) await this.#scan(life)
        else await this.#search(life)
      } catch (error) {
        if (!life.over) this.#expect(life, error, ['COLLECTION_NOT_FOUND'])
      }
    }
  }

  async #write(life: Life): Promise<void> {
    const number = ++this.#callCount
    const write = this.#calls.write(number, [...life.handles.keys()])
    const viewSeq = life.store.getStats().position.seq
    const call: ModelCall = { number, write, viewSeq, outcome: 'unknown' }
    this.#open.push(call)
    this.#note(`call ${number} ${short(write)}`)
    try {
      const result = await makeCall(life.store, life.handles, write, (handle) => {
        if (!life.over) life.handles.set(number, handle)
      })
      if (life.over) return
      call.outcome = 'acknowledged'
      if (result) call.result = result
      this.#note(`done ${number} ${JSON.stringify(result)}`)
      life.answers += 1
      const { stop, stopAtAnswer } = this.#plan as Plan
      if (stop && life.answers === stopAtAnswer) this.#stop(stop)
    } catch (error) {
      if (life.over) return
      this.#note(`refused ${number} ${(error as Error).message}`)
      this.#expect(life, error, ['ID_EXISTS', 'ID_NOT_FOUND', 'COLLECTION_EXISTS', 'COLLECTION_NOT_FOUND'])
      if (!ReplivecError.is(error, 'STORAGE_FAILED')) call.outcome = 'refused'
    }
  }

  async #scan(life: Life): Promise<void> {
    const random = this.#random
    const [collection, handle] = random.pick([...life.handles, [0, undefined] as const])
    if (!handle) return
    const filter = random.chance(0.6) ? this.#calls.filter(this.#callCount) : {}
    const fromSeq = life.store.getStats().position.seq
    const records = describeRecords(await recordsOf(handle, filter, random.pick([1, 7, 1_000])))
    this.#told(life, {
      ...{ what: `scan ${JSON.stringify(filter)}`, collection, fromSeq, found: records.join('\n') },
      expected: (model) =>
        describeRecords(
          new Map([...model.records].filter(([, { metadata }]) => naiveMatches(filter, metadata))),
        ).join('\n'),
    })
  }

  async #search(life: Life): Promise<void> {
    const [collection, handle] = this.#random.pick([...life.handles, [0, undefined] as const])
    if (!handle) return
    const filter = this.#random.chance(0.5) ? this.#calls.filter(this.#callCount) : {}
    const query = this.#calls.query()
    const fromSeq = life.store.getStats().position.seq
    const hits = await handle.search({ ...query, filter })
    this.#told(life, {
      ...{ what: `search ${JSON.stringify({ ...query, filter })}`, collection, fromSeq },
      found: hits.map(({ id }) => id).join(),
      expected: (model) => nearestIds(model, query.vector, query.topK, filter).join(),
    })
  }

  #told(life: Life, read: Omit<ReadCheck, 'toSeq'>): void {
    if (life.over || life.closing) return
    this.#note(`${read.what} of ${read.collection}: ${read.found.length} characters`)
    life.reads.push({ ...read, toSeq: life.store.getStats().position.seq })
  }

  async #backup(life: Life): Promise<void> {
    const path = `/backups/${++this.#callCount}`
    const { position } = await life.store.backup(path)
    if (life.over) return
    this.#note(`backup ${path} at ${position.seq}`)
    life.backups.push({ path, seq: position.seq })
  }

  #expect(life: Life, error: unknown, codes: readonly string[]): void {
    if (!ReplivecError.is(error)) throw error
    const isExpected =
      codes.includes(error.code) ||
      (error.code === 'STORAGE_FAILED' && this.#faulted) ||
      (error.code === 'CLOSED' && life.closing)
    if (!isExpected) throw error
  }

  async #close(life: Life): Promise<void> {
    if (this.#stopped) return
    life.closing = true
    const warnings: unknown[] = []
    life.store.on('warning', (warning) => warnings.push(warning))
    const { readOnly } = life.store.getStats()
    this.#note('close')
    const closed = await this.#drive(life.store.close())
    this.#note('closed')
    if (!closed) return
    if ('error' in closed) this.#expect(life, closed.error, [])
    if (warnings.length > 0 && !this.#faulted) throw new Error(`close warned: ${JSON.stringify(warnings)}`)
    if ('value' in closed && warnings.length === 0 && readOnly === null) this.#isWeak = false
  }

  async #must<T>(work: Promise<T>): Promise<T> {
    const done = await this.#drive(work)
    if (done && 'value' in done) return done.value
    throw done ? done.error : new Error('the process stopped')
  }

  /** Lets time pass until the work is done; `undefined` when the process stopped first. */
  async #drive<T>(work: Promise<T>): Promise<{ value: T } | { error: unknown } | undefined> {
    let outcome: { value: T } | { error: unknown } | undefined
    work.then(
      (value) => {
        outcome = { value }
      },
      (error: unknown) => {
        outcome = { error }
      },
    )
    for (let turn = 0; !outcome && !this.#stopped; turn++) {
      if (turn > TURNS_MAX) throw new Error('stuck: the store does not answer')
      if (turn === this.#plan?.stopAtTurn && this.#plan.stop) this.#stop(this.#plan.stop)
      else await this.#machine.clock.advance(this.#random.int(40))
    }
    return this.#stopped ? undefined : outcome
  }

  async #turns(count: number): Promise<void> {
    for (let left = count; left > 0; left--) await this.#machine.clock.yield()
  }

  #onOperation({ number, operation, path }: DiskEvent): void {
    const plan = this.#plan as Plan
    this.#note(`${number} ${operation} ${path}`)
    if (operation === 'remove' && path.endsWith('.log')) this.#trimmed += 1
    if (plan.stop && !this.#stopped && number >= plan.stopAtOperation) this.#stop(plan.stop)
    if (this.#stopped || !this.#faultsOn || number < plan.faultAtOperation) return
    if (plan.faultKinds.length > 0 && !plan.faultKinds.includes(operation)) return
    this.#note(`fault ${plan.faultCode}`)
    this.#faulted = true
    this.#faults += 1
    if (this.#faults >= plan.faults) this.#faultsOn = false
    if (plan.failsRecords) this.#machine.keyValues.failNextCommits()
    else this.#machine.disk.failNext(operation, plan.faultCode)
  }

  #stop(kind: 'crash' | 'powerCut'): void {
    this.#note(kind)
    this.#stopped = true
    if (this.#life) this.#life.over = true
    this.#life = undefined
    if (kind === 'powerCut' && this.#isWeak) this.#mayLose = true
    this.#machine[kind]()
  }

  #note(line: string): void {
    this.#hash.update(line)
    this.#trace.push(line)
    if (this.#trace.length > 2 * TRACE_LINES) this.#trace.splice(0, TRACE_LINES)
  }
}

function checkRead({ what, collection, fromSeq, toSeq, found, expected }: ReadCheck, history: History): void {
  // What a power cut took from a buffered store is not in its history any more.
  if (toSeq > (history.at(-1) as History[number]).seq) return
  const answers = history
    .filter(({ seq }) => seq >= fromSeq && seq <= toSeq)
    .flatMap(({ state }) => [...state.values()].filter(({ createdBy }) => createdBy === collection))
    .map(expected)
  // A collection that was never visible within the read has nothing to compare with.
  if (answers.length === 0 || answers.includes(found)) return
  throw new Error(
    `${what} of ${collection} between ${fromSeq} and ${toSeq} found\n${found}\ninstead of one of\n${[...new Set(answers)].join('\n or\n')}`,
  )
}

/** A restored store is renamed as a whole; simulated record stores do not follow, so they have their final name at once. */
function renaming(environment: Environment): Environment {
  const final = (directory: string): string => directory.replace(/\.partial-[0-9a-f]+/, '')
  const { keyValues } = environment
  return {
    ...environment,
    keyValues: {
      open: (directory) => keyValues.open(final(directory)),
      discard: (directory) => keyValues.discard(final(directory)),
    },
  }
}

function short(value: unknown): string {
  const text = JSON.stringify(value)
  return text.length > 160 ? `${text.slice(0, 160)}…` : text
}
