import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { blocksOf, blocksOfDocComments, compile } from '../../scripts/check-docs.mjs'

describe('blocksOf', () => {
  test('finds blocks tagged ts, indented ones too, with the line they start on', () => {
    const text = [
      '# Title',
      '```ts',
      'one()',
      '',
      'two()',
      '```',
      '- item',
      '  ```ts',
      '  three()',
      '  ```',
    ].join('\n')
    expect(blocksOf('a.md', text)).toEqual([
      { file: 'a.md', line: 3, code: 'one()\n\ntwo()' },
      { file: 'a.md', line: 9, code: 'three()' },
    ])
  })

  test('leaves out other tags and what only looks like a block inside another', () => {
    const text = [
      '```js',
      'no()',
      '```',
      '````md',
      '```ts',
      'no()',
      '```',
      '````',
      '```ts no',
      'no()',
      '```',
    ].join('\n')
    expect(blocksOf('a.md', text)).toEqual([])
  })
})

describe('blocksOfDocComments', () => {
  test('reads the comments of exported things and their members only', () => {
    const text = [
      '/**',
      ' * A class.',
      ' *',
      ' * ```ts',
      ' * new A()',
      ' * ```',
      ' */',
      'export class A {',
      '  /**',
      '   * ```ts',
      '   * a.go()',
      '   * ```',
      '   */',
      '  go(): void {}',
      '}',
      '/**',
      ' * ```ts',
      ' * hidden()',
      ' * ```',
      ' */',
      'function hidden(): void {}',
    ].join('\n')
    expect(blocksOfDocComments('a.ts', text)).toEqual([
      { file: 'a.ts', line: 5, code: 'new A()' },
      { file: 'a.ts', line: 11, code: 'a.go()' },
    ])
  })
})

describe('compile', () => {
  let root = ''
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'replivec-docs-'))
    const exports = { '.': { types: './dist/index.d.ts', default: './dist/index.js' } }
    writeFileSync(join(root, 'package.json'), JSON.stringify({ name: 'sample', type: 'module', exports }))
    mkdirSync(join(root, 'dist'))
    writeFileSync(join(root, 'dist', 'index.d.ts'), 'export declare function twice(value: number): number\n')
    symlinkSync(
      fileURLToPath(new URL('../../node_modules', import.meta.url)),
      join(root, 'node_modules'),
      'junction',
    )
  })
  afterAll(() => rmSync(root, { recursive: true, force: true }))

  test('accepts a block that uses the package by its name, with await at the top', () => {
    const code =
      "import { twice } from 'sample'\nconst four: number = await Promise.resolve(twice(2))\nconsole.log(four)"
    expect(compile(root, [{ file: 'a.md', line: 3, code }])).toEqual([])
  })

  test('names the file and the line of each failure; blocks do not see each other', () => {
    const failures = compile(root, [
      { file: 'a.md', line: 10, code: "import { twice } from 'sample'\n\ntwice('2')" },
      { file: 'b.md', line: 20, code: 'twice(2)' },
    ])
    expect(failures).toEqual([
      "a.md:12: Argument of type 'string' is not assignable to parameter of type 'number'.",
      "b.md:20: Cannot find name 'twice'.",
    ])
  })
})
