import { Worker } from 'node:worker_threads'
import type { RingMemory, TaskRing } from './task-ring.js'

/** What a thread of a ring is started with. */
export interface TaskThreadData {
  readonly memory: RingMemory
  readonly thread: number
  /** The messages it gets first: it may take a task before one that is posted arrives. */
  readonly greeting: readonly unknown[]
}

export interface TaskThreadEvents {
  /** A thread posted a message. */
  message(message: unknown, thread: number): void
  /**
   * A thread ended.
   *
   * @param slots - of the tasks it had and will never do; they stay as they are until they are freed
   * @param death - why, when nobody had asked it to
   */
  ended(thread: number, slots: readonly number[], death: Error | undefined): void
}

/** Longest that the end of the process waits for a thread in native code. */
const HALT_MS_MAX = 10_000

const running = new Set<TaskThreads>()

/** The end of the process ends threads wherever they are, and that aborts it in the middle of a native call. */
function haltAll(): void {
  for (const threads of running) threads.halt()
}

/**
 * Threads that take tasks from a ring; see `serveTasks` for their side. Idle ones do not keep the process alive. They end by
 * themselves: ending one in the middle of a native call ends the process.
 */
export class TaskThreads {
  readonly #entry: URL
  readonly #ring: TaskRing
  readonly #events: TaskThreadEvents
  readonly #workers = new Map<number, Worker>()
  readonly #ends = new Map<number, Promise<void>>()
  #isEnding = false
  #keepsAlive = false

  /** @param entry - the compiled module that the threads run; see `workerEntry` */
  constructor(entry: URL, ring: TaskRing, events: TaskThreadEvents) {
    this.#entry = entry
    this.#ring = ring
    this.#events = events
  }

  /** Threads that were started and have not ended. */
  get living(): readonly number[] {
    return [...this.#workers.keys()]
  }

  /**
   * Starts those that do not live.
   *
   * @param greeting - the messages that each of them gets first
   */
  start(greeting: () => readonly unknown[]): void {
    if (this.#isEnding || this.#workers.size === this.#ring.memory.threads) return
    for (let thread = 0; thread < this.#ring.memory.threads; thread++) {
      if (this.#workers.has(thread)) continue
      try {
        this.#start(thread, greeting())
      } catch (cause) {
        this.#events.ended(thread, [], new Error('a worker thread could not be started', { cause }))
      }
    }
  }

  /** Posts a message to every living thread, which gets it before the tasks that are offered later. */
  tell(message: unknown): void {
    for (const worker of this.#workers.values()) worker.postMessage(message)
    this.#ring.tell()
  }

  /** Whether these threads keep the process alive: while somebody waits for an answer. One of them is enough for that. */
  keepAlive(keepsAlive: boolean): void {
    if (this.#keepsAlive === keepsAlive || this.#isEnding) return
    this.#keepsAlive = keepsAlive
    const [first] = this.#workers.values()
    if (keepsAlive) first?.ref()
    else first?.unref()
  }

  /** Resolves when all have ended, after the tasks that they have. None starts again. */
  async end(): Promise<void> {
    this.keepAlive(true)
    this.#isEnding = true
    this.tell('end')
    await Promise.all(this.#ends.values())
  }

  /** Blocks until no thread is in native code; none enters it again. */
  halt(): void {
    this.#ring.halt(HALT_MS_MAX)
  }

  #start(thread: number, greeting: readonly unknown[]): void {
    const data: TaskThreadData = { memory: this.#ring.memory, thread, greeting }
    // None of the process's own options: one as `--input-type` is refused for a file, and preloaded modules are not wanted.
    const worker = new Worker(this.#entry, { workerData: data, execArgv: [] })
    this.#workers.set(thread, worker)
    if (running.size === 0) process.on('exit', haltAll)
    running.add(this)
    worker.on('message', (message) => this.#events.message(message, thread))
    let cause: unknown
    worker.on('error', (error) => {
      cause = error
    })
    const ended = new Promise<void>((resolve) => {
      worker.on('exit', (code) => {
        this.#ended(thread)
        const slots = this.#ring.takenBy(thread)
        this.#ring.ended(thread)
        const isAsked = this.#isEnding && cause === undefined && code === 0
        const unasked = `a worker thread ended unasked (exit code ${code})`
        this.#events.ended(thread, slots, isAsked ? undefined : new Error(unasked, { cause }))
        resolve()
      })
    })
    this.#ends.set(thread, ended)
    // Last: to listen for messages keeps the process alive again.
    if (!this.#keepsAlive || this.#workers.size > 1) worker.unref()
  }

  #ended(thread: number): void {
    this.#workers.delete(thread)
    this.#ends.delete(thread)
    const [first] = this.#workers.values()
    if (this.#keepsAlive) first?.ref()
    if (first) return
    running.delete(this)
    if (running.size === 0) process.off('exit', haltAll)
  }
}
