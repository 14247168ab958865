import { readArguments } from '../collection/call-options.js'
import { ReplivecError } from '../errors.js'
import {
  type BackendOption,
  type ChosenBackend,
  chooseBackend,
  exactScan,
  type GraphBackends,
} from '../index/backends/choose.js'
import type { Metric } from '../index/metric.js'

export type NamedBackend = ChosenBackend & { readonly name: string }

/** The backends of a store's collections. Those of the host's own are known by kind: the store cannot keep their code. */
export class Backends {
  readonly #own = new Map<string, BackendOption>()
  readonly #graphs: GraphBackends | string

  /** @param graphs - the approximate backends, or why there are none */
  constructor(graphs: GraphBackends | string) {
    this.#graphs = graphs
  }

  /** @throws `OPTIONS_INVALID` */
  choose(option: BackendOption, metric: Metric): NamedBackend {
    return readArguments('backend', () => this.#choose(option, metric))
  }

  #choose(option: BackendOption, metric: Metric): NamedBackend {
    const chosen = chooseBackend(option, this.#graphs)
    if (!chosen.backend.supports.metrics.includes(metric)) {
      throw new ReplivecError(
        'OPTIONS_INVALID',
        `The backend '${chosen.backend.kind}' does not support the metric '${metric}'; it has ${chosen.backend.supports.metrics.join(', ')}.`,
        { details: { backend: chosen.backend.kind, metric } },
      )
    }
    const name = typeof option === 'string' ? option : option.kind
    if (typeof option !== 'string') this.#own.set(name, option)
    return { ...chosen, name }
  }

  /** The backend of a stored collection. One of the host's own must be given again after each open. */
  byName(name: string): NamedBackend {
    const own = this.#own.get(name)
    if (own) return { ...chooseBackend(own, this.#graphs), name }
    if (name === 'cpu' || name === 'quantized' || name === 'gpu') {
      return { ...chooseBackend(name, this.#graphs), name }
    }
    const reason = `'${name}' is a backend of your own: give it again with configure({ backend }) or getOrCreateCollection. Until then an exact scan answers`
    return { ...exactScan(reason), name }
  }
}
