/** The files of a repository, as the tidy rules read them: from git where there is one, else from the folder. */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import ts from 'typescript'

/** Folders that are never part of a repository, for when there is no git to ask. */
const NOT_OURS = /(^|\/)(node_modules|dist|\.git|\.tmp|coverage)(\/|$)|^docs\/api\//

/** Generated code is exempt from the rules about form. */
const GENERATED = /^lib\/(log|replication\/protocol)\/schema\.(js|d\.ts)$/

export class Repository {
  readonly root: string
  /** Paths of all files, relative to the root, with forward slashes, sorted. */
  readonly paths: readonly string[]
  readonly #texts = new Map<string, string>()
  readonly #sources = new Map<string, ts.SourceFile>()

  constructor(root: string) {
    this.root = realpathSync(root)
    this.paths = (gitFiles(this.root) ?? folderFiles(this.root))
      .filter((path) => existsSync(join(this.root, path)))
      .sort()
  }

  /** Hand-written modules of `lib`. */
  get modules(): string[] {
    return this.paths.filter((path) => /^lib\/.*\.(ts|js|mjs)$/.test(path) && !GENERATED.test(path))
  }

  has(path: string): boolean {
    return existsSync(join(this.root, path))
  }

  text(path: string): string {
    let text = this.#texts.get(path)
    if (text === undefined) {
      text = readFileSync(join(this.root, path), 'utf8')
      this.#texts.set(path, text)
    }
    return text
  }

  /** Text, as opposed to data: no zero byte near the start. */
  isText(path: string): boolean {
    return statSync(join(this.root, path)).isFile() && !this.text(path).slice(0, 8_000).includes('\0')
  }

  source(path: string): ts.SourceFile {
    let source = this.#sources.get(path)
    if (source === undefined) {
      source = ts.createSourceFile(path, this.text(path), ts.ScriptTarget.Latest, true)
      this.#sources.set(path, source)
    }
    return source
  }
}

/** Where a node stands, as `path:line`. */
export function placeOf(source: ts.SourceFile, node: ts.Node): string {
  return `${source.fileName}:${source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1}`
}

/** Tracked files and new ones that are not ignored; `undefined` when `root` is not the top of a git work tree. */
function gitFiles(root: string): string[] | undefined {
  if (!existsSync(join(root, '.git'))) return undefined
  const listing = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  return [...new Set(listing.split('\0').filter((path) => path !== ''))]
}

function folderFiles(root: string): string[] {
  return readdirSync(root, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => !NOT_OURS.test(path))
}
