import { describe, expect, test } from 'vitest'
import { Company } from '../../../lib/index/backends/company.js'

/** How many gatherings of so many were worth a turn. */
const turns = (company: Company, gatherings: number) =>
  Array.from({ length: gatherings }, () => company.isWorthATurn()).filter(Boolean).length

describe('company', () => {
  test('is looked for ever more rarely while nobody comes', () => {
    const company = new Company()
    expect([turns(company, 15), turns(company, 1)]).toEqual([0, 1])
    expect([turns(company, 31), turns(company, 1)]).toEqual([0, 1])
    expect(turns(company, 64 + 128 + 256)).toBe(3)
    expect([turns(company, 255), turns(company, 1)]).toEqual([0, 1])
    expect(turns(company, 100 * 256)).toBe(100)
  })

  test('is expected for some time after it was met, and then looked for often', () => {
    const company = new Company()
    turns(company, 100_000)
    company.met()
    expect(turns(company, 16)).toBe(16)
    expect([turns(company, 15), turns(company, 1)]).toEqual([0, 1])
  })
})
