import { ReplivecError } from '../errors.js'

/** How many objects and arrays a filter may nest, itself included. */
export const FILTER_DEPTH_MAX = 32

/** How many conditions and values a filter may hold in all. */
export const FILTER_STEPS_MAX = 1_000_000

const STEP_LENGTH_MAX = 100

/** Where the parser stands in a filter: it words every refusal and bounds depth and size. */
export class Trail {
  // Steps are taken back only on success, so that after a throw the trail still names the place.
  readonly #steps: (string | number)[] = []
  readonly #open: object[] = []
  #taken = 0

  /** Reads one step further: at a key or at an index. */
  at<T>(step: string | number, read: () => T): T {
    this.#steps.push(step)
    if (++this.#taken > FILTER_STEPS_MAX) {
      throw this.invalid(`a filter holds at most ${FILTER_STEPS_MAX} conditions and values; split it`)
    }
    const result = read()
    this.#steps.pop()
    return result
  }

  /** Reads inside an object or array, which counts for the depth. */
  inside<T>(container: object, read: () => T): T {
    if (this.#open.includes(container)) throw this.invalid('the filter contains itself here; pass a tree')
    if (this.#open.length === FILTER_DEPTH_MAX) {
      throw this.invalid(`objects and arrays nest at most ${FILTER_DEPTH_MAX} deep; flatten the filter`)
    }
    this.#open.push(container)
    const result = read()
    this.#open.pop()
    return result
  }

  /** The error for the place at hand. `problem` says what is wrong and what is allowed. */
  invalid(problem: string, cause?: unknown): ReplivecError {
    const place = this.toString()
    return new ReplivecError(
      'FILTER_INVALID',
      `Invalid filter at ${place === '' ? 'its top' : place}: ${problem}`,
      {
        ...(cause === undefined ? {} : { cause }),
        details: { path: place },
      },
    )
  }

  /** The place as a path, for example `$and[1].price.$gt`; empty at the top. */
  toString(): string {
    let text = ''
    for (const step of this.#steps) {
      if (typeof step === 'number') text += `[${step}]`
      else text += `${text === '' ? '' : '.'}${shorten(step)}`
    }
    return text
  }
}

/** A value in words, for messages: its type, and itself where it is short. */
export function describeValue(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (typeof value === 'string') return `the string ${JSON.stringify(shorten(value))}`
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

function shorten(text: string): string {
  return text.length > STEP_LENGTH_MAX ? `${text.slice(0, STEP_LENGTH_MAX)}…` : text
}
