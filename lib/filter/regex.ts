import { LRUCache } from 'lru-cache'
import { RE2JS, RE2JSException } from 're2js'
import { ReplivecError } from '../errors.js'

/** Longest pattern, in UTF-16 code units. */
export const PATTERN_LENGTH_MAX = 1_024

/**
 * Largest compiled pattern, in instructions of the engine. A search costs at most about 13 ns × instructions ×
 * characters (measured on subjects that defeat the engine's automaton), so this is what bounds the slowest search.
 */
export const PATTERN_INSTRUCTIONS_MAX = 256

/** Compiling costs more than most searches, and hosts ask with the same patterns again and again. */
const compiled = new LRUCache<string, LinearPattern>({ max: 256 })

/** A compiled regular expression whose search time is linear in the subject. */
export interface LinearPattern {
  readonly source: string
  /** Options in effect, some of `ims`. */
  readonly options: string
  /** What every matching subject begins with, when the pattern says so. */
  readonly prefix: string | undefined
  /** Whether the pattern matches somewhere in `subject`. */
  test(subject: string): boolean
}

/** Makes the error of a pattern that is refused: what is wrong, and the engine's own error where it made one. */
export type Refuse = (problem: string, cause?: unknown) => ReplivecError

/**
 * Compiles a pattern with RE2 (https://github.com/google/re2/wiki/Syntax), which has no backtracking and therefore
 * no backreferences and no lookaround. `.` and classes stand for whole code points; `\d`, `\w`, `\s` and `\b` are
 * ASCII. JavaScript's `\uXXXX`, `\u{X}` and `\cX` are understood too.
 *
 * @param source - the pattern
 * @param options - any of `i` (ignore case), `m` (`^` and `$` at line ends), `s` (`.` matches a newline)
 * @param refuse - makes the error thrown when the engine cannot express the pattern or it is too large
 */
export function compilePattern(source: string, options: string, refuse: Refuse): LinearPattern {
  const key = `${options}/${source}`
  const known = compiled.get(key)
  if (known) return known
  const pattern = compileFresh(source, options, refuse)
  compiled.set(key, pattern)
  return pattern
}

function compileFresh(source: string, options: string, refuse: Refuse): LinearPattern {
  if (source.length > PATTERN_LENGTH_MAX) {
    throw refuse(`a pattern has at most ${PATTERN_LENGTH_MAX} characters, this has ${source.length}`)
  }
  // An escaped character is no bracket, so escapes are blanked before looking for empty classes.
  if (/\[\^?\]/.test(source.replace(/\\[\s\S]/g, '..'))) {
    throw refuse('"[]" and "[^]" differ between engines; write [\\s\\S] for any character')
  }
  const flags = engineFlags(options, refuse)
  let engine: RE2JS
  try {
    engine = RE2JS.compile(translate(source), flags)
  } catch (error) {
    const reason = error instanceof RE2JSException ? error.message : 'the engine failed on it'
    throw refuse(
      `the pattern is not supported (${reason}); backreferences and lookaround are not available`,
      error,
    )
  }
  const size = engine.programSize()
  if (size > PATTERN_INSTRUCTIONS_MAX) {
    throw refuse(
      `the pattern compiles to ${size} steps, at most ${PATTERN_INSTRUCTIONS_MAX} are allowed; lower its repeat counts or split it with $or`,
    )
  }
  return {
    source,
    options,
    prefix: options.includes('i') || options.includes('m') ? undefined : anchoredPrefix(source),
    test: (subject) => search(engine, subject),
  }
}

/**
 * The options that a RegExp's flags stand for. `g` and `d` are dropped, because they do not change whether a string
 * matches; `u` too, because the engine always reads code points. `y` depends on `lastIndex` and `v` has a syntax of
 * its own: both are refused.
 */
export function optionsOfFlags(flags: string, refuse: Refuse): string {
  for (const flag of flags) {
    if (!'dgimsu'.includes(flag)) throw refuse(`the flag "${flag}" is not supported; use i, m or s`)
  }
  return [...flags].filter((flag) => 'ims'.includes(flag)).join('')
}

function search(engine: RE2JS, subject: string): boolean {
  try {
    return engine.test(subject)
  } catch (cause) {
    throw new ReplivecError(
      'FILTER_INVALID',
      'The regular expression engine failed on a value; simplify the $regex pattern',
      { cause },
    )
  }
}

function engineFlags(options: string, refuse: Refuse): number {
  let flags = 0
  for (const option of options) {
    if (option === 'i') flags |= RE2JS.CASE_INSENSITIVE
    else if (option === 'm') flags |= RE2JS.MULTILINE
    else if (option === 's') flags |= RE2JS.DOTALL
    else throw refuse(`the option "${option}" is not supported; use i, m or s`)
  }
  return flags
}

const javaScriptEscape =
  /\\u[dD]([89abAB][\da-fA-F]{2})\\u[dD]([c-fC-F][\da-fA-F]{2})|\\u([\da-fA-F]{4})|\\u\{([\da-fA-F]{1,6})\}|\\c([a-zA-Z])|\\[\s\S]/g

/** Writes JavaScript's own escapes the way RE2 does; the engine refuses any other escape that it does not know. */
function translate(source: string): string {
  return source.replace(
    javaScriptEscape,
    (whole: string, high?: string, low?: string, unit?: string, point?: string, control?: string) => {
      if (high !== undefined && low !== undefined) {
        const pair = String.fromCharCode(Number.parseInt(`d${high}`, 16), Number.parseInt(`d${low}`, 16))
        return `\\x{${pair.codePointAt(0)?.toString(16)}}`
      }
      if (unit !== undefined) return `\\x{${unit}}`
      if (point !== undefined) return `\\x{${point}}`
      if (control !== undefined) return `\\x{${(control.charCodeAt(0) & 31).toString(16)}}`
      return whole
    },
  )
}

/** The literal text after a leading `^`. Deliberately simple: letters, digits and harmless marks, no alternation. */
function anchoredPrefix(source: string): string | undefined {
  if (!source.startsWith('^') || source.includes('|')) return undefined
  const literal = /^[\w \-/:@,;=&%~"'<>!#]*/.exec(source.slice(1))?.[0] ?? ''
  const next = source[1 + literal.length]
  // A quantifier after the last character may ask for none of it.
  const prefix = next !== undefined && '?*{+'.includes(next) ? literal.slice(0, -1) : literal
  return prefix === '' ? undefined : prefix
}
