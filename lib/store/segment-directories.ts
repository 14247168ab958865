import { join } from 'node:path'
import type { GraphBackends } from '../index/backends/choose.js'
import { Graphs } from '../index/backends/graphs.js'
import { SegmentStore } from '../index/segment-store.js'
import type { Environment } from './environment.js'

/** Anything else there is not ours. */
const COLLECTION = /^[0-9]+$/

/** Where the indexes of a store lie: a directory for each collection, by its number. */
export class SegmentDirectories {
  /** The approximate backends, or why there are none. */
  readonly graphs: GraphBackends | string
  readonly #environment: Environment
  readonly #directory: string | undefined
  readonly #historyId: string
  readonly #logSynced: (seq: number) => Promise<void> | undefined
  readonly #threads: Graphs | undefined

  /**
   * @param path - of the store; `undefined` for one in memory
   * @param logSynced - resolves when the log holds everything up to an operation on stable storage
   */
  constructor(
    environment: Environment,
    path: string | undefined,
    historyId: string,
    logSynced: (seq: number) => Promise<void> | undefined,
  ) {
    this.#environment = environment
    this.#directory = path === undefined ? undefined : join(path, 'index')
    this.#historyId = historyId
    this.#logSynced = logSynced
    this.#threads = environment.mapsFiles && path !== undefined ? new Graphs(environment) : undefined
    this.graphs = this.#threads ?? 'a graph is a file, and this store lives in memory'
  }

  /** The segments of one collection. */
  of(collection: number): SegmentStore | undefined {
    if (this.#directory === undefined) return undefined
    const { files, clock } = this.#environment
    return new SegmentStore({
      directory: join(this.#directory, String(collection)),
      ...{ files, clock, historyId: this.#historyId, logSynced: this.#logSynced },
    })
  }

  /** Removes the directories of collections that are gone. */
  async removeOthers(exists: (collection: number) => boolean): Promise<void> {
    const { files } = this.#environment
    if (this.#directory === undefined || !(await files.stat(this.#directory))) return
    for (const name of await files.list(this.#directory)) {
      if (COLLECTION.test(name) && !exists(Number(name))) await files.removeTree(join(this.#directory, name))
    }
  }

  /** Ends the threads that build. All indexes must be closed. */
  async close(): Promise<void> {
    await this.#threads?.close()
  }
}
