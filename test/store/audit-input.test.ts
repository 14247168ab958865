import { expect, test } from 'vitest'
import type { ReplivecError } from '../../lib/errors.js'
import { checkAuditVerifyOptions, prepareAudit } from '../../lib/store/audit-input.js'

const key = 'sixteen bytes: 16'
const hash = 'a'.repeat(64)

test('off by default, and with defaults where it is only asked for', () => {
  for (const off of [undefined, false]) expect(prepareAudit(off, true)).toBeUndefined()
  for (const on of [true, {}]) {
    expect(prepareAudit(on, false)).toEqual({ key: undefined, maxFileBytes: 16 * 1024 * 1024 })
  }
  expect(prepareAudit({ key, maxFileBytes: 1 }, false)).toEqual({ key, maxFileBytes: 1 })
})

test.each([
  [{ key: 'short' }, 'audit.key'],
  [{ key: 5 }, 'audit.key'],
  [{ key: 'x'.repeat(1_025) }, 'audit.key'],
  [{ maxFileBytes: 0 }, 'audit.maxFileBytes'],
  [{ maxFileBytes: 1.5 }, 'audit.maxFileBytes'],
  [{ maxFileBytes: Number.POSITIVE_INFINITY }, 'audit.maxFileBytes'],
  [{ keys: key }, 'keys'],
])('%o is refused', (audit, option) => {
  expect(() => prepareAudit(audit, false)).toThrow(
    expect.objectContaining({ code: 'OPTIONS_INVALID', details: { option } }),
  )
})

test('what is no object is refused, and a store in memory has no place for it', () => {
  for (const wrong of ['on', 1, null, []])
    expect(() => prepareAudit(wrong, false)).toThrow(
      expect.objectContaining({ code: 'OPTIONS_INVALID', message: expect.stringContaining('audit') }),
    )
  const refused = { code: 'OPTIONS_INVALID', details: { option: 'audit' } }
  expect(() => prepareAudit(true, true)).toThrow(expect.objectContaining(refused))
})

test('a key that is refused is not repeated', () => {
  try {
    prepareAudit({ key: 'secret' }, false)
    expect.unreachable()
  } catch (error) {
    expect(JSON.stringify([error, (error as ReplivecError).message])).not.toContain('secret')
  }
})

test('what a log is checked against', () => {
  const options = { key, from: { seq: 3, hash }, expected: { seq: 9, hash }, nodeId: 'a' }
  expect(checkAuditVerifyOptions(options)).toEqual(options)
  const wrong = [
    { from: 3 },
    { from: { seq: 3 } },
    { expected: { seq: 1, hash: 'x' } },
    { nodeId: 5 },
    { head: {} },
  ]
  for (const each of [...wrong, { key: '' }])
    expect(() => checkAuditVerifyOptions(each)).toThrow(
      expect.objectContaining({ code: 'OPTIONS_INVALID', details: { option: Object.keys(each)[0] } }),
    )
})
