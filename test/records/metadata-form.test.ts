import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isStoredMetadata } from '../../lib/records/metadata-form.js'

function isParsedObject(json: string): boolean {
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}

describe('isStoredMetadata', () => {
  test.each([
    '{}',
    '{"a":1}',
    '{"a":-0.5e+3,"b":[true,null,"x"],"c":[],"":""}',
    '{"a":{"b":[[1]]}}',
    '{"a":"\\"\\u00e9"}',
    ' { "a" : 1 } ',
    `{"a":"${'é'.repeat(5_000)}"}`,
  ])('takes %s', (json) => {
    expect(isStoredMetadata(json)).toBe(true)
  })

  test.each([
    '',
    'null',
    '5',
    '"{}"',
    '[]',
    '[{}]',
    '{',
    '{}}',
    '{}\n{}',
    '{"a":1,}',
    '{,"a":1}',
    '{"a":1"b":2}',
    '{"a":[1,]}',
    '{"a":[1 2]}',
    '{"a":[,1]}',
    '{"a":01}',
    '{"a":1.}',
    '{"a":.5}',
    '{"a":+1}',
    '{"a":1e}',
    '{"a":-}',
    '{"a":NaN}',
    '{"a":undefined}',
    '{a:1}',
    "{'a':1}",
    '{"a":"\n"}',
    '{"a":"\\x"}',
    '{"a"}',
    '{"a":}',
    '{"a":1}]',
  ])('refuses %j', (json) => {
    expect(isStoredMetadata(json)).toBe(false)
  })

  test('refuses what is too deep to be read', () => {
    const deep = (levels: number) => `{"a":${'['.repeat(levels)}{"$date":1}${']'.repeat(levels)}}`
    expect([isStoredMetadata(deep(90)), isStoredMetadata(deep(100_000))]).toEqual([true, false])
  })

  test('says what parsing says, of JSON and of JSON with one character changed', () => {
    const changed = fc
      .record({
        json: fc.json({ maxDepth: 2 }),
        at: fc.nat(),
        character: fc.constantFrom(...'{}[]",:01.e-+ntf\\\u0000 '),
      })
      .map(
        ({ json, at, character }) =>
          json.slice(0, at % json.length) + character + json.slice((at % json.length) + 1),
      )
    const flat = fc.dictionary(
      fc.string(),
      fc.oneof(
        fc.string(),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.boolean(),
        fc.constant(null),
      ),
    )
    const texts = fc.oneof(
      fc.json(),
      changed,
      flat.map((value) => JSON.stringify(value)),
    )
    fc.assert(
      fc.property(texts, (json) => {
        expect(isStoredMetadata(json), json).toBe(isParsedObject(json))
      }),
      { numRuns: 5_000 },
    )
  })
})
