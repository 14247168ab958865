import { describe, expect, test } from 'vitest'
import { ReplivecError } from '../../lib/errors.js'
import { compilePattern, optionsOfFlags, type Refuse } from '../../lib/filter/regex.js'

const refuse: Refuse = (problem, cause) => new ReplivecError('FILTER_INVALID', problem, { cause })
const pattern = (source: string, options = '') => compilePattern(source, options, refuse)
const found = (source: string, subject: string, options = '') => pattern(source, options).test(subject)

describe('compilePattern', () => {
  test('searches anywhere unless anchored', () => {
    expect(found('b+', 'abbc')).toBe(true)
    expect(found('^b', 'abbc')).toBe(false)
    expect(found('c$', 'abbc')).toBe(true)
    expect(found('c$', 'abbc\n')).toBe(false)
    expect(found('', 'anything')).toBe(true)
  })

  test('knows the options i, m and s', () => {
    expect([found('ÀB', 'àb'), found('ÀB', 'àb', 'i')]).toEqual([false, true])
    expect([found('^b', 'a\nb'), found('^b', 'a\nb', 'm')]).toEqual([false, true])
    expect([found('a.b', 'a\nb'), found('a.b', 'a\nb', 's')]).toEqual([false, true])
    expect(found('^A.b$', 'x\na\nb', 'ims')).toBe(true)
    expect(() => pattern('a', 'x')).toThrow('the option "x" is not supported; use i, m or s')
  })

  test('reads code points, and lone surrogates as themselves', () => {
    expect(found('^.$', '\ud83d\ude00')).toBe(true)
    expect(found('^.$', '\ud83d')).toBe(true)
    expect(found('\ud83d', '\ud83d\ude00')).toBe(false)
  })

  test('understands the escapes of JavaScript', () => {
    expect(found('^\\u0041\\u{42}\\x43\\cJ\\/$', 'ABC\n/')).toBe(true)
    expect(found('^\\ud83d\\ude00$', '\ud83d\ude00')).toBe(true)
    expect(found('^(?<first>a)\\d\\p{Lu}$', 'a1Ä')).toBe(true)
    expect(found('^\\\\u0041$', '\\u0041')).toBe(true)
  })

  test.each([
    ['a backreference', '(a)\\1'],
    ['a named backreference', '(?<n>a)\\k<n>'],
    ['lookahead', 'a(?=b)'],
    ['negative lookahead', 'a(?!b)'],
    ['lookbehind', '(?<=a)b'],
    ['negative lookbehind', '(?<!a)b'],
    ['an atomic group', '(?>a)'],
    ['a possessive quantifier', 'a++'],
    ['an open class', '[a'],
    ['an open group', '(a'],
    ['an unknown escape', '\\y'],
    ['a huge count', 'a{100000}'],
  ])('refuses %s', (_, source) => {
    expect(() => pattern(source)).toThrow(
      /the pattern is not supported \(.+\); backreferences and lookaround/,
    )
  })

  test('refuses empty classes, which engines read differently', () => {
    for (const source of ['[]', 'a[^]b', '[]a]'])
      expect(() => pattern(source)).toThrow('differ between engines')
    expect(found('^[^\\]]\\[\\]$', 'a[]')).toBe(true)
  })

  test('refuses what is too long or too large', () => {
    expect(() => pattern('a'.repeat(1_025))).toThrow('at most 1024 characters, this has 1025')
    expect(() => pattern('(a?){500}a{500}')).toThrow(/compiles to \d+ steps, at most 256/)
    expect(() => pattern('('.repeat(500_000))).toThrow('at most 1024 characters')
    expect(found(`^(?:${Array.from({ length: 60 }, (_, i) => `w${i}`).join('|')})$`, 'w59')).toBe(true)
  })

  test('answers for patterns that make a backtracking engine hang', () => {
    // Every character asked for occurs, so that no pre-check can answer, but the last one never at the end.
    const subject = `c${'ab'.repeat(1 << 19)}`
    const sources = [
      '(a+b?)+c$',
      '(a|ab|b)*c$',
      '([ab]*)*c$',
      '(.*a){5}c$',
      'a[ab]{12}c$',
      '(?i)(([ab])+.)+C$',
    ]
    for (const source of sources) expect(found(source, subject)).toBe(false)
    expect(found('([ab]*)*b$', subject)).toBe(true)
  })

  test('says what every match begins with, when it is sure', () => {
    expect(pattern('^abc').prefix).toBe('abc')
    expect(pattern('^role::x.*').prefix).toBe('role::x')
    expect(pattern('^abc?d').prefix).toBe('ab')
    expect(pattern('^abc{0,2}').prefix).toBe('ab')
    expect(pattern('^a*').prefix).toBeUndefined()
    expect(pattern('^ab|c').prefix).toBeUndefined()
    expect(pattern('abc').prefix).toBeUndefined()
    expect(pattern('^abc', 'i').prefix).toBeUndefined()
    expect(pattern('^abc', 'm').prefix).toBeUndefined()
    expect(pattern('^(?i)abc').prefix).toBeUndefined()
    expect(pattern('^ab\\.c').prefix).toBe('ab')
  })
})

test('optionsOfFlags drops what cannot change a match and refuses the rest', () => {
  expect(optionsOfFlags('dgimsu', refuse)).toBe('ims')
  expect(optionsOfFlags('', refuse)).toBe('')
  expect(() => optionsOfFlags('y', refuse)).toThrow('the flag "y" is not supported; use i, m or s')
  expect(() => optionsOfFlags('v', refuse)).toThrow('the flag "v" is not supported')
})
