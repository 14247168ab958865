import type { KeyValueWrite } from './key-value.js'

/** Commits up to this many writes that wait at the same time share a transaction, and with it a sync. */
const SHARED_WRITES_MAX = 2_000

interface Pending {
  readonly writes: readonly KeyValueWrite[]
  resolve(): void
  reject(error: unknown): void
}

/**
 * The commits of one store, applied one transaction after the other: what waits meanwhile shares the next one. After
 * a failure nothing is applied any more, because a store whose disk failed cannot be trusted to undo or to retry.
 */
export class PendingCommits {
  readonly #apply: (writes: readonly (readonly KeyValueWrite[])[]) => Promise<void>
  #waiting: Pending[] = []
  #running: Promise<void> | undefined
  #failed = false
  #failure: unknown

  /** @param apply - applies the writes of several commits, in order, in one durable transaction */
  constructor(apply: (writes: readonly (readonly KeyValueWrite[])[]) => Promise<void>) {
    this.#apply = apply
  }

  /** Whether a commit has failed; all later ones do. */
  get failed(): boolean {
    return this.#failed
  }

  /** Resolves when `writes` are applied. */
  add(writes: readonly KeyValueWrite[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ writes, resolve, reject })
      this.#running ??= this.#run()
    })
  }

  /** Resolves when everything added before is applied; rejects when something has failed. */
  async settled(): Promise<void> {
    if (this.#running !== undefined) await this.add([]).catch(() => {})
    if (this.#failed) throw this.#failure
  }

  async #run(): Promise<void> {
    // One microtask later: commits that are asked for in one stretch of code share a transaction.
    await Promise.resolve()
    while (this.#waiting.length > 0) await this.#applyNext(this.#take())
    this.#running = undefined
  }

  async #applyNext(group: readonly Pending[]): Promise<void> {
    try {
      if (this.#failed) throw this.#failure
      const writes = group.map((pending) => pending.writes).filter((list) => list.length > 0)
      if (writes.length > 0) await this.#apply(writes)
    } catch (error) {
      this.#failed = true
      this.#failure = error
      for (const pending of group) pending.reject(error)
      return
    }
    for (const pending of group) pending.resolve()
  }

  #take(): Pending[] {
    let count = 0
    let writes = 0
    for (const pending of this.#waiting) {
      writes += pending.writes.length
      if (count > 0 && writes > SHARED_WRITES_MAX) break
      count++
    }
    return this.#waiting.splice(0, count)
  }
}
