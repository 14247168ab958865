import type { Clock } from '../../runtime/clock.js'
import { TaskRing } from '../../runtime/task-ring.js'
import { TaskThreads } from '../../runtime/task-threads.js'
import {
  readAnswer,
  taskFits,
  type ThreadAnswer,
  type ThreadGraph,
  type ThreadMessage,
  unpackError,
  writeTask,
} from './graph-tasks.js'
import type { GraphMatches, GraphShape } from './usearch-graph.js'

/** Tasks offered at once, for each thread: what it does while the offering thread is busy with other things. */
const SLOTS_A_THREAD = 32
const SLOTS_MAX = 128
/**
 * The largest task: a query of 65 536 dimensions with 8 192 matches, one of 1 536 with 40 192. Whatever is larger takes so
 * long that the calling thread may do it. The system gives memory only for what is written to, a page or two of each slot.
 */
const SLOT_BYTES = 320 * 1024
/** So many deaths in so short a time without an answer between them, and there are no threads any more. */
const DEATHS_MAX = 3
const DEATHS_WITHIN_MS = 10_000

/** What a thread can do. */
export interface ThreadRequest {
  readonly graph: { readonly number: number; readonly shape: GraphShape }
  readonly query: Float32Array
  readonly k: number
}

export interface GraphThreadsOptions<Request extends ThreadRequest> {
  /** How many; none with 0. */
  readonly threads: number
  /** The module they run. */
  readonly entry: URL
  readonly clock: Clock
  answered(request: Request, matches: GraphMatches, tookMs: number): void
  failed(request: Request, error: Error): void
  /** The thread that had these died: somebody else has to answer them. Also called with none. */
  orphaned(requests: readonly Request[]): void
}

/** Threads that search graphs: requests go into shared memory, and come back with their answers from `collect`. */
export class GraphThreads<Request extends ThreadRequest> {
  readonly #options: GraphThreadsOptions<Request>
  readonly #ring: TaskRing
  readonly #threads: TaskThreads
  readonly #requests: (Request | undefined)[] = []
  readonly #graphs = new Map<number, ThreadGraph>()
  /** By graph, the threads that have not let go of it yet. */
  readonly #releasing = new Map<number, { readonly threads: Set<number>; resolve(): void }>()
  readonly #deathsMs: number[] = []
  #collected = 0
  #hasAnswered = false
  #reason: string | undefined
  #isAsked = false
  #isEnded = false

  constructor(options: GraphThreadsOptions<Request>) {
    this.#options = options
    const { threads, entry } = options
    const slots = Math.min(SLOTS_MAX, 2 ** Math.ceil(Math.log2(Math.max(1, threads) * SLOTS_A_THREAD)))
    this.#ring = new TaskRing(TaskRing.allocate(threads, slots, SLOT_BYTES))
    this.#threads = new TaskThreads(entry, this.#ring, {
      message: (message, thread) => this.#heard(message as ThreadAnswer, thread),
      ended: (thread, slots, death) => this.#ended(thread, slots, death),
    })
  }

  /** Why there are none although some are wanted. */
  get reason(): string | undefined {
    return this.#reason
  }

  /** Threads that run, also those that are just being started. */
  get running(): number {
    return this.#threads.living.length
  }

  /** Threads with nothing to do. */
  get asleep(): number {
    return this.#ring.asleep
  }

  /** Whether one has started: it sleeps, or has answered and soon will. */
  get isReady(): boolean {
    return this.asleep > 0 || (this.#hasAnswered && this.running > 0)
  }

  /** Requests that no thread has begun. */
  get waiting(): number {
    return this.#ring.waiting
  }

  /** Whether a request may be offered at all. */
  takes({ graph, k }: ThreadRequest): boolean {
    return this.#mayRun && taskFits(this.#ring, graph.shape.dimensions, k)
  }

  /** Starts threads where some are missing. */
  start(): void {
    if (this.#mayRun) this.#threads.start(() => [...this.#graphs.values()].map((open) => ({ open })))
  }

  /** @returns whether there was room */
  offer(request: Request): boolean {
    const slot = this.#ring.reserve()
    if (slot === undefined) return false
    writeTask(this.#ring, slot, request.graph.number, request.query, request.k)
    this.#requests[slot] = request
    this.#ring.offer(slot)
    return true
  }

  /** The oldest request that no thread has begun. */
  get oldest(): Request | undefined {
    const slot = this.#ring.peek()
    return slot === undefined ? undefined : this.#requests[slot]
  }

  /** Takes the oldest back for the calling thread, unless a thread was faster. */
  takeBack(): Request | undefined {
    const slot = this.#ring.take(this.#options.threads)
    return slot === undefined ? undefined : this.#freed(slot)
  }

  /** Hands out the answers there are. */
  collect(): void {
    // Before looking, so that an answer that comes while looking is not waited for in vain.
    this.#collected = this.#ring.doneCount
    for (const slot of this.#ring.finished()) {
      const request = this.#requests[slot] as Request
      const { matches, tookMs } = readAnswer(this.#ring, slot, request.graph.shape.dimensions)
      this.#freed(slot)
      this.#deathsMs.length = 0
      this.#hasAnswered = true
      this.#options.answered(request, matches, tookMs)
    }
  }

  /** Resolves when there is more to collect; `undefined` when there is already. Does not keep the process alive. */
  whenAnswered(): Promise<unknown> | undefined {
    return this.#ring.whenDone(this.#collected)
  }

  /** Whether the threads keep the process alive: while somebody waits for them. */
  keepAlive(isAsked: boolean): void {
    this.#isAsked = isAsked
    this.#threads.keepAlive(isAsked || this.#releasing.size > 0)
  }

  /** Makes a graph known: requests for it may be offered. */
  open(open: ThreadGraph): void {
    this.#graphs.set(open.graph, open)
    if (this.running > 0) this.#threads.tell({ open } satisfies ThreadMessage)
  }

  /** Resolves when no thread has the file of a graph any more, for which none may be asked now. */
  async release(graph: number): Promise<void> {
    this.#graphs.delete(graph)
    const threads = new Set(this.#threads.living)
    if (threads.size === 0) return
    const released = new Promise<void>((resolve) => this.#releasing.set(graph, { threads, resolve }))
    this.keepAlive(this.#isAsked)
    this.#threads.tell({ release: graph } satisfies ThreadMessage)
    await released
    this.keepAlive(this.#isAsked)
  }

  /** Resolves when all have ended. */
  async end(): Promise<void> {
    this.#isEnded = true
    await this.#threads.end()
    this.#ring.giveUpWaiting()
  }

  get #mayRun(): boolean {
    return this.#options.threads > 0 && this.#reason === undefined && !this.#isEnded
  }

  #heard(answer: ThreadAnswer, thread: number): void {
    if ('released' in answer) {
      this.#letGo(thread, answer.released)
      return
    }
    const request = this.#freed(answer.failed)
    this.#deathsMs.length = 0
    if (request) this.#options.failed(request, unpackError(answer.error))
  }

  #ended(thread: number, slots: readonly number[], death: Error | undefined): void {
    for (const graph of [...this.#releasing.keys()]) this.#letGo(thread, graph)
    if (this.running === 0) this.#hasAnswered = false
    if (death) this.#mourn(death)
    const requests = slots.map((slot) => this.#freed(slot))
    this.#options.orphaned(requests.filter((request) => request !== undefined))
  }

  #mourn(death: Error): void {
    const nowMs = this.#options.clock.monotonic()
    if (nowMs - (this.#deathsMs[0] ?? nowMs) > DEATHS_WITHIN_MS) this.#deathsMs.shift()
    if (this.#deathsMs.push(nowMs) < DEATHS_MAX || !this.#mayRun) return
    const seconds = DEATHS_WITHIN_MS / 1_000
    this.#reason = `search threads died ${DEATHS_MAX} times within ${seconds} seconds without an answer: ${wordsOf(death)}`
    void this.end()
  }

  #letGo(thread: number, graph: number): void {
    const releasing = this.#releasing.get(graph)
    releasing?.threads.delete(thread)
    if (releasing?.threads.size !== 0) return
    this.#releasing.delete(graph)
    releasing.resolve()
  }

  #freed(slot: number): Request | undefined {
    const request = this.#requests[slot]
    this.#requests[slot] = undefined
    this.#ring.free(slot)
    return request
  }
}

function wordsOf({ message, cause }: Error): string {
  return cause instanceof Error ? `${message}, ${cause.message}` : message
}
