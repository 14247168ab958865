/** Bytes for codecs: some that shrink, some that do not, and what is no such thing. */
import { SeededRandom } from '../../../lib/testing/seeded-random.js'

/** Words, which shrink to a fraction. */
export function wordy(bytes: number): Uint8Array {
  const words: string[] = []
  for (let at = 0; at < bytes / 5; at++) words.push(`word${(at * 7) % 50}`)
  return Buffer.from(words.join(' ')).subarray(0, bytes)
}

/** Noise, which does not shrink. */
export function noise(bytes: number): Uint8Array {
  return new SeededRandom(`noise of ${bytes}`).bytes(bytes)
}

export const MIB = 1024 * 1024

/** Bytes of buffers in use more than before, whatever is collected in the meantime. */
export async function mostGrownBytes(work: () => Promise<unknown>): Promise<number> {
  const before = process.memoryUsage().arrayBuffers
  let most = 0
  let isOver = false
  const watch = (): void => {
    most = Math.max(most, process.memoryUsage().arrayBuffers - before)
    if (!isOver) setImmediate(watch)
  }
  watch()
  try {
    await work()
  } finally {
    isOver = true
  }
  watch()
  return most
}
