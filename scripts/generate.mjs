/**
 * Generates what is committed but not written by hand. With `--check` it writes nothing and fails when a committed file is not
 * what its source would generate.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'
import { generate as generateSchema } from './generate-schema.mjs'
import { generate as generateWasm } from './generate-wasm.mjs'

const repository = fileURLToPath(new URL('../', import.meta.url))

const stored = generateSchema(join(repository, 'lib/log/replivec.proto'), 'replivec.v1')
const spoken = generateSchema(join(repository, 'lib/replication/protocol/wire.proto'), 'replivec.wire.v1')
const generated = [
  { name: 'lib/log/schema.js', text: stored.code },
  { name: 'lib/log/schema.d.ts', text: stored.types },
  { name: 'lib/replication/protocol/schema.js', text: spoken.code },
  { name: 'lib/replication/protocol/schema.d.ts', text: spoken.types },
  {
    name: 'lib/index/backends/code-products-module.ts',
    text: await generateWasm(join(repository, 'lib/index/backends/code-products.wat')),
  },
]
for (const { name, text } of generated) {
  const path = join(repository, name)
  const current = existsSync(path) ? readFileSync(path, 'utf8') : undefined
  if (current === text) continue
  if (argv.includes('--check')) {
    console.error(`${name} is not what its source generates: run \`npm run generate\` and commit it.`)
    process.exitCode = 1
  } else {
    writeFileSync(path, text)
    console.log(`wrote ${name}`)
  }
}
