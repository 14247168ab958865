import { Bitmap } from '../bitmap.js'

/**
 * The bitmap of `allow` cut to the rows there are: exactly ⌈count / 32⌉ words and no bit at `count` or above, so
 * that whoever walks it or counts it needs no bounds of its own. Words that are missing admit nothing.
 *
 * @returns a view of `allow` itself when it already has that shape, else a copy
 */
export function admittedRows(allow: Uint32Array, count: number): Bitmap {
  const length = (count + 31) >>> 5
  const lastMask = count & 31 ? (1 << (count & 31)) - 1 : 0xffffffff
  const last = allow[length - 1]
  if (allow.length === length && last !== undefined && (last & ~lastMask) === 0) return new Bitmap(allow)
  const words = new Uint32Array(length)
  words.set(allow.subarray(0, length))
  if (length > 0) words[length - 1] = (words[length - 1] as number) & lastMask
  return new Bitmap(words)
}
