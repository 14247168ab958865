import { randomFillSync } from 'node:crypto'
import type { Random } from './random.js'

/** The operating system's cryptographic random source. */
export const nodeRandom: Random = {
  bytes: (length) => randomFillSync(new Uint8Array(length)),
}
