import { ReplivecError } from '../errors.js'

/** @param isReplica - it comes from the master, or not at all */
export function notFound(name: string, isReplica = false): ReplivecError {
  const message = isReplica
    ? `There is no collection '${name}' at this replica, or it was dropped. What the master has is here after await store.replication.waitFor().`
    : `There is no collection '${name}', or it was dropped. Use createCollection to make it.`
  return new ReplivecError('COLLECTION_NOT_FOUND', message, { details: { name } })
}
