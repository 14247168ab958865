import type { CollectionOptions, ConfigureOptions } from '../collection/collection-settings.js'
import { checkOptions, invalid, readArguments } from '../collection/call-options.js'
import { ReplivecError } from '../errors.js'
import type { BackendOption } from '../index/backends/choose.js'
import type { Metric } from '../index/metric.js'

const DIMENSIONS_MAX = 65_536
const FIELDS_MAX = 64
const PATH_BYTES_MAX = 512
const METRICS: readonly unknown[] = ['cosine', 'dot', 'euclidean'] satisfies Metric[]

/** @throws `OPTIONS_INVALID` when a collection cannot have that name */
export function checkCollectionName(name: unknown): string {
  if (typeof name !== 'string' || !/^(?!\.)[A-Za-z0-9._-]{1,128}$/.test(name)) {
    throw new ReplivecError(
      'OPTIONS_INVALID',
      'A collection name is 1 to 128 of the characters A–Z a–z 0–9 . _ - and does not begin with a dot.',
      { details: { name: typeof name === 'string' ? name.slice(0, 200) : typeof name } },
    )
  }
  return name
}

/** @throws `OPTIONS_INVALID` naming the option */
export function checkCollectionOptions(options: unknown, call: string): CollectionOptions {
  return readArguments(call, () => readCollectionOptions(options, call))
}

function readCollectionOptions(options: unknown, call: string): CollectionOptions {
  const { dimensions, metric, backend, indexed } = checkOptions(options, call) as Partial<CollectionOptions>
  if (
    !Number.isInteger(dimensions) ||
    (dimensions as number) < 1 ||
    (dimensions as number) > DIMENSIONS_MAX
  ) {
    throw invalid('dimensions', `a whole number from 1 to ${DIMENSIONS_MAX}`, dimensions)
  }
  if (!METRICS.includes(metric)) throw invalid('metric', "'cosine', 'dot' or 'euclidean'", metric)
  return {
    dimensions: dimensions as number,
    metric: metric as Metric,
    ...checkConfigureOptions({ backend, indexed }),
  }
}

/** @throws `OPTIONS_INVALID` naming the option */
export function checkConfigureOptions(options: unknown): ConfigureOptions {
  return readArguments('configure', () => readConfigureOptions(options))
}

function readConfigureOptions(options: unknown): ConfigureOptions {
  const { backend, indexed } = checkOptions(options, 'configure')
  if (backend === null || !['undefined', 'string', 'object'].includes(typeof backend)) {
    throw invalid('backend', "'cpu', 'quantized', 'gpu' or an IndexBackend object", backend)
  }
  return {
    ...(backend === undefined ? {} : { backend: backend as BackendOption }),
    ...(indexed === undefined ? {} : { indexed: checkIndexed(indexed) }),
  }
}

function checkIndexed(indexed: unknown): readonly string[] {
  if (!Array.isArray(indexed) || indexed.length > FIELDS_MAX) {
    throw invalid('indexed', `an array of at most ${FIELDS_MAX} field paths`, indexed)
  }
  for (const path of indexed) {
    const isPath =
      typeof path === 'string' &&
      path.isWellFormed() &&
      Buffer.byteLength(path) <= PATH_BYTES_MAX &&
      path.split('.').every((part) => part !== '' && part !== '__proto__' && !part.startsWith('$'))
    if (!isPath) throw invalid('indexed', 'an array of dotted field paths', path)
  }
  return [...new Set(indexed as string[])].sort()
}
