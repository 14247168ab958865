import { ReplivecError } from '../errors.js'

export function notFound(name: string): ReplivecError {
  return new ReplivecError(
    'COLLECTION_NOT_FOUND',
    `There is no collection '${name}', or it was dropped. Use createCollection to make it.`,
    { details: { name } },
  )
}
