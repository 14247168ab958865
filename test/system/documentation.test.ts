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

/** The contents of the blocks of a language in a page. */
function blocksOf(text: string, language: string): string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(
    ([, block]) => block as string,
  )
}

describe('the README', () => {
  let directory: string
  beforeAll(() => {
    // Inside the package, so that the name `replivec` resolves to its own build.
    mkdirSync(join(ROOT, '.tmp'), { recursive: true })
    directory = mkdtempSync(join(ROOT, '.tmp', 'readme-'))
  })
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  const EXAMPLES = ['quickstart', 'replication-quickstart']

  test('shows programs that are examples', () => {
    const programs = EXAMPLES.map((name) => read(`examples/${name}.mjs`).split(/^\/\*\*.*\*\/\n/)[1])
    expect(blocksOf(read('README.md'), 'ts')).toEqual(programs)
  })

  test.each(EXAMPLES)('shows what %s prints', (name) => {
    const at = EXAMPLES.indexOf(name)
    const program = blocksOf(read('README.md'), 'ts')[at] as string
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      cwd: directory,
      encoding: 'utf8',
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
    })
    expect({ stdout, stderr }).toEqual({ stdout: blocksOf(read('README.md'), 'text')[at], stderr: '' })
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
