/** What the README shows is what happens, and every page it points to is there. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')
const PAGES = ['README.md', 'CHANGELOG.md', ...readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`)]
  .filter((path) => path.endsWith('.md'))
  .sort()

/** The content of the first block of a language in a page. */
function blockOf(text: string, language: string): string {
  const start = text.indexOf(`\`\`\`${language}\n`) + language.length + 4
  return text.slice(start, text.indexOf('```', start))
}

describe('the README', () => {
  let directory: string
  beforeAll(() => {
    // Inside the package, so that the name `replivec` resolves to its own build.
    mkdirSync(join(ROOT, '.tmp'), { recursive: true })
    directory = mkdtempSync(join(ROOT, '.tmp', 'readme-'))
  })
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  test('shows the program of examples/quickstart.mjs', () => {
    const [, program] = read('examples/quickstart.mjs').split(/^\/\*\*.*\*\/\n/)
    expect(blockOf(read('README.md'), 'ts')).toBe(program)
  })

  test('shows what its program prints', () => {
    const program = blockOf(read('README.md'), 'ts')
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      cwd: directory,
      encoding: 'utf8',
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
    })
    expect({ stdout, stderr }).toEqual({ stdout: blockOf(read('README.md'), 'text'), stderr: '' })
  })
})

describe.each(PAGES)('%s', (page) => {
  test('points only to files that are there', () => {
    const links = [...read(page).matchAll(/\]\(([^)#\s]+)/g)].map((match) => match[1] as string)
    const missing = links
      .filter((link) => !/^https?:/.test(link))
      .filter((link) => !existsSync(join(ROOT, dirname(page), link)))
    expect(missing).toEqual([])
  })
})

test('docs/FORMATS.md describes every message of the schema', () => {
  const messages = [...read('lib/log/replivec.proto').matchAll(/^message (\w+)/gm)].map(([, name]) => name)
  const text = read('docs/FORMATS.md')
  // Rows inside other messages are described where they stand.
  const nested = ['Epoch', 'Parent', 'StoredField']
  expect(messages.filter((name) => !nested.includes(name!) && !text.includes(`\`${name}\``))).toEqual([])
})
