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

/**
 * The backend behind a collection's `backend` option.
 *
 * @param load - where the native library comes from; tests give one that fails
 * @throws `OPTIONS_INVALID` for an unknown name, or an object that is not an `IndexBackend`
 */
export function chooseBackend(
  option: BackendOption,
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
  const library = load()
  const reason = `'${option}' answers by exact scan in this version: no approximate index is built yet`
  if ('reason' in library) {
    return {
      backend: checkedBackend(plainScan),
      fallbackReason: `${reason}; and the scan is the slower one in plain TypeScript, because ${library.reason}`,
    }
  }
  return { backend: checkedBackend(simdScanWith(load)), fallbackReason: reason }
}
