import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { systemError, systemErrorCode } from '../../lib/runtime/system-error.js'

describe('system errors', () => {
  test('carry what a Node error carries', () => {
    const error = systemError('EBADF', 'write', '/a')
    expect(error).toBeInstanceOf(Error)
    expect({ ...error }).toEqual({ code: 'EBADF', syscall: 'write', path: '/a' })
    expect(error.message).toBe("EBADF: write '/a'")
  })

  test('systemErrorCode reads the code of Node errors and of nothing else', () => {
    let caught: unknown
    try {
      readFileSync('/no/such/file')
    } catch (error) {
      caught = error
    }
    expect(systemErrorCode(caught)).toBe('ENOENT')
    expect(systemErrorCode(new Error('ENOENT'))).toBeUndefined()
    expect(systemErrorCode({ code: 'ENOENT' })).toBeUndefined()
    expect(systemErrorCode(undefined)).toBeUndefined()
  })
})
