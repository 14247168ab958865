import { ReplivecError } from '../errors.js'

/** Refuses what is no plain object, and names that mean nothing: a misspelled option would silently not be obeyed. */
export function checkNames(
  what: string,
  options: unknown,
  known: readonly string[],
  prefix = '',
): Record<string, unknown> {
  const names = known.join(', ')
  if (Object.prototype.toString.call(options) !== '[object Object]') {
    throw new ReplivecError('OPTIONS_INVALID', `${what} takes an object with ${names}.`)
  }
  const unknown = Object.keys(options as object).find((name) => !known.includes(name))
  if (unknown !== undefined) {
    const shown = JSON.stringify(unknown.slice(0, 100))
    throw new ReplivecError('OPTIONS_INVALID', `${what} has no option ${shown}; it has ${names}.`, {
      details: { option: `${prefix}${unknown}` },
    })
  }
  return options as Record<string, unknown>
}

/**
 * The refusal of an option.
 *
 * @param option - its name, as it is found from the top: `listen.port`
 * @param expected - what it must be
 * @param cause - what the system threw at it
 */
export function invalid(option: string, expected: string, cause?: unknown): ReplivecError {
  return new ReplivecError('OPTIONS_INVALID', `The option ${option} must be ${expected}.`, {
    details: { option },
    ...(cause === undefined ? {} : { cause }),
  })
}
