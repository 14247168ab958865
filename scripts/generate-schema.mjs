/** Generates JavaScript and its types from a .proto file. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { execPath } from 'node:process'
import { fileURLToPath } from 'node:url'

const repository = fileURLToPath(new URL('../', import.meta.url))
const compiler = join(repository, 'node_modules/protobufjs-cli/bin/pbjs')

/** Encode and decode only. Unknown fields are kept when the reader says so: `reader.discardUnknown = false`. */
const OPTIONS =
  '-t static-module -w es6 --es6 --dts --force-number --no-create --no-verify --no-convert ' +
  '--no-delimited --no-typeurl --no-service'

/**
 * @param {string} proto - path of the .proto file
 * @param {string} root - its package
 * @returns {{ code: string, types: string }}
 */
export function generate(proto, root) {
  const directory = mkdtempSync(join(tmpdir(), 'replivec-schema-'))
  try {
    const output = join(directory, 'schema.js')
    const result = spawnSync(
      execPath,
      [compiler, ...OPTIONS.split(' '), '--root', root, '-o', output, proto],
      {
        encoding: 'utf8',
      },
    )
    if (result.status !== 0) throw new Error(`pbjs cannot read ${proto}:\n${result.stderr}`)
    return {
      code: finish(readFileSync(output, 'utf8'), basename(proto)),
      types: finish(readFileSync(join(directory, 'schema.d.ts'), 'utf8'), basename(proto)),
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/**
 * `--force-number` changes the types only: wherever the package `long` is installed, and protobufjs installs it, the code
 * still reads 64-bit fields as Long objects. Here they become the numbers that the types promise, or an error.
 */
function finish(text, source) {
  const body = text
    .replace(/^import Long = require\("long"\);\n/m, '')
    .replaceAll(/\$util\.Long \? \$util\.Long\.fromBits\([^)]*\) : 0/g, '0')
    .replaceAll(/\breader\.((?:u?int|sint|s?fixed)64)\(\)/g, '$number(reader.$1())')
    .replace(/^\/\/ Exported root namespace$/m, `${NUMBER}\n$&`)
    .trim()
  if (/\bLong\b/.test(body))
    throw new Error('pbjs writes Long where this script does not expect it: see finish().')
  return `// Generated from ${source} by \`npm run generate\`. Do not edit.\n${body}\n`
}

/** Part of the generated code. */
const NUMBER = `// A 64-bit value as a number; one that would lose digits is damage.
const $number = (value) => {
    const number = typeof value === "object" ? value.toNumber() : value;
    if (!Number.isSafeInteger(number))
        throw $RangeError("64-bit value " + value + " is not a safe integer");
    return number;
};
`
