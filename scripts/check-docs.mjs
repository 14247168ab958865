/**
 * Compiles every ```ts block of README.md, docs/*.md and the doc comments of exported things in lib against the built
 * package, as a user's own file would be. A block that should not be compiled is tagged as something other than `ts`.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { build } from './build.mjs'

/**
 * A block of example code and where it stands.
 *
 * @typedef {{ file: string, line: number, code: string }} Block - `line` is that of the first line of `code`, from 1
 */

/**
 * Every `ts` block of a Markdown text.
 *
 * @param {string} file - its path, for the report
 * @param {string} text
 * @param {number} firstLine - the line number of the text's first line
 * @returns {Block[]}
 */
export function blocksOf(file, text, firstLine = 1) {
  const blocks = []
  const lines = text.split('\n')
  for (let i = 0; i < lines.length; i++) {
    const fence = /^(\s*)(`{3,})ts\s*$/.exec(lines[i])
    if (fence === null) {
      // Some other block: what looks like a fence inside it is its content.
      const other = /^\s*(`{3,})[^`]*$/.exec(lines[i])
      if (other !== null) i = closingFence(lines, i, other[1])
      continue
    }
    const end = closingFence(lines, i, fence[2])
    const code = lines
      .slice(i + 1, end)
      .map((line) => (line.startsWith(fence[1]) ? line.slice(fence[1].length) : line))
    blocks.push({ file, line: firstLine + i + 1, code: code.join('\n') })
    i = end
  }
  return blocks
}

function closingFence(lines, open, fence) {
  const end = lines.findIndex((line, index) => index > open && line.trim() === fence)
  return end === -1 ? lines.length : end
}

/**
 * Every `ts` block in the doc comments of what a source file exports, members included.
 *
 * @param {string} file - its path, for the report
 * @param {string} text
 * @returns {Block[]}
 */
export function blocksOfDocComments(file, text) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
  const starts = new Set()
  const visit = (node) => {
    for (const comment of ts.getJSDocCommentsAndTags(node)) if (ts.isJSDoc(comment)) starts.add(comment)
    ts.forEachChild(node, visit)
  }
  for (const statement of source.statements) {
    const exported =
      ts.isExportDeclaration(statement) ||
      (ts.canHaveModifiers(statement) &&
        ts.getModifiers(statement)?.some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword))
    if (exported) visit(statement)
  }
  return [...starts].flatMap((comment) => {
    const body = text.slice(comment.pos, comment.end).split('\n')
    const bare = body
      .map((line) => line.replace(/^\s*(\/\*\*|\*\/|\* ?)/, '').replace(/\*\/\s*$/, ''))
      .join('\n')
    return blocksOf(file, bare, source.getLineAndCharacterOfPosition(comment.pos).line + 1)
  })
}

/**
 * Compiles the blocks, each as a module of its own, inside the package at `root`: `replivec` is the built package.
 *
 * @param {string} root
 * @param {Block[]} blocks
 * @returns {string[]} one `file:line: message` per failure
 */
export function compile(root, blocks) {
  const options = {
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
    types: ['node'],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    strict: true,
    noEmit: true,
    skipLibCheck: true,
  }
  // The files exist only in memory, but stand in the package's own folder, so that its name resolves to itself.
  const files = new Map()
  for (const [index, block] of blocks.entries()) {
    // The marker makes a block without imports a module too, where `await` may stand at the top.
    files.set(join(root, '.tmp', 'docs', `block-${index}.ts`), { block, code: `${block.code}\nexport {}\n` })
  }
  const host = ts.createCompilerHost(options)
  const { fileExists, readFile, getSourceFile, directoryExists } = host
  host.fileExists = (path) => files.has(normalize(path)) || fileExists(path)
  host.readFile = (path) => files.get(normalize(path))?.code ?? readFile(path)
  host.directoryExists = (path) => normalize(path) === join(root, '.tmp', 'docs') || directoryExists(path)
  host.getSourceFile = (path, language, ...rest) => {
    const file = files.get(normalize(path))
    return file === undefined
      ? getSourceFile(path, language, ...rest)
      : ts.createSourceFile(path, file.code, language, true)
  }
  host.getCurrentDirectory = () => root
  const program = ts.createProgram([...files.keys()], options, host)
  return ts.getPreEmitDiagnostics(program).map((diagnostic) => {
    const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n  ')
    const file = diagnostic.file && files.get(normalize(diagnostic.file.fileName))
    if (!file) return `${diagnostic.file?.fileName ?? 'compiler'}: ${message}`
    const { line } = diagnostic.file.getLineAndCharacterOfPosition(diagnostic.start ?? 0)
    return `${file.block.file}:${file.block.line + line}: ${message}`
  })
}

function normalize(path) {
  return join(path)
}

/** Every block of the package at `root`. */
function blocksOfPackage(root) {
  const docs = existsSync(join(root, 'docs'))
    ? readdirSync(join(root, 'docs')).map((name) => join('docs', name))
    : []
  const pages = ['README.md', ...docs].filter((name) => name.endsWith('.md') && existsSync(join(root, name)))
  const sources = readdirSync(join(root, 'lib'), { withFileTypes: true, recursive: true })
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
  const read = (name) => readFileSync(join(root, name), 'utf8')
  return [
    ...pages.flatMap((name) => blocksOf(name, read(name))),
    ...sources.sort().flatMap((name) => blocksOfDocComments(name, read(name))),
  ]
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL('../', import.meta.url))
  const { errors } = await build()
  const blocks = blocksOfPackage(root)
  const failures = errors !== '' ? [errors] : compile(root, blocks)
  for (const failure of failures) console.error(failure)
  console.log(`${blocks.length} blocks of code in the documentation, ${failures.length} failures`)
  // A check that found nothing to check has gone blind.
  if (failures.length > 0 || blocks.length === 0) process.exitCode = 1
}
