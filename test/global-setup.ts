/**
 * Brings `dist` up to date once before a test run: tests that start child processes or worker threads run the built
 * package, because Node 20 cannot load TypeScript. Takes a moment when nothing changed.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export default function setup(): void {
  const script = fileURLToPath(new URL('../scripts/build.mjs', import.meta.url))
  const { status, error } = spawnSync(process.execPath, [script, '--if-stale'])
  if (error !== undefined) throw error
  // Types are the business of `npm run types`: a type error in one room must not stop the tests of another.
  if (status !== 0) console.error('dist was built despite type errors; `npm run types` lists them')
}
