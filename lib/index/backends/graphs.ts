import type { Clock } from '../../runtime/clock.js'
import type { Files } from '../../runtime/files.js'
import { backgroundThreads } from '../../runtime/platform.js'
import type { IndexBackend } from '../backend.js'
import type { GraphBackends } from './choose.js'
import { graphBackend, graphWorker } from './graph.js'
import { GraphPool } from './graph-pool.js'

export interface GraphsOptions {
  /** Real files: the library maps them. */
  readonly files: Files
  readonly clock: Clock
}

/** The approximate backends of one store, and the threads they share. */
export class Graphs implements GraphBackends {
  /** Rows of two bytes a component, where they keep their neighbours. */
  readonly cpu: IndexBackend
  /** Rows of one byte a component, where they keep their neighbours. */
  readonly quantized: IndexBackend
  readonly #worker = graphWorker()
  readonly #pool: GraphPool

  constructor({ files, clock }: GraphsOptions) {
    this.#pool = new GraphPool({ clock })
    const shared = {
      threads: backgroundThreads,
      ...{ files, clock, worker: this.#worker, pool: this.#pool },
    }
    this.cpu = graphBackend({ kind: 'hnsw', scalars: ['bf16'], ...shared })
    this.quantized = graphBackend({ kind: 'hnsw-quantized', scalars: ['i8', 'bf16'], ...shared })
  }

  /** Ends the threads. All indexes must be closed. */
  async close(): Promise<void> {
    await this.#pool.close()
    await this.#worker.close()
  }
}
