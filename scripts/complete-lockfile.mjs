/**
 * Adds the platform packages that npm left out of a lockfile, ours or that of the benchmarks: it drops optional dependencies
 * that the registry in use did not serve, and `npm ci` then refuses the lockfile everywhere. Run it after every change of a
 * dependency.
 */
import { readFileSync, writeFileSync } from 'node:fs'

for (const path of ['package-lock.json', 'bench/package-lock.json']) complete(path)

function complete(path) {
  const file = new URL(`../${path}`, import.meta.url)
  const lock = JSON.parse(readFileSync(file, 'utf8'))
  let added = 0
  for (const [parent, entry] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      const place = `node_modules/${name}`
      if (parent === '' || lock.packages[place] !== undefined) continue
      if (!/^\d+\.\d+\.\d+$/.test(version))
        throw new Error(`${parent} asks for ${name}@${version}: add it by hand.`)
      lock.packages[place] = {
        version,
        ...platformOf(name, path),
        ...(entry.dev ? { dev: true } : {}),
        optional: true,
      }
      added++
    }
  }
  const names = Object.keys(lock.packages).sort()
  lock.packages = Object.fromEntries(names.map((name) => [name, lock.packages[name]]))
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
  console.log(`added ${added} packages to ${path}`)
}

/** Such packages carry their platform in the name: `cli-linux-arm64-musl`. */
function platformOf(name, path) {
  const match = /-(android|darwin|freebsd|linux|win32)-(arm64|arm|ia32|x64)(?:-(gnu|glibc|musl|msvc))?$/.exec(
    name,
  )
  if (match === null) throw new Error(`${name} does not name its platform: add it to ${path} by hand.`)
  const [, os, cpu, abi] = match
  const libc = { gnu: 'glibc', glibc: 'glibc', musl: 'musl' }[abi]
  return { cpu: [cpu], os: [os], ...(libc ? { libc: [libc] } : {}) }
}
