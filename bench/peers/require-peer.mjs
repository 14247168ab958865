/** Peers are CommonJS or have a CommonJS entry; whoever did not install them is told how. */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const require = createRequire(import.meta.url)

/**
 * A peer's module and its version.
 *
 * @throws with a message for a table
 */
export function requirePeer(name) {
  try {
    return { library: require(name), version: `${name} ${versionOf(name)}` }
  } catch (error) {
    throw new Error(
      error.code === 'MODULE_NOT_FOUND'
        ? 'not installed: run npm ci --prefix bench'
        : `does not load here: ${error.message.split('\n', 1)[0]}`,
    )
  }
}

/** From the package's own file, which not every package lets anybody import. */
function versionOf(name) {
  const folder = require.resolve.paths(name).find((path) => existsSync(join(path, name, 'package.json')))
  return JSON.parse(readFileSync(join(folder, name, 'package.json'), 'utf8')).version
}
