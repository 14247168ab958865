/** Tidy rule about the lockfiles, ours and that of the benchmarks: `npm ci` must accept them on every platform. */
import type { Repository } from './repository.js'

interface LockedPackage {
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/**
 * npm leaves platform packages out of the lockfile when the registry in use did not serve them, and `npm ci` then refuses
 * the whole file elsewhere.
 */
export function lockfileComplete(repository: Repository): string[] {
  return repository.paths
    .filter((path) => /(^|\/)package-lock\.json$/.test(path))
    .flatMap((path) => missingFrom(repository, path))
}

function missingFrom(repository: Repository, path: string): string[] {
  const lock = JSON.parse(repository.text(path)) as { packages: Record<string, LockedPackage> }
  return Object.entries(lock.packages).flatMap(([parent, { optionalDependencies }]) =>
    Object.keys(optionalDependencies ?? {})
      .filter(
        (name) =>
          !(`node_modules/${name}` in lock.packages) && !(`${parent}/node_modules/${name}` in lock.packages),
      )
      .map((name) => `${path}: ${name} of ${parent} is missing: run node scripts/complete-lockfile.mjs`),
  )
}
