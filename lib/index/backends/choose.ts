import { ReplivecError } from '../../errors.js'
import type { IndexBackend } from '../backend.js'
import { checkedBackend } from '../checked-backend.js'
import { assertBackend } from './backend-shape.js'
import { plainScan } from './plain-scan.js'
import { simdScanWith } from './simd-scan.js'
import { loadUsearch, type Usearch, type UsearchMissing } from './usearch.js'

/** What a collection's `backend` option may be. */
export type BackendOption = 'cpu' | 'quantized' | 'gpu' | IndexBackend

export interface ChosenBackend {
  /** Checked: whatever it does wrong comes out as `BACKEND_FAILED`. */
  readonly backend: IndexBackend
  /** Set when another backend answers than the option's name promises: why, for the statistics. */
  readonly fallbackReason?: string
}

/** The approximate backends of a store. */
export interface GraphBackends {
  readonly cpu: IndexBackend
  readonly quantized: IndexBackend
}

/**
 * The backend behind a collection's `backend` option.
 *
 * @param graphs - the approximate backends, or why there are none
 * @param load - where the native library comes from; tests give one that fails
 * @throws `OPTIONS_INVALID` for an unknown name, or an object that is not an `IndexBackend`
 */
export function chooseBackend(
  option: BackendOption,
  graphs: GraphBackends | string,
  load: () => Usearch | UsearchMissing = loadUsearch,
): ChosenBackend {
  if (typeof option !== 'string') {
    assertBackend(option)
    return { backend: checkedBackend(option) }
  }
  if (option !== 'cpu' && option !== 'quantized' && option !== 'gpu') {
    throw new ReplivecError(
      'OPTIONS_INVALID',
      `There is no backend '${String(option)}': use 'cpu', 'quantized', 'gpu' or an IndexBackend object.`,
    )
  }
  if (typeof graphs === 'string') return exactScan(`'${option}' answers by exact scan: ${graphs}`, load)
  const library = load()
  if ('reason' in library) return exactScan(`'${option}' answers by exact scan`, load)
  if (option !== 'gpu') return { backend: checkedBackend(graphs[option]) }
  return {
    backend: checkedBackend(graphs.cpu),
    fallbackReason: "'gpu' answers as 'cpu' does: this version has no backend for a graphics processor",
  }
}

/** The scan of all vectors, the fastest there is here. */
export function exactScan(
  reason: string,
  load: () => Usearch | UsearchMissing = loadUsearch,
): Required<ChosenBackend> {
  const library = load()
  if (!('reason' in library)) return { backend: checkedBackend(simdScanWith(load)), fallbackReason: reason }
  return {
    backend: checkedBackend(plainScan),
    fallbackReason: `${reason}; and the scan is the slower one in plain TypeScript, because ${library.reason}`,
  }
}
