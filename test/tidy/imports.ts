/** Tidy rules about who imports whom. Each returns one line per violation. */
import { posix } from 'node:path'
import ts from 'typescript'
import { placeOf, type Repository } from './repository.js'

/** What each room of `lib` may import besides itself and the shared files directly in `lib`. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  index: ['runtime'],
  log: ['runtime'],
  filter: ['runtime'],
  runtime: [],
  audit: ['runtime'],
  records: ['filter', 'log', 'runtime'],
  replication: ['log', 'records', 'runtime'],
  transport: ['replication', 'runtime'],
  collection: ['index', 'records', 'log', 'filter', 'runtime'],
  store: ['audit', 'collection', 'records', 'log', 'filter', 'index', 'replication', 'runtime'],
  testing: [
    'store',
    'collection',
    'records',
    'log',
    'filter',
    'index',
    'replication',
    'transport',
    'runtime',
  ],
}
const SHARED = ['lib/errors.ts', 'lib/bitmap.ts', 'lib/abortable.ts']
const ENTRY = 'lib/index.ts'

/** Native or replaceable packages sit behind one file of ours; these two are plain building blocks. */
const USED_ANYWHERE = ['eventemitter3', 'lru-cache']

export interface Import {
  /** The importing file. */
  readonly from: string
  /** As written. */
  readonly specifier: string
  /** The imported file of the repository; `undefined` for packages. */
  readonly target: string | undefined
  readonly typeOnly: boolean
  readonly place: string
}

/** Every import, re-export, dynamic import and import type of the files. */
export function importsOf(repository: Repository, paths: readonly string[]): Import[] {
  return paths.flatMap((path) => {
    const source = repository.source(path)
    const imports: Import[] = []
    const add = (specifier: ts.Node | undefined, typeOnly: boolean): void => {
      if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return
      const target = specifier.text.startsWith('.') ? resolve(repository, path, specifier.text) : undefined
      imports.push({
        from: path,
        specifier: specifier.text,
        target,
        typeOnly,
        place: placeOf(source, specifier),
      })
    }
    const visit = (node: ts.Node): void => {
      if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeImport(node))
      else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, isTypeExport(node))
      else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
        add(node.arguments[0], false)
      } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
        add(node.argument.literal, true)
      ts.forEachChild(node, visit)
    }
    visit(source)
    return imports
  })
}

/** Rooms import downwards only. */
export function importDirection(repository: Repository): string[] {
  return importsOf(repository, repository.modules).flatMap((entry) => {
    if (entry.target === undefined) {
      return entry.specifier.startsWith('.')
        ? [`${entry.place}: ${entry.specifier} is not a file of the repository`]
        : []
    }
    const problem = directionProblem(entry.from, entry.target, entry.typeOnly)
    return problem === undefined ? [] : [`${entry.place}: imports ${entry.target}: ${problem}`]
  })
}

function directionProblem(from: string, target: string, typeOnly: boolean): string | undefined {
  if (SHARED.includes(target)) return undefined
  if (!target.startsWith('lib/')) return 'lib imports nothing outside lib'
  if (target === ENTRY) return 'nothing imports the public entry; import the file that declares the thing'
  const to = roomOf(target)
  if (from === ENTRY) {
    return typeOnly || to === 'store'
      ? undefined
      : 'the public entry takes values from store and errors.ts only; use `export type`'
  }
  const room = roomOf(from)
  if (room === '') return 'the files directly in lib are shared by all rooms and import none'
  if (room === to) return undefined
  const allowed = ALLOWED[room]
  if (allowed === undefined)
    return `the room lib/${room} is new: say in test/tidy/imports.ts what it may import`
  if (allowed.includes(to)) return undefined
  return `${room} may import ${allowed.join(', ') || 'no other room'}; declare a small interface on its side instead`
}

/** No file reaches itself through its imports, types included. */
export function importCycles(repository: Repository): string[] {
  const edges = new Map<string, string[]>()
  for (const { from, target } of importsOf(repository, repository.modules)) {
    if (target !== undefined) edges.set(from, [...(edges.get(from) ?? []), target])
  }
  const done = new Set<string>()
  const trail: string[] = []
  const found: string[] = []
  const visit = (path: string): void => {
    const start = trail.indexOf(path)
    if (start !== -1) {
      found.push(`${[...trail.slice(start), path].join(' -> ')}: move what both need into a third file`)
      return
    }
    if (done.has(path)) return
    trail.push(path)
    for (const next of edges.get(path) ?? []) visit(next)
    trail.pop()
    done.add(path)
  }
  for (const path of edges.keys()) visit(path)
  return found
}

/** A third-party package is imported by one file, which is then the one place that knows its hazards. */
export function packagesBehindOneFile(repository: Repository): string[] {
  const users = new Map<string, Set<string>>()
  for (const { from, specifier } of importsOf(repository, repository.modules)) {
    if (specifier.startsWith('.') || specifier.startsWith('node:')) continue
    const name = specifier
      .split('/')
      .slice(0, specifier.startsWith('@') ? 2 : 1)
      .join('/')
    users.set(name, (users.get(name) ?? new Set()).add(from))
  }
  const manifest = JSON.parse(repository.text('package.json')) as Record<
    string,
    Record<string, string> | undefined
  >
  return [...users].flatMap(([name, files]) => {
    const list = [...files].join(', ')
    const problems: string[] = []
    if (manifest.dependencies?.[name] === undefined && manifest.peerDependencies?.[name] === undefined) {
      problems.push(
        `${name} (${list}) is not a dependency in package.json; Node's own modules start with node:`,
      )
    }
    if (files.size > 1 && !USED_ANYWHERE.includes(name)) {
      problems.push(`${name} is imported by ${list}: keep it behind one of them`)
    }
    return problems
  })
}

/** `log` for `lib/log/x.ts`, the empty string for a file directly in `lib`. */
function roomOf(path: string): string {
  const parts = path.split('/')
  return parts.length > 2 ? (parts[1] as string) : ''
}

function resolve(repository: Repository, from: string, specifier: string): string | undefined {
  const path = posix.join(posix.dirname(from), specifier)
  return [path.replace(/\.js$/, '.ts'), path, path.replace(/\.js$/, '.d.ts')].find((candidate) =>
    repository.has(candidate),
  )
}

function isTypeImport(node: ts.ImportDeclaration): boolean {
  const clause = node.importClause
  if (clause === undefined) return false
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true
  const bindings = clause.namedBindings
  if (clause.name !== undefined || bindings === undefined || !ts.isNamedImports(bindings)) return false
  return bindings.elements.length > 0 && bindings.elements.every((element) => element.isTypeOnly)
}

function isTypeExport(node: ts.ExportDeclaration): boolean {
  if (node.isTypeOnly) return true
  const clause = node.exportClause
  if (clause === undefined || !ts.isNamedExports(clause)) return false
  return clause.elements.length > 0 && clause.elements.every((element) => element.isTypeOnly)
}
