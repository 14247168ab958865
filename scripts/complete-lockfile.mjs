/**
 * Adds the platform packages that npm left out of package-lock.json: it drops optional dependencies that the registry in
 * use did not serve, and `npm ci` then refuses the lockfile everywhere. Run it after every change of a dependency.
 */
import { readFileSync, writeFileSync } from 'node:fs'

const path = new URL('../package-lock.json', import.meta.url)
const lock = JSON.parse(readFileSync(path, 'utf8'))
let added = 0
for (const [parent, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const place = `node_modules/${name}`
    if (parent === '' || lock.packages[place] !== undefined) continue
    if (!/^\d+\.\d+\.\d+$/.test(version))
      throw new Error(`${parent} asks for ${name}@${version}: add it by hand.`)
    lock.packages[place] = {
      version,
      ...platformOf(name),
      ...(entry.dev ? { dev: true } : {}),
      optional: true,
    }
    added++
  }
}
const names = Object.keys(lock.packages).sort()
lock.packages = Object.fromEntries(names.map((name) => [name, lock.packages[name]]))
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`)
console.log(`added ${added} packages to package-lock.json`)

/** Such packages carry their platform in the name: `cli-linux-arm64-musl`. */
function platformOf(name) {
  const match = /-(android|darwin|freebsd|linux|win32)-(arm64|arm|ia32|x64)(-musl)?$/.exec(name)
  if (match === null)
    throw new Error(`${name} does not name its platform: add it to package-lock.json by hand.`)
  const [, os, cpu, musl] = match
  return { cpu: [cpu], os: [os], ...(musl ? { libc: ['musl'] } : {}) }
}
