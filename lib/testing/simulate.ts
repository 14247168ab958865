import { ReplivecError } from '../errors.js'
import type { SimulationCounts } from './cluster-context.js'
import { ClusterRun } from './cluster-run.js'

/** What a simulation is made from. */
export interface SimulationOptions {
  /** Decides everything: the cluster, what is written, and what goes wrong. A whole number. */
  readonly seed: number
  /** How many calls and faults there are; the seed decides by default. */
  readonly events?: number | undefined
  /** Told every line of the trace as it comes. */
  readonly print?: ((line: string) => void) | undefined
}

/** What came of a simulation in which every promise was kept. */
export interface SimulationResult extends Readonly<SimulationCounts> {
  readonly seed: number
  /** Lines of the trace. */
  readonly events: number
  /** Over everything that happened: the same seed gives the same digest. */
  readonly digest: string
  /** Time that passed in the cluster, in milliseconds. */
  readonly virtualMs: number
}

/**
 * Runs a whole cluster in this thread: one master and up to four replicas, real stores on simulated machines, with a simulated
 * network and one virtual clock. The seed decides what is written and what goes wrong; what must hold all the same is checked
 * during the run and after it.
 *
 * @param options - the seed
 * @returns how much happened
 * @throws the first promise that was broken, with the end of the trace
 *
 * @example
 * ```ts
 * import { simulate } from 'replivec/testing'
 *
 * const { commits, digest } = await simulate({ seed: 7 })
 * console.log(commits, digest)
 * ```
 */
export async function simulate({ seed, events, print }: SimulationOptions): Promise<SimulationResult> {
  const run = new ClusterRun(seed, { events, print })
  try {
    await run.run()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const replay = `npm run simulate -- ${seed}${events === undefined ? '' : ` --events ${events}`}`
    const message = `Seed ${seed}: ${reason}\nReplay it with: ${replay}\nThe end of its trace:\n${run.trace.lastLines.join('\n')}`
    if (ReplivecError.is(error))
      throw new ReplivecError(error.code, message, { cause: error, details: error.details })
    throw new Error(message, { cause: error })
  }
  const { counts, trace, time } = run
  return { ...counts, seed, events: trace.count, digest: trace.digest(), virtualMs: time.monotonic() }
}
