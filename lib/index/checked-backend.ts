import { ReplivecError } from '../errors.js'
import type { IndexBackend, VectorIndex } from './backend.js'
import { assertBackend } from './backends/backend-shape.js'
import { CheckedIndex } from './checked-index.js'
import type { Metric } from './metric.js'

/** What `build` takes. */
type BuildInput = Parameters<IndexBackend['build']>[0]
/** What `open` takes. */
type OpenInput = Parameters<NonNullable<IndexBackend['open']>>[0]

const checked = new WeakMap<IndexBackend, IndexBackend>()

/**
 * The one wrapper around any backend, ours or an outsider's. Arguments are checked on the way in, answers on the way
 * out, and whatever the backend throws, rejects with or gets wrong becomes `BACKEND_FAILED` with `details.kind`,
 * so that no caller has to trust it. A search costs O(k) more.
 *
 * The backend sees `allow` only if it declares `mask`, and `directory` only if it declares `persists`.
 *
 * @throws `OPTIONS_INVALID` when `backend` lacks members of the interface
 */
export function checkedBackend(backend: IndexBackend): IndexBackend {
  const known = checked.get(backend)
  if (known !== undefined) return known
  assertBackend(backend)
  const wrapper: IndexBackend = {
    kind: backend.kind,
    supports: backend.supports,
    build: (input) => build(backend, input),
    ...(backend.open === undefined ? {} : { open: (input: OpenInput) => open(backend, input) }),
  }
  checked.set(backend, wrapper)
  checked.set(wrapper, wrapper)
  return wrapper
}

async function build(backend: IndexBackend, input: BuildInput): Promise<VectorIndex> {
  const { vectors, signal, directory, onProgress, ...shape } = input
  checkShape(backend, shape)
  if (!(vectors instanceof Float32Array) || vectors.length !== shape.count * shape.dimensions) {
    refuse(
      `'vectors' must be a Float32Array of count × dimensions (${shape.count * shape.dimensions}) components`,
    )
  }
  if (vectors.byteOffset !== 0) refuse("'vectors' must start at the start of its buffer")
  const { maxBytes, persists } = backend.supports
  if (maxBytes !== undefined && vectors.byteLength > maxBytes) {
    refuse(
      `${vectors.byteLength} bytes of vectors are more than the ${maxBytes} that '${backend.kind}' builds at once`,
    )
  }
  signal.throwIfAborted()
  let isBuilding = true
  const request = {
    ...(persists && directory !== undefined ? { directory } : {}),
    onProgress: (indexed: number) => {
      if (isBuilding && Number.isFinite(indexed) && indexed >= 0) onProgress?.(indexed)
    },
    ...{ vectors, signal, ...shape },
  }
  let built: VectorIndex
  try {
    built = await backend.build(request)
  } catch (error) {
    // Stopping when told to is no failure: the caller gets its own reason back.
    signal.throwIfAborted()
    throw failed(backend, 'build its index', error)
  } finally {
    isBuilding = false
  }
  const index = new CheckedIndex(built, { backend, ...shape })
  if (signal.aborted) {
    await index[Symbol.asyncDispose]()
    throw signal.reason
  }
  return index
}

async function open(backend: IndexBackend, input: OpenInput): Promise<VectorIndex> {
  const { directory, ...shape } = input
  checkShape(backend, shape)
  if (typeof directory !== 'string' || directory === '') refuse("'directory' must be a path")
  let opened: VectorIndex | undefined
  try {
    opened = await backend.open?.({ directory, ...shape })
  } catch (error) {
    throw failed(backend, 'open its index', error)
  }
  return new CheckedIndex(opened, { backend, ...shape })
}

function checkShape(
  backend: IndexBackend,
  shape: { count: number; dimensions: number; metric: Metric },
): void {
  const { count, dimensions, metric } = shape
  const { metrics } = backend.supports
  if (!metrics.includes(metric)) {
    refuse(`the backend '${backend.kind}' has no metric '${String(metric)}', only ${metrics.join(', ')}`)
  }
  if (!Number.isInteger(count) || count < 1 || count > 0xffffffff)
    refuse("'count' must be a whole number from 1")
  if (!Number.isInteger(dimensions) || dimensions < 1 || dimensions > 65_536) {
    refuse("'dimensions' must be a whole number from 1 to 65 536")
  }
}

function failed(backend: IndexBackend, task: string, cause: unknown): ReplivecError {
  if (ReplivecError.is(cause, 'BACKEND_FAILED')) return cause
  const message = `The backend '${backend.kind}' could not ${task}. Its own error is the 'cause'.`
  return new ReplivecError('BACKEND_FAILED', message, { cause, details: { kind: backend.kind } })
}

function refuse(problem: string): never {
  throw new ReplivecError('OPTIONS_INVALID', `An index cannot be built or opened: ${problem}.`)
}
