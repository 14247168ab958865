import { ReplivecError } from '../errors.js'

/** The promise that a simulation found broken, by the name that docs/TESTING.md explains it under. */
export type Invariant =
  | 'prefix'
  | 'convergence'
  | 'durability'
  | 'position'
  | 'stats'
  | 'budget'
  | 'acknowledgement'
  | 'answers'
  | 'leftovers'

/** What a simulation throws when a promise is broken. */
export function violation(invariant: Invariant, what: string): ReplivecError {
  return new ReplivecError('PROTOCOL_VIOLATED', `${invariant}: ${what}`, { details: { invariant } })
}

/** The invariant that an error of a simulation names, if it does. */
export function invariantOf(error: unknown): Invariant | undefined {
  if (!ReplivecError.is(error)) return undefined
  return error.details.invariant as Invariant | undefined
}
