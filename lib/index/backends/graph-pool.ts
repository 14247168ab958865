import type { Clock } from '../../runtime/clock.js'
import { processorCount } from '../../runtime/platform.js'
import { workerEntry } from '../../runtime/worker-thread.js'
import { Company } from './company.js'
import { GraphThreads } from './graph-threads.js'
import { type GraphFile, PooledGraph } from './pooled-graph.js'
import type { GraphMatches } from './usearch-graph.js'

/** A query that takes longer holds the event loop too long: it goes to a thread also when it is alone. */
const HERE_MS_MAX = 2

export interface GraphPoolOptions {
  readonly clock: Clock
  /**
   * Threads beside the calling one, which takes its share: by default one less than the machine has processors, so none where it
   * has one.
   */
  readonly threads?: number
  /** The module they run; tests give one that fails. */
  readonly entry?: URL
}

interface Request {
  readonly graph: PooledGraph
  readonly query: Float32Array
  readonly k: number
  resolve(matches: GraphMatches): void
  reject(error: unknown): void
  /** Its thread died: it is not given to another. */
  isOrphan: boolean
}

/**
 * Searches graphs with all processors. A query that is alone is searched for in the calling thread, because the way to another
 * costs a fifth of a search. Several at once go into shared memory, where threads that view the same files take them,
 * and the calling thread too, one search in a turn of its event loop, while all threads are busy.
 */
export class GraphPool {
  readonly #clock: Clock
  readonly #threads: GraphThreads<Request>
  readonly #company = new Company()
  /** A call that is given the chance to meet another, before it is decided who searches. */
  readonly #gathered: Request[] = []
  /** What waits for room in the shared memory, or for a turn of this thread. */
  readonly #queue: Request[] = []
  /** Calls not answered yet, those gathered among them. */
  #unanswered = 0
  #lastGraph = 0
  #isTurnComing = false
  #isListening = false
  #isClosed = false
  readonly #whenIdle: (() => void)[] = []

  constructor({ clock, threads = processorCount - 1, entry }: GraphPoolOptions) {
    this.#clock = clock
    this.#threads = new GraphThreads<Request>({
      answered: (request, matches, tookMs) => {
        request.graph.took(request.k, tookMs)
        this.#settled()
        request.resolve(matches)
      },
      failed: (request, error) => {
        this.#settled()
        request.reject(error)
        this.#goOn()
      },
      orphaned: (requests) => this.#adopt(requests),
      ...{ clock, threads, entry: entry ?? workerEntry(import.meta.url, './graph-pool-worker.js') },
    })
  }

  /** Threads that run beside the calling one. They start when queries first meet. */
  get threads(): number {
    return this.#threads.running
  }

  /** Why there are none any more, in words for the statistics; absent while nothing is wrong. */
  get reason(): string | undefined {
    return this.#threads.reason
  }

  /**
   * Maps a graph.
   *
   * @throws `BACKEND_FAILED` when the file holds something else
   */
  open(file: GraphFile): PooledGraph {
    const number = ++this.#lastGraph
    const graph: PooledGraph = new PooledGraph(number, file, {
      search: (query, k) => this.#search(graph, query, k),
      release: () => this.#threads.release(number),
    })
    this.#threads.open({ ...file, graph: number })
    return graph
  }

  /** Resolves when all is answered and the threads have ended. Who asks later is answered by the calling thread. */
  async close(): Promise<void> {
    this.#isClosed = true
    if (this.#unanswered > 0) await new Promise<void>((resolve) => this.#whenIdle.push(resolve))
    await this.#threads.end()
  }

  #search(graph: PooledGraph, query: Float32Array, k: number): Promise<GraphMatches> {
    return new Promise((resolve, reject) => {
      const request: Request = { graph, query, k, resolve, reject, isOrphan: false }
      const isBusy = this.#unanswered > this.#gathered.length
      this.#unanswered++
      if (isBusy) {
        this.#company.met()
        this.#enqueue([request])
      } else if (this.#gathered.push(request) === 1) {
        const gathering = this.#company.isWorthATurn() ? this.#clock.yield() : Promise.resolve()
        void gathering.then(() => this.#spread())
      } else this.#spread()
    })
  }

  /** Ends the gathering: with the second call, or when the first has waited long enough. */
  #spread(): void {
    const gathered = this.#gathered.splice(0)
    const [first, second] = gathered
    if (second) this.#company.met()
    if (first && !second && !this.#isForThread(first)) this.#searchHere(first)
    else if (first) this.#enqueue(gathered)
  }

  /** Whether a lone query is worth the way to a thread. The first such query starts one, for those after it. */
  #isForThread(request: Request): boolean {
    if (!isLong(request) || !this.#threads.takes(request)) return false
    this.#threads.start()
    return this.#threads.isReady
  }

  #enqueue(requests: readonly Request[]): void {
    this.#queue.push(...requests)
    this.#threads.start()
    this.#threads.keepAlive(true)
    this.#goOn()
  }

  /** Offers what waits, in order, as far as there is room. */
  #offer(): void {
    while (this.#queue[0] && this.#isShared(this.#queue[0]) && this.#threads.offer(this.#queue[0])) {
      this.#queue.shift()
    }
  }

  #isShared(request: Request): boolean {
    return !request.isOrphan && !this.#isClosed && this.#threads.takes(request)
  }

  /** After every change: hands on what waits, and sees to it that this thread has a turn when it is to do something. */
  #goOn(): void {
    this.#offer()
    if (this.#isTurnComing || this.#unanswered === this.#gathered.length) return
    if (this.#isForHere(this.#queue[0]) || this.#isHelpWanted) this.#takeTurn()
    else if (!this.#isListening) this.#listen()
  }

  #listen(): void {
    const answered = this.#threads.whenAnswered()
    if (!answered) {
      this.#takeTurn()
      return
    }
    this.#isListening = true
    void answered.then(() => {
      this.#isListening = false
      if (!this.#isTurnComing) this.#turn()
    })
  }

  #takeTurn(): void {
    this.#isTurnComing = true
    void this.#clock.yield().then(() => {
      this.#isTurnComing = false
      this.#turn()
    })
  }

  #turn(): void {
    this.#threads.collect()
    const request = this.#nextHere()
    if (request) this.#searchHere(request)
    this.#goOn()
  }

  #nextHere(): Request | undefined {
    if (this.#isForHere(this.#queue[0])) return this.#queue.shift()
    return this.#isHelpWanted ? this.#threads.takeBack() : undefined
  }

  #isForHere(request: Request | undefined): request is Request {
    return request !== undefined && !this.#isShared(request)
  }

  /** Whether all threads are busy, and what waits is small enough for this one. For each that waits, one is being woken. */
  get #isHelpWanted(): boolean {
    const { waiting, asleep, running, oldest } = this.#threads
    return waiting > asleep && oldest !== undefined && (running === 0 || !isLong(oldest))
  }

  #searchHere(request: Request): void {
    const { graph, query, k } = request
    const startMs = this.#clock.monotonic()
    try {
      request.resolve(graph.searchHere(query, k))
    } catch (error) {
      request.reject(error)
    }
    graph.took(k, this.#clock.monotonic() - startMs)
    this.#settled()
  }

  #adopt(requests: readonly Request[]): void {
    for (const request of requests) request.isOrphan = true
    this.#queue.unshift(...requests)
    if (this.#unanswered > this.#gathered.length) this.#threads.start()
    this.#goOn()
  }

  #settled(): void {
    this.#unanswered--
    if (this.#unanswered > this.#gathered.length) return
    this.#threads.keepAlive(false)
    if (this.#unanswered === 0) for (const resolve of this.#whenIdle.splice(0)) resolve()
  }
}

function isLong({ graph, k }: Request): boolean {
  return graph.expectedMs(k) > HERE_MS_MAX
}
