/**
 * Builds `lib` into `dist`. `npm run build` starts from nothing; `--if-stale` does only what changed since.
 * Tests, examples and the demo call `build()` too, so two builds may be asked for at once: they take turns.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { argv, execPath } from 'node:process'
import { fileURLToPath } from 'node:url'
import { withLock } from './lock.mjs'

const repository = fileURLToPath(new URL('../', import.meta.url))

/** The generated protobuf code is JavaScript with hand-placed types: the compiler reads it but does not emit it. */
const COPIED = [
  'log/schema.js',
  'log/schema.d.ts',
  'replication/protocol/schema.js',
  'replication/protocol/schema.d.ts',
]

/**
 * Brings `dist` up to date.
 *
 * @param {{ root?: string, clean?: boolean }} options - `root` is the package folder; `clean` forgets earlier builds
 * @returns {Promise<{ built: boolean, errors: string }>} whether anything was compiled, and the compiler's complaints.
 *   JavaScript is written even when there are complaints; `npm run build` then fails, a test run goes on
 */
export async function build({ root = repository, clean = false } = {}) {
  const dist = join(root, 'dist')
  return withLock(join(root, '.tmp', 'build.lock'), () => {
    if (clean) rmSync(dist, { recursive: true, force: true })
    const stamp = join(dist, '.fresh')
    const wanted = fingerprint(root)
    if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return { built: false, errors: '' }

    rmSync(stamp, { force: true })
    const compiler = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url))
    const result = spawnSync(execPath, [compiler, '-p', 'tsconfig.build.json', '--pretty', 'false'], {
      cwd: root,
      encoding: 'utf8',
    })
    for (const name of COPIED) {
      if (!existsSync(join(root, 'lib', name))) continue
      mkdirSync(dirname(join(dist, name)), { recursive: true })
      copyFileSync(join(root, 'lib', name), join(dist, name))
    }
    removeOrphans(root)
    const errors = result.status === 0 ? '' : `${result.stdout}${result.stderr}`.trim() || 'tsc was killed'
    if (errors === '') writeFileSync(stamp, wanted)
    return { built: true, errors }
  })
}

/** Output of sources that are gone: the compiler leaves it behind, and it would be published. */
function removeOrphans(root) {
  const dist = join(root, 'dist')
  for (const path of filesUnder(dist)) {
    const name = relative(dist, path)
    if (name.startsWith('.') || COPIED.includes(name.replaceAll('\\', '/'))) continue
    const source = join(root, 'lib', name.replace(/(\.d\.ts|\.js|\.js\.map)$/, ''))
    if (!existsSync(`${source}.ts`)) rmSync(path)
  }
}

/** Changes whenever the output might: the text of every source and of the compiler's settings. */
function fingerprint(root) {
  const hash = createHash('sha256')
  const settings = ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json'].map((name) =>
    join(root, name),
  )
  for (const path of [...settings, ...filesUnder(join(root, 'lib'))]) {
    if (existsSync(path))
      hash
        .update(`${relative(root, path)}\0`)
        .update(readFileSync(path))
        .update('\0')
  }
  return hash.digest('hex')
}

function filesUnder(directory) {
  if (!existsSync(directory)) return []
  return readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const { built, errors } = await build({ clean: !argv.includes('--if-stale') })
  if (errors !== '') {
    console.error(errors)
    process.exitCode = 1
  } else {
    console.log(built ? 'built dist' : 'dist is up to date')
  }
}
