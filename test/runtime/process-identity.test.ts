import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { Worker } from 'node:worker_threads'
import { describe, expect, test } from 'vitest'
import {
  isAlive,
  nodeProcesses,
  parseProcessStat,
  processIdentity,
} from '../../lib/runtime/process-identity.js'

describe('parseProcessStat', () => {
  const fields = 'S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 7 18 123456 20 21'

  test('counts fields from the last parenthesis of the command', () => {
    for (const command of ['node', 'a b', 'evil) R 9 9 (x', ') S 1', '((', 'line\nbreak)']) {
      expect(parseProcessStat(`42 (${command}) ${fields}\n`)).toEqual({
        state: 'S',
        threads: 7,
        startedAt: '123456',
      })
    }
  })

  test('refuses what is not such a line', () => {
    for (const line of ['', '42 node S 1', '42 (node) S 1 2 3'])
      expect(parseProcessStat(line)).toBeUndefined()
  })
})

describe('processIdentity', () => {
  test('names this process, the same every time', async () => {
    const identity = await processIdentity()
    expect(identity).toMatchObject({ host: hostname(), pid: process.pid })
    expect(await nodeProcesses.self()).toEqual(identity)
  })

  test('knows the start and the boot', async () => {
    const identity = await processIdentity()
    expect(identity.startedAt).toMatch(/^\d+$/)
    expect(identity.boot).toBe(readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim())
  })

  test('a worker thread is the same process', async () => {
    const worker = new Worker(
      `const { parentPort } = require('node:worker_threads'); const fs = require('node:fs')
       parentPort.postMessage({ pid: process.pid, stat: fs.readFileSync('/proc/' + process.pid + '/stat', 'latin1') })`,
      { eval: true },
    )
    const [message] = await once(worker, 'message')
    await worker.terminate()
    const identity = await processIdentity()
    expect(message.pid).toBe(identity.pid)
    expect(parseProcessStat(message.stat)?.startedAt).toBe(identity.startedAt)
  })
})

describe('isAlive', () => {
  test('this process is, and a child until it is killed', async () => {
    const self = await processIdentity()
    expect(await isAlive(self)).toBe('alive')
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'])
    await once(child, 'spawn')
    const identity = { ...self, pid: child.pid ?? 0, startedAt: '' }
    expect(await isAlive(identity)).toBe('alive')
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(await isAlive(identity)).toBe('dead')
  })

  test('a killed process that its parent has not asked about is dead', async () => {
    const self = await processIdentity()
    // The shell becomes a `sleep` that never waits for the child it had started before.
    const parent = spawn('sh', ['-c', 'sleep 1000 & echo $!; exec sleep 1000'])
    const [printed] = await once(parent.stdout, 'data')
    const pid = Number(String(printed).trim())
    const identity = { ...self, pid, startedAt: '' }
    expect(await isAlive(identity)).toBe('alive')
    process.kill(pid, 'SIGKILL')
    await expect.poll(() => isAlive(identity)).toBe('dead')
    expect(process.kill(pid, 0)).toBe(true)
    parent.kill('SIGKILL')
    await once(parent, 'exit')
  })

  test('a process of another user, or of another start or boot', async () => {
    const self = await processIdentity()
    expect(await isAlive({ ...self, pid: 1, startedAt: '' })).toBe('alive')
    expect(await isAlive({ ...self, startedAt: '1' })).toBe('dead')
    expect(await isAlive({ ...self, boot: 'another' })).toBe('dead')
    expect(await isAlive({ ...self, startedAt: '', boot: '' })).toBe('alive')
  })

  test('nobody knows about another host', async () => {
    const self = await processIdentity()
    expect(await isAlive({ ...self, host: 'elsewhere', boot: 'another' })).toBe('unknown')
  })

  test('EPERM means that it is there', async () => {
    const self = await processIdentity()
    const kill = process.kill
    process.kill = () => {
      throw Object.assign(new Error('EPERM'), { code: 'EPERM' })
    }
    try {
      expect(await isAlive(self)).toBe('alive')
    } finally {
      process.kill = kill
    }
  })
})
