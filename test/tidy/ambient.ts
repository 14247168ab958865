/** Tidy rules about what code of `lib` reaches for: the machine, the console, error classes of its own. */
import ts from 'typescript'
import { placeOf, type Repository } from './repository.js'

/** Where the machine's clock, random numbers, timers, process and files are made into something injectable. */
const MAY_TOUCH_THE_MACHINE = /^lib\/(runtime\/.*|testing\/temporary-directory\.ts)$/

const MACHINE_MODULES =
  /^(node:)?(fs|fs\/promises|timers|timers\/promises|process|perf_hooks|os|child_process)$/
const MACHINE_GLOBALS = ['setTimeout', 'setInterval', 'setImmediate', 'performance', 'process', 'crypto']
/** Pure functions of `node:crypto`; everything else there may draw random bytes. */
const PURE_CRYPTO = ['createHash', 'createHmac', 'hash', 'hkdfSync', 'timingSafeEqual']

/** Outside lib/runtime nothing reads the clock, draws random numbers, waits, or opens files by itself. */
export function ambientMachine(repository: Repository): string[] {
  return repository.modules
    .filter((path) => !MAY_TOUCH_THE_MACHINE.test(path))
    .flatMap((path) =>
      nodesOf(repository.source(path), (node) => machineUse(node)).map(
        ({ place, what }) =>
          `${place}: ${what}: take a Clock, Random or Files from lib/runtime as a parameter instead`,
      ),
    )
}

/** The library says nothing on the console: it has a logger and events. */
export function consoleUse(repository: Repository): string[] {
  return repository.modules.flatMap((path) =>
    nodesOf(repository.source(path), (node) => (isGlobal(node, ['console']) ? 'console' : undefined)).map(
      ({ place }) => `${place}: writes to the console: use the store's logger, or leave it out`,
    ),
  )
}

/** One error class: every other way to say no is a code of it. */
export function errorClasses(repository: Repository): string[] {
  return repository.modules
    .filter((path) => path !== 'lib/errors.ts')
    .flatMap((path) =>
      nodesOf(repository.source(path), (node) => {
        if (!ts.isHeritageClause(node) || node.token !== ts.SyntaxKind.ExtendsKeyword) return undefined
        if (!ts.isClassLike(node.parent)) return undefined
        return node.types.find((type) => /Error$/.test(type.expression.getText()))?.getText()
      }).map(
        ({ place, what }) =>
          `${place}: extends ${what}: throw a ReplivecError with a code of its own instead`,
      ),
    )
}

function machineUse(node: ts.Node): string | undefined {
  if (isGlobal(node, MACHINE_GLOBALS)) return `uses the global ${node.getText()}`
  if (ts.isPropertyAccessExpression(node)) {
    const text = `${node.expression.getText()}.${node.name.text}`
    if (text === 'Date.now' || text === 'Math.random') return `uses ${text}`
  }
  if (
    ts.isNewExpression(node) &&
    isGlobal(node.expression, ['Date']) &&
    (node.arguments?.length ?? 0) === 0
  ) {
    return 'uses new Date() without arguments'
  }
  if (ts.isCallExpression(node)) {
    if (isGlobal(node.expression, ['Date'])) return 'calls Date()'
    if (node.expression.kind === ts.SyntaxKind.ImportKeyword) return moduleUse(node.arguments[0], undefined)
  }
  if (ts.isImportDeclaration(node)) {
    const typeOnly = node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
    return typeOnly ? undefined : moduleUse(node.moduleSpecifier, node.importClause?.namedBindings)
  }
  if (ts.isExportDeclaration(node) && !node.isTypeOnly) return moduleUse(node.moduleSpecifier, undefined)
  return undefined
}

function moduleUse(
  specifier: ts.Node | undefined,
  bindings: ts.NamedImportBindings | undefined,
): string | undefined {
  if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return undefined
  if (MACHINE_MODULES.test(specifier.text)) return `imports ${specifier.text}`
  if (!/^(node:)?crypto$/.test(specifier.text)) return undefined
  if (bindings === undefined || !ts.isNamedImports(bindings)) return `imports all of ${specifier.text}`
  const impure = bindings.elements
    .filter((element) => !element.isTypeOnly)
    .map((element) => (element.propertyName ?? element.name).text)
    .filter((name) => !PURE_CRYPTO.includes(name))
  return impure.length === 0 ? undefined : `imports ${impure.join(', ')} from ${specifier.text}`
}

/** An identifier that is read as a value of its own, not the name of a property, a member or a type. */
function isGlobal(node: ts.Node, names: readonly string[]): boolean {
  if (!ts.isIdentifier(node) || !names.includes(node.text)) return false
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent) && parent.name === node) {
    return parent.expression.getText() === 'globalThis'
  }
  if (ts.isQualifiedName(parent) || ts.isTypeNode(parent) || ts.isImportSpecifier(parent)) return false
  return !('name' in parent && parent.name === node && !ts.isShorthandPropertyAssignment(parent))
}

/** Every place where `test` names a finding, in the order of the file. */
function nodesOf(
  source: ts.SourceFile,
  test: (node: ts.Node) => string | undefined,
): { place: string; what: string }[] {
  const found: { place: string; what: string }[] = []
  const visit = (node: ts.Node): void => {
    const what = test(node)
    if (what !== undefined) found.push({ place: placeOf(source, node), what })
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}
