import { Worker } from 'node:worker_threads'

/** What a worker posts back: the answer to request `id`, or why there is none. */
export interface WorkerAnswer {
  readonly id: number
  readonly answer?: unknown
  readonly error?: unknown
}

interface Pending {
  resolve(answer: unknown): void
  reject(error: Error): void
  /** Asks the thread to end what it does soon; called when the process ends. */
  readonly stop: (() => void) | undefined
}

/** Longest that the end of the process waits for a thread to leave native code. */
const HALT_MS_MAX = 10_000
/** The process ends threads wherever they are, and aborts where that is in native code. */
const running = new Set<WorkerThread>()
const haltAll = (): void => {
  for (const thread of running) thread.halt()
}

/**
 * A worker thread that answers requests. It keeps the process alive only while one is unanswered. When it dies, its requests
 * are rejected and the next one starts another.
 */
export class WorkerThread {
  readonly #entry: URL
  readonly #pending = new Map<number, Pending>()
  #worker: Worker | undefined
  /** One word: the thread is answering. */
  #busy = new Int32Array(new SharedArrayBuffer(4))
  #nextId = 1

  /** @param entry - the compiled module that the thread runs; see `workerEntry` */
  constructor(entry: URL) {
    this.#entry = entry
  }

  /**
   * Rejects with what the worker's own handler threw, or because the thread died.
   *
   * @param stop - asks the handler to end soon; called when the process ends
   */
  request(message: object, stop?: () => void): Promise<unknown> {
    const worker = this.#started()
    const id = this.#nextId++
    return new Promise<unknown>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject, stop })
      worker.ref()
      worker.postMessage({ id, message })
    })
  }

  /** Resolves when the thread has ended. It ends by itself: ending it in the middle of a native call ends the process. */
  async close(): Promise<void> {
    const worker = this.#worker
    if (!worker) return
    this.#worker = undefined
    const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
    worker.ref()
    worker.postMessage('end')
    await exited
  }

  /** Blocks until the thread is not in the middle of an answer. */
  halt(): void {
    for (const { stop } of this.#pending.values()) stop?.()
    Atomics.wait(this.#busy, 0, 1, HALT_MS_MAX)
  }

  #started(): Worker {
    if (this.#worker) return this.#worker
    // None of the process's own options: one as `--input-type` is refused for a file, and preloaded modules are not wanted.
    this.#busy = new Int32Array(new SharedArrayBuffer(4))
    const worker = new Worker(this.#entry, { execArgv: [], workerData: { busy: this.#busy } })
    this.#worker = worker
    if (running.size === 0) process.on('exit', haltAll)
    running.add(this)
    worker.unref()
    worker.on('message', ({ id, answer, error }: WorkerAnswer) => {
      const pending = this.#pending.get(id)
      this.#pending.delete(id)
      if (this.#pending.size === 0) worker.unref()
      if (error === undefined) pending?.resolve(answer)
      else pending?.reject(error as Error)
    })
    let cause: unknown
    worker.on('error', (error) => {
      cause = error
    })
    worker.on('exit', (code) => {
      if (this.#worker === worker) this.#worker = undefined
      if (!this.#worker) this.#ended()
      const died = new Error(`a worker thread ended unasked (exit code ${code})`, { cause })
      for (const { reject } of this.#pending.values()) reject(died)
      this.#pending.clear()
    })
    return worker
  }

  #ended(): void {
    running.delete(this)
    if (running.size === 0) process.off('exit', haltAll)
  }
}

/**
 * Where the compiled module of a worker lies. Under a test runner the sources themselves run, and a thread cannot: it gets the
 * built one.
 *
 * @param module - the module that asks, by its `import.meta.url`
 * @param name - the worker's module beside it, such as `'./graph-worker.js'`
 */
export function workerEntry(module: string, name: string): URL {
  const entry = new URL(name, module)
  if (module.endsWith('.ts')) entry.pathname = entry.pathname.replace(/\/lib\/(?!.*\/lib\/)/, '/dist/')
  return entry
}
