import type { BackendSupport, Candidates, VectorIndex } from './backend.js'
import { scanIndex } from './backends/row-scan.js'
import type { Metric } from './metric.js'
import type { Admission, PinnedPart } from './part.js'

/** A graph walks far around rows it may not return: below this share of admitted rows the scan is faster. */
const SCAN_BELOW_SHARE = 0.05
/** Candidates fetched beyond what the share of admitted rows predicts. */
const OVERFETCH = 1.3
const SLACK = 16

export interface PartQuery {
  /** One vector; of unit length for cosine. */
  readonly query: Float32Array
  readonly k: number
  readonly ef: number | undefined
  /** Do not use an approximate index. */
  readonly exact: boolean
  readonly metric: Metric
  readonly supports: BackendSupport
}

/**
 * The `k` nearest admitted rows of one part. A backend that is approximate, or that cannot mask, is asked for more
 * and more, and in the end the rows are scanned, rather than fewer returned than there are.
 */
export async function searchPart(
  pinned: PinnedPart,
  input: PartQuery,
  admission: Admission,
): Promise<Candidates> {
  const wanted = Math.min(input.k, admission.count)
  if (wanted === 0) return { ordinals: new Uint32Array(0), distances: new Float32Array(0) }
  const { index } = pinned.part
  if (index && usesIndex(pinned, input, admission)) {
    const found = input.supports.mask
      ? await ask(index, input, wanted, admission.mask)
      : await widen(index, pinned.part.rows.count, input, wanted, admission)
    if (found.ordinals.length >= wanted) return found
  }
  return ask(scanIndex(pinned, input.metric), input, wanted, admission.mask)
}

function usesIndex(pinned: PinnedPart, input: PartQuery, admission: Admission): boolean {
  if (input.supports.exact) return true
  return !input.exact && admission.count >= pinned.count * SCAN_BELOW_SHARE
}

/** Over-fetches from a backend without masks, filters, and widens until enough is left or all was seen. */
async function widen(
  index: VectorIndex,
  count: number,
  input: PartQuery,
  wanted: number,
  admission: Admission,
): Promise<Candidates> {
  const { mask } = admission
  if (!mask) return ask(index, input, wanted, undefined)
  let fetch = Math.ceil((wanted * OVERFETCH * count) / admission.count) + SLACK
  for (;;) {
    const found = keep(await ask(index, input, Math.min(fetch, count), undefined), mask, wanted)
    if (found.ordinals.length >= wanted || fetch >= count) return found
    fetch *= 4
  }
}

function keep(candidates: Candidates, mask: Uint32Array, wanted: number): Candidates {
  const ordinals: number[] = []
  const distances: number[] = []
  for (let i = 0; i < candidates.ordinals.length && ordinals.length < wanted; i++) {
    const ordinal = candidates.ordinals[i] as number
    if (((mask[ordinal >>> 5] ?? 0) & (1 << (ordinal & 31))) === 0) continue
    ordinals.push(ordinal)
    distances.push(candidates.distances[i] as number)
  }
  return { ordinals: Uint32Array.from(ordinals), distances: Float32Array.from(distances) }
}

async function ask(
  index: VectorIndex,
  input: PartQuery,
  k: number,
  allow: Uint32Array | undefined,
): Promise<Candidates> {
  const answer = index.search({
    queries: input.query,
    count: 1,
    k,
    ...(input.ef === undefined ? {} : { ef: input.ef }),
    ...(allow ? { allow } : {}),
  })
  const [candidates] = answer instanceof Promise ? await answer : answer
  return candidates as Candidates
}
