import { describe, expect, test } from 'vitest'
import { assertBackend } from '../../../lib/index/backends/backend-shape.js'
import { plainScan } from '../../../lib/index/backends/plain-scan.js'

const { supports } = plainScan
const async = async () => undefined

describe('assertBackend', () => {
  test.each<[string, unknown]>([
    ['a backend', plainScan],
    ['one that persists', { ...plainScan, supports: { ...supports, persists: true }, open: async }],
    ['one without a limit', { ...plainScan, supports: { ...supports, maxBytes: undefined } }],
  ])('accepts %s', (_, value) => {
    expect(() => assertBackend(value)).not.toThrow()
  })

  test.each<[string, unknown]>([
    ['must be an object', undefined],
    ['must be an object', null],
    ['must be an object', 42],
    ["'kind'", { ...plainScan, kind: '' }],
    ["'kind'", {}],
    ["'build'", { ...plainScan, build: undefined }],
    ["'supports' must be an object", { ...plainScan, supports: undefined }],
    ["'supports.metrics'", { ...plainScan, supports: { ...supports, metrics: [] } }],
    ["'supports.metrics'", { ...plainScan, supports: { ...supports, metrics: ['hamming'] } }],
    ["'supports.exact'", { ...plainScan, supports: { ...supports, exact: undefined } }],
    ["'supports.mask'", { ...plainScan, supports: { ...supports, mask: 'yes' } }],
    ["'supports.persists'", { ...plainScan, supports: { ...supports, persists: 1 } }],
    ["'supports.maxBytes'", { ...plainScan, supports: { ...supports, maxBytes: Number.NaN } }],
    ["'open' must be a function", { ...plainScan, open: 'open' }],
    ["'open' is needed", { ...plainScan, supports: { ...supports, persists: true } }],
  ])('refuses, naming %s', (problem, value) => {
    expect(() => assertBackend(value)).toThrow(
      expect.objectContaining({ code: 'OPTIONS_INVALID', message: expect.stringContaining(problem) }),
    )
  })
})
