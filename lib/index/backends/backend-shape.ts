import { ReplivecError } from '../../errors.js'
import type { IndexBackend } from '../backend.js'
import type { Metric } from '../metric.js'

const KIND_LENGTH_MAX = 128
/** What the `backend` option means by itself. */
const RESERVED: readonly unknown[] = ['cpu', 'quantized', 'gpu']
const METRICS: readonly Metric[] = ['cosine', 'dot', 'euclidean']

/**
 * Makes sure that a value from outside is an `IndexBackend`, as far as looking at it can tell.
 *
 * @throws `OPTIONS_INVALID` naming the member that is missing or of the wrong kind
 */
export function assertBackend(value: unknown): asserts value is IndexBackend {
  if (!isObject(value)) refuse('it must be an object')
  const { kind } = value
  // The store keeps the kind by name.
  if (typeof kind !== 'string' || kind === '' || kind.length > KIND_LENGTH_MAX || !kind.isWellFormed()) {
    refuse(
      `'kind' must be a non-empty string of at most ${KIND_LENGTH_MAX} characters, without lone surrogates`,
    )
  }
  if (RESERVED.includes(kind)) refuse(`'kind' must not be one of the built-in names ${RESERVED.join(', ')}`)
  if (typeof value.build !== 'function') refuse("'build' must be a function")
  const { supports } = value
  if (!isObject(supports)) refuse("'supports' must be an object")
  const { metrics, maxBytes } = supports
  if (
    !Array.isArray(metrics) ||
    metrics.length === 0 ||
    !metrics.every((metric) => METRICS.includes(metric))
  ) {
    refuse(`'supports.metrics' must list one or more of ${METRICS.join(', ')}`)
  }
  for (const flag of ['exact', 'mask', 'persists']) {
    if (typeof supports[flag] !== 'boolean') refuse(`'supports.${flag}' must be true or false`)
  }
  if (maxBytes !== undefined && !(typeof maxBytes === 'number' && maxBytes > 0)) {
    refuse("'supports.maxBytes' must be a number of bytes above 0, or absent")
  }
  if (value.open !== undefined && typeof value.open !== 'function')
    refuse("'open' must be a function, or absent")
  if (supports.persists && value.open === undefined)
    refuse("'open' is needed because 'supports.persists' is true")
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function refuse(problem: string): never {
  throw new ReplivecError(
    'OPTIONS_INVALID',
    `This index backend does not fit the IndexBackend interface: ${problem}.`,
  )
}
