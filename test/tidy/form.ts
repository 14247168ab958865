/** Tidy rules about how files look and where they stand. Each returns one line per violation. */
import ts from 'typescript'
import { type Repository, placeOf } from './repository.js'

const LINES_MAX = 400

/** Tests of the whole system mirror the public entry; this one test reads the repository. */
const MIRRORS_NOTHING = /^test\/(system\/[^/]+|tidy)\.test\.ts$/

const CODE = /^(lib|test|scripts|bench|examples|\.ci)\/(?!data\/).*$|^[^/]+\.(ts|js|mjs|json)$/

/** A file says one thing: past this length a second noun lives in it. */
export function fileLength(repository: Repository): string[] {
  return repository.modules.flatMap((path) => {
    const lines = repository.text(path).trimEnd().split('\n').length
    return lines > LINES_MAX
      ? [`${path}: ${lines} lines, at most ${LINES_MAX}: find the second noun and give it a file`]
      : []
  })
}

/** A reader meets what the file is before anything else, or what it builds on. */
export function fileStart(repository: Repository): string[] {
  return repository.modules
    .filter((path) => !/^(import\b|\/\*\*)/.test(repository.text(path)))
    .map(
      (path) =>
        `${path}: starts with neither an import nor a doc comment: say in one sentence what the file is`,
    )
}

/**
 * An object that begins with the copy of another and goes on takes a hundred times as long to make as one that ends with it: 1 to 7 µs,
 * measured on V8 11 (Node 20).
 */
export function literalsBegun(repository: Repository): string[] {
  return repository.modules.flatMap((path) => {
    const source = repository.source(path)
    const found: string[] = []
    const visit = (node: ts.Node): void => {
      const [first, second] = ts.isObjectLiteralExpression(node) ? node.properties : []
      const isSpread = first && ts.isSpreadAssignment(first) && ts.isObjectLiteralExpression(first.expression)
      if (isSpread && second)
        found.push(
          `${placeOf(source, first)}: an object begins with a spread literal: put it last, or write it out`,
        )
      ts.forEachChild(node, visit)
    }
    visit(source)
    return found
  })
}

/** Names that would fit any file name none. */
export function fileNames(repository: Repository): string[] {
  return repository.paths.flatMap((path) => {
    const vague = path.split(/[/.]/).flatMap((part) => part.split(/[-_]/))
    const word = vague.find((part) => /^(utils?|helpers?|managers?|common)$/i.test(part))
    return word === undefined || path.startsWith('examples/data/')
      ? []
      : [`${path}: "${word}" says nothing: name the file after the one thing in it`]
  })
}

/** A test stands where its subject stands; `y.property.test.ts` is a second one about `y.ts`. */
export function testsMirrorTheTree(repository: Repository): string[] {
  return repository.paths
    .filter((path) => /^test\/.*\.test\.ts$/.test(path) && !MIRRORS_NOTHING.test(path))
    .flatMap((path) => {
      const base = path.slice('test/'.length, -'.test.ts'.length).replace(/\.property$/, '')
      const subjects = base.startsWith('scripts/') ? [`${base}.mjs`] : [`lib/${base}.ts`]
      return subjects.some((subject) => repository.has(subject))
        ? []
        : [
            `${path}: there is no ${subjects.join(' or ')}: put the test where its subject is, or in test/system`,
          ]
    })
}

/** Open ends are issues, not comments; a test that does not run is not a test. */
export function openEnds(repository: Repository): string[] {
  // The patterns are put together from parts, or this file would match itself.
  const marker = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X', 'HA' + 'CK'].join('|')})\\b`)
  const unrun = /\.(skip|only|todo|skipIf|runIf)\(/
  const unrunElsewhere = /\b(test|it|describe|suite)\b[\w.]*\.(skip|only|todo|skipIf|runIf)\(/
  return linesOf(
    repository,
    (path) => CODE.test(path),
    (path, line) => {
      if (marker.test(line)) return 'do it now, or write it down where work is planned'
      const pattern = path.startsWith('test/') ? unrun : unrunElsewhere
      return pattern.test(line) ? 'every test runs, always: make it pass or remove it' : undefined
    },
  )
}

/** The repository works anywhere: it names no registry and no folder of one machine. */
export function placesOutside(repository: Repository): string[] {
  const registry = /\bregistry\.[a-z0-9-]+\.[a-z]{2,}|"resolved":\s*"/
  const machine = new RegExp(`(?<![\\w.)\\]*~-])/(${['work', 'home', 'root', 'Users'].join('|')})/`)
  return linesOf(
    repository,
    () => true,
    (_path, line) => {
      if (registry.test(line)) return 'names a registry: leave it to the npm settings of whoever installs'
      return machine.test(line)
        ? "names a path of one machine: take it as an argument or use the system's folder"
        : undefined
    },
  )
}

/** Every code of the error union has a heading of its own in docs/errors.md, and every such heading is a code. */
export function errorCodesDocumented(repository: Repository): string[] {
  const codes = errorCodes(repository)
  const page = repository.has('docs/errors.md') ? repository.text('docs/errors.md') : ''
  const headings = [...page.matchAll(/^#{2,4} `?([A-Z][A-Z0-9_]+)`?\s*$/gm)].map(
    (match) => match[1] as string,
  )
  return [
    ...codes
      .filter((code) => !headings.includes(code))
      .map((code) => `${code} has no heading in docs/errors.md: say there when it comes and what to do`),
    ...headings
      .filter((heading) => !codes.includes(heading))
      .map(
        (heading) => `docs/errors.md explains ${heading}, which is not a code in lib/errors.ts: remove it`,
      ),
  ]
}

/** The members of `ReplivecErrorCode`, as declared. */
export function errorCodes(repository: Repository): string[] {
  const declaration = repository
    .source('lib/errors.ts')
    .statements.filter(ts.isTypeAliasDeclaration)
    .find((statement) => statement.name.text === 'ReplivecErrorCode')
  if (declaration === undefined || !ts.isUnionTypeNode(declaration.type)) return []
  return declaration.type.types.flatMap((type) =>
    ts.isLiteralTypeNode(type) && ts.isStringLiteral(type.literal) ? [type.literal.text] : [],
  )
}

function linesOf(
  repository: Repository,
  wanted: (path: string) => boolean,
  problemOf: (path: string, line: string) => string | undefined,
): string[] {
  return repository.paths
    .filter((path) => wanted(path) && repository.isText(path))
    .flatMap((path) =>
      repository
        .text(path)
        .split('\n')
        .flatMap((line, index) => {
          const problem = problemOf(path, line)
          return problem === undefined ? [] : [`${path}:${index + 1}: ${problem}`]
        }),
    )
}
