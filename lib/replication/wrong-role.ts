import { ReplivecError } from '../errors.js'

/** The error of a method that a store of this role has no use for. */
export function notHere(method: string, why: string): ReplivecError {
  return new ReplivecError('OPTIONS_INVALID', `replication.${method}() cannot be used here: ${why}.`)
}
