import { ReplivecError, type ReplivecErrorCode } from '../../errors.js'
import type { TaskRing } from '../../runtime/task-ring.js'
import type { GraphMatches, GraphShape } from './usearch-graph.js'

/** A graph as threads are told of it, by a number that is never used again. */
export interface ThreadGraph {
  readonly graph: number
  readonly graphPath: string
  /** An empty graph: to view it is to let go of the other. */
  readonly emptyPath: string
  readonly shape: GraphShape
  readonly count: number
}

/** What threads are told. */
export type ThreadMessage = { readonly open: ThreadGraph } | { readonly release: number }

/** What a thread says. */
export type ThreadAnswer =
  | { readonly released: number }
  | { readonly failed: number; readonly error: ThreadError }

/** An error as it goes from thread to thread: a clone of one keeps its message only. */
export interface ThreadError {
  readonly code: string | undefined
  readonly message: string
  readonly details: Readonly<Record<string, unknown>> | undefined
  readonly cause: unknown
}

/** The numbers of a task. */
const GRAPH = 0
const K = 1
const FOUND = 2
const MICROSECONDS = 3

/** Whether a query and its answer have room in a slot: the components, and of every match an ordinal and a distance. */
export function taskFits(ring: TaskRing, dimensions: number, k: number): boolean {
  return dimensions * 4 + k * 8 <= ring.slotBytes
}

export function writeTask(ring: TaskRing, slot: number, graph: number, query: Float32Array, k: number): void {
  const numbers = ring.numbers(slot)
  numbers[GRAPH] = graph
  numbers[K] = k
  ring.floats(slot, 0, query.length).set(query)
}

/** Of which graph a task wants how many. */
export function readTask(ring: TaskRing, slot: number): { graph: number; k: number } {
  const numbers = ring.numbers(slot)
  return { graph: numbers[GRAPH] as number, k: numbers[K] as number }
}

/** Copies the query of a task: native code is given no shared memory. */
export function copyQuery(ring: TaskRing, slot: number, into: Float32Array): void {
  into.set(ring.floats(slot, 0, into.length))
}

export function writeAnswer(
  ring: TaskRing,
  slot: number,
  dimensions: number,
  { ordinals, distances }: GraphMatches,
  tookMs: number,
): void {
  const numbers = ring.numbers(slot)
  const found = ordinals.length
  ring.ordinals(slot, dimensions * 4, found).set(ordinals)
  ring.floats(slot, dimensions * 4 + found * 4, found).set(distances)
  numbers[FOUND] = found
  numbers[MICROSECONDS] = Math.min(2 ** 31 - 1, tookMs * 1_000)
}

export function readAnswer(
  ring: TaskRing,
  slot: number,
  dimensions: number,
): { matches: GraphMatches; tookMs: number } {
  const numbers = ring.numbers(slot)
  const found = numbers[FOUND] as number
  return {
    matches: {
      ordinals: ring.ordinals(slot, dimensions * 4, found).slice(),
      distances: ring.floats(slot, dimensions * 4 + found * 4, found).slice(),
    },
    tookMs: (numbers[MICROSECONDS] as number) / 1_000,
  }
}

export function packError(error: unknown): ThreadError {
  const { message, cause } = error instanceof Error ? error : new Error(String(error))
  const { code, details } = ReplivecError.is(error) ? error : { code: undefined, details: undefined }
  return { code, message, details, cause: cause instanceof Error ? new Error(cause.message) : undefined }
}

export function unpackError({ code, message, details, cause }: ThreadError): ReplivecError {
  const because = cause === undefined ? {} : { cause }
  if (code !== undefined) {
    return new ReplivecError(code as ReplivecErrorCode, message, {
      ...because,
      ...(details ? { details } : {}),
    })
  }
  return new ReplivecError('BACKEND_FAILED', `The graph index failed: ${message}.`, {
    ...because,
    details: { kind: 'graph' },
  })
}
