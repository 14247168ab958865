import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileFilter } from '../../lib/filter/evaluate.js'
import { parseFilter } from '../../lib/filter/parse.js'
import { planFilter } from '../../lib/filter/plan.js'
import { filter, metadata, paths } from './filter-arbitrary.js'
import { MapIndex } from './map-index.js'
import { naiveMatches } from './naive-filter.js'

const records = fc.array(metadata, { minLength: 1, maxLength: 12 })
const indexed = fc.oneof(fc.constant([...paths]), fc.subarray([...paths]))

// fast-check prints the seed and the shrunk case of a failure.
describe('a random filter over random records', () => {
  test('selects what the naive evaluator selects', () => {
    let matched = 0
    fc.assert(
      fc.property(filter, records, (input, all) => {
        const matches = compileFilter(parseFilter(input))
        const selected = all.map((record) => matches(record))
        matched += selected.filter(Boolean).length
        expect(selected).toEqual(all.map((record) => naiveMatches(input, record)))
      }),
      { numRuns: 5_000 },
    )
    // The generators must make filters that select something.
    expect(matched).toBeGreaterThan(5_000)
  })

  test('has candidates that hold every match, and only matches when exact', () => {
    let narrowed = 0
    let exact = 0
    fc.assert(
      fc.property(filter, records, indexed, fc.constantFrom(1, 3, 1_000), (input, all, fields, keysMax) => {
        const node = parseFilter(input)
        const matches = compileFilter(node)
        const expected = all.flatMap((record, number) => (matches(record) ? [number] : []))
        const plan = planFilter(node, new MapIndex(all, fields, keysMax))
        const everyone = all.map((_, number) => number)
        const candidates = plan.candidates?.toArray() ?? everyone
        if (plan.candidates !== undefined) narrowed++
        if (plan.exact) exact++
        expect(expected.filter((number) => !candidates.includes(number))).toEqual([])
        expect(candidates.filter((number) => number >= all.length)).toEqual([])
        expect(plan.exact ? candidates : expected).toEqual(expected)
        expect(plan.fields.filter((field) => !fields.includes(field as (typeof paths)[number]))).toEqual([])
        expect(JSON.parse(JSON.stringify(plan.explain))).toEqual(plan.explain)
      }),
      { numRuns: 5_000 },
    )
    expect(narrowed).toBeGreaterThan(1_000)
    expect(exact).toBeGreaterThan(1_000)
  })
})
