/** Makes a TypeScript module of a WebAssembly text: bundlers then need to know nothing of .wasm files. */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import assembler from 'wabt'

const LINE = 100

/**
 * @param {string} wat - path of the .wat file
 * @returns {Promise<string>} a module that exports the program as `BYTES`
 */
export async function generate(wat) {
  const wabt = await assembler()
  const program = wabt.parseWat(basename(wat), readFileSync(wat, 'utf8'), { simd: true })
  try {
    program.resolveNames()
    program.validate()
    const base64 = Buffer.from(program.toBinary({}).buffer).toString('base64')
    const lines = base64.match(new RegExp(`.{1,${LINE}}`, 'g')) ?? []
    return [
      `// Generated from ${basename(wat)} by \`npm run generate\`. Do not edit.`,
      'export const BYTES: Uint8Array<ArrayBuffer> = Uint8Array.from(',
      '  Buffer.from(',
      ...lines.map((line, i) => `    ${i ? '  ' : ''}'${line}'${i === lines.length - 1 ? ',' : ' +'}`),
      "    'base64',",
      '  ),',
      ')',
      '',
    ].join('\n')
  } finally {
    program.destroy()
  }
}
