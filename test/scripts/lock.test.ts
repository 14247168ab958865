import { spawn, spawnSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { withLock } from '../../scripts/lock.mjs'

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'replivec-lock-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

test('gives back what the work returned and leaves no lock, also when it throws', async () => {
  const path = join(directory, 'deep', 'lock')
  expect(await withLock(path, () => 7)).toBe(7)
  await expect(withLock(path, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(existsSync(path)).toBe(false)
})

test('takes the lock of a process that died', async () => {
  const path = join(directory, 'lock')
  const { pid } = spawnSync(process.execPath, ['-e', ''])
  writeFileSync(path, String(pid))
  expect(await withLock(path, () => readFileSync(path, 'utf8'))).toBe(String(process.pid))
})

test('lets one process in at a time', async () => {
  const path = join(directory, 'lock')
  const trace = join(directory, 'trace')
  const program = `
    import { appendFileSync } from 'node:fs'
    import { setTimeout as delay } from 'node:timers/promises'
    import { withLock } from ${JSON.stringify(new URL('../../scripts/lock.mjs', import.meta.url).href)}
    await withLock(${JSON.stringify(path)}, async () => {
      appendFileSync(${JSON.stringify(trace)}, 'in\\n')
      await delay(20)
      appendFileSync(${JSON.stringify(trace)}, 'out\\n')
    })`
  const exits = [0, 1, 2].map(() => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'inherit' })
    return new Promise((resolve) => child.on('exit', resolve))
  })
  await withLock(path, () => appendFileSync(trace, 'in\nout\n'))
  expect(await Promise.all(exits)).toEqual([0, 0, 0])
  expect(readFileSync(trace, 'utf8')).toBe('in\nout\n'.repeat(4))
})
