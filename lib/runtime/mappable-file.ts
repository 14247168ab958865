import { closeSync, fstatSync, openSync } from 'node:fs'

/**
 * Opens a file and closes it again, to be sure before native code that does not survive a failure maps it. Blocks for some
 * microseconds.
 *
 * @throws an error of `node:fs`, or one that says what else is wrong
 */
export function assertMappable(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    const found = fstatSync(descriptor)
    if (!found.isFile()) throw new Error(`${path} is not a file`)
    if (found.size === 0) throw new Error(`${path} is empty`)
  } finally {
    closeSync(descriptor)
  }
}
