import type { KeyValue } from './key-value.js'
import { damagedError } from './lmdb-error.js'

/** Throws what is wrong with a value under its key, if anything is. */
export type EntryCheck = (key: Uint8Array, value: Uint8Array) => void

/** Entries looked at before other work gets its turn: about a millisecond of them. */
const ENTRIES_A_TURN = 512

/**
 * Looks at every entry of a store that was not closed in order, so has no checksum of its whole file. The pages make
 * sense by now, but a key in which a bit flipped would only not be found, and its record silently be gone: so every
 * key must follow the one before it, have a value of its own, and be found by itself.
 *
 * @param path - of the data file, for messages
 * @param turn - lets other work have its turn
 * @throws ReplivecError `RECORDS_DAMAGED`
 */
export async function checkEntries(
  store: KeyValue,
  path: string,
  check: EntryCheck,
  turn: () => Promise<void>,
): Promise<void> {
  const snapshot = store.snapshot()
  try {
    let before: Uint8Array | undefined
    let entries = 0
    for (const { key, value } of snapshot.range({
      start: Uint8Array.of(0),
      end: new Uint8Array(9).fill(0xff),
    })) {
      check(key, value)
      if (before && Buffer.compare(before, key) >= 0)
        throw damagedError(path, `key ${hex(key)} is out of order`)
      if (snapshot.get(key) === undefined)
        throw damagedError(path, `key ${hex(key)} is not where it is sought`)
      before = key.slice()
      entries += 1
      if (entries % ENTRIES_A_TURN === 0) await turn()
    }
  } finally {
    snapshot.close()
  }
}

function hex(key: Uint8Array): string {
  return Buffer.from(key).toString('hex')
}
