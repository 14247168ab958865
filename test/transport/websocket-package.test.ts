import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'
import { loadWebSocketPackage } from '../../lib/transport/websocket-package.js'

describe('the package ws', () => {
  let directory: string | undefined
  afterEach(() => {
    if (directory !== undefined) rmSync(directory, { recursive: true, force: true })
    directory = undefined
  })

  test('is loaded where it is installed', () => {
    expect(loadWebSocketPackage()).toEqual({ dial: expect.any(Function), accept: expect.any(Function) })
  })

  test('is asked for, with what to do, where it cannot be loaded', () => {
    const cause = new Error('no such module')
    const load = (): never => {
      throw cause
    }
    expect(() => loadWebSocketPackage(load)).toThrow(
      expect.objectContaining({
        code: 'OPTIONS_INVALID',
        message: expect.stringContaining('npm install ws'),
        cause,
        details: { package: 'ws' },
      }),
    )
  })

  test('is not needed by who imports the transport, and only then asked for when one is made', () => {
    directory = mkdtempSync(join(tmpdir(), 'replivec-without-ws-'))
    // The built files, in a folder without packages.
    cpSync(fileURLToPath(new URL('../../dist', import.meta.url)), join(directory, 'dist'), {
      recursive: true,
    })
    writeFileSync(join(directory, 'package.json'), '{ "type": "module" }')
    const script = `
      const { webSocket } = await import('./dist/transport/websocket.js')
      try {
        webSocket({ id: 'a' })
      } catch ({ code, message }) {
        console.log(code, message)
      }`
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
      cwd: directory,
      encoding: 'utf8',
    })
    expect([stdout, stderr]).toEqual([
      'OPTIONS_INVALID Links over WebSockets need the package ws, which cannot be loaded: npm install ws\n',
      '',
    ])
  })
})
