import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { VectorStore } from '../../lib/store/vector-store.js'
import { expectRefusal } from './refusal.js'

const HOLDER = fileURLToPath(new URL('store-holder.mjs', import.meta.url))

let directory: string
let path: string
const children: ChildProcess[] = []

beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'replivec-locking-')))
  path = join(directory, 'store')
})

afterEach(async () => {
  for (const child of children.splice(0)) {
    const isRunning = child.exitCode === null && child.signalCode === null
    const gone = isRunning ? once(child, 'exit') : undefined
    child.kill('SIGKILL')
    await gone
  }
  rmSync(directory, { recursive: true, force: true })
})

/** Starts a process that opens the store; resolves with its first answer. */
async function holderProcess(): Promise<{ child: ChildProcess; answer: Record<string, unknown> }> {
  const child = spawn(process.execPath, [HOLDER, path], { stdio: ['pipe', 'pipe', 'inherit'] })
  children.push(child)
  const lines = createInterface({ input: child.stdout })
  const [line] = (await once(lines, 'line')) as [string]
  return { child, answer: JSON.parse(line) }
}

async function writtenIds(store: VectorStore): Promise<string[]> {
  const ids = []
  for await (const { id } of (await store.openCollection('notes')).scan()) ids.push(id)
  return ids
}

async function expectLocked(pid: number | undefined): Promise<void> {
  const message = new RegExp(
    `process ${pid} on host ${hostname()}: close the store there, or use another directory`,
  )
  const { details } = await expectRefusal(() => VectorStore.open({ path }), 'LOCKED', message)
  expect(details).toEqual({ host: hostname(), pid, path: join(path, 'LOCK') })
}

describe('a store that is open', () => {
  test('is locked for this process too, until it is closed', async () => {
    const store = await VectorStore.open({ path })
    await expectLocked(process.pid)
    const notes = await store.createCollection('notes', { dimensions: 2, metric: 'dot' })
    await notes.upsert({ id: 'still-works', vector: [1, 2] })
    await expectLocked(process.pid)
    await store.close()
    const again = await VectorStore.open({ path })
    expect(await writtenIds(again)).toEqual(['still-works'])
    await again.close()
    expect(readdirSync(path)).not.toContain('LOCK')
  })

  test('is locked under every name of its directory', async () => {
    const store = await VectorStore.open({ path })
    symlinkSync(path, join(directory, 'link'))
    for (const name of [join(directory, 'link'), `${path}/`, join(path, 'log', '..'), `${path}/./`]) {
      await expectRefusal(() => VectorStore.open({ path: name }), 'LOCKED', /in use by process/)
    }
    await store.close()
  })

  test('opens once, however many want it at the same time', async () => {
    const attempts = await Promise.allSettled(Array.from({ length: 8 }, () => VectorStore.open({ path })))
    const opened = attempts.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value] : []))
    const refusals = attempts.flatMap((attempt) =>
      attempt.status === 'rejected' ? [attempt.reason.code] : [],
    )
    expect(refusals).toEqual(new Array(7).fill('LOCKED'))
    expect(opened.map((store) => store.listCollections())).toEqual([[]])
    await opened[0]?.close()
  })

  test('is locked for a worker thread, and by one', async () => {
    const store = await VectorStore.open({ path })
    const refused = new Worker(HOLDER, { workerData: path })
    const [refusal] = await once(refused, 'message')
    expect(refusal).toMatchObject({
      name: 'ReplivecError',
      code: 'LOCKED',
      details: { host: hostname(), pid: process.pid },
    })
    await refused.terminate()
    await store.close()
    const worker = new Worker(HOLDER, { workerData: path })
    expect((await once(worker, 'message'))[0]).toEqual({ opened: true })
    await expectLocked(process.pid)
    const closed = once(worker, 'message')
    worker.postMessage('close')
    expect((await closed)[0]).toEqual({ closed: true })
    await worker.terminate()
    const again = await VectorStore.open({ path })
    expect(await writtenIds(again)).toEqual(['held-by-worker'])
    await again.close()
  })

  test('is locked for another process', async () => {
    const store = await VectorStore.open({ path })
    const { answer } = await holderProcess()
    expect(answer).toMatchObject({
      name: 'ReplivecError',
      code: 'LOCKED',
      message: expect.stringContaining(`process ${process.pid} on host ${hostname()}`),
      details: { host: hostname(), pid: process.pid },
    })
    await store.close()
  })

  test('by another process is locked here, and taken over once that was killed', async () => {
    const { child, answer } = await holderProcess()
    expect(answer).toEqual({ opened: true })
    await expectLocked(child.pid)
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
    expect(readdirSync(path)).toContain('LOCK')
    const store = await VectorStore.open({ path })
    expect(await writtenIds(store)).toEqual(['held-by-process'])
    await expectLocked(process.pid)
    await store.close()
  })

  test('and closed by another process opens here', async () => {
    const { child } = await holderProcess()
    const gone = once(child, 'exit')
    child.stdin?.write('close\n')
    expect(await gone).toEqual([0, null])
    const store = await VectorStore.open({ path })
    expect(await writtenIds(store)).toEqual(['held-by-process'])
    await store.close()
  })
})

test('a lock of another host stays, whoever asks', async () => {
  mkdirSync(path)
  const owner = { format: 1, host: 'elsewhere', pid: 7, startedAt: '1', boot: 'b', token: '0'.repeat(32) }
  writeFileSync(join(path, 'LOCK'), JSON.stringify(owner))
  const { details } = await expectRefusal(
    () => VectorStore.open({ path }),
    'LOCKED',
    /process 7 on host elsewhere.*remove .*LOCK by hand/,
  )
  expect(details).toEqual({ host: 'elsewhere', pid: 7, path: join(path, 'LOCK') })
  expect(readdirSync(path)).toEqual(['LOCK'])
})

test('a failed open gives the lock back', async () => {
  const first = await VectorStore.open({ path, nodeId: 'first' })
  await first.close()
  for (let attempt = 0; attempt < 3; attempt++) {
    await expectRefusal(
      () => VectorStore.open({ path, nodeId: 'second' }),
      'OPTIONS_INVALID',
      /belongs to the node 'first', not 'second'/,
    )
    expect(readdirSync(path)).not.toContain('LOCK')
  }
  const again = await VectorStore.open({ path, nodeId: 'first' })
  await again.close()
})

describe('a path', () => {
  test('that is a file, or leads through one', async () => {
    writeFileSync(path, 'not a directory')
    await expectRefusal(() => VectorStore.open({ path }), 'OPTIONS_INVALID', /is a file; give a directory/)
    const below = join(path, 'deep', 'store')
    await expectRefusal(
      () => VectorStore.open({ path: below }),
      'STORAGE_FAILED',
      /ENOTDIR.*A part of the path is a file/,
    )
    expect(readdirSync(directory)).toEqual(['store'])
  })

  test('where nothing can be written', async () => {
    // Not even the administrator can make files here.
    await expectRefusal(
      () => VectorStore.open({ path: '/proc/replivec-store' }),
      'STORAGE_FAILED',
      /Check that|must exist, be writable/,
    )
    await expectRefusal(
      () => VectorStore.open({ path: '/proc/self' }),
      'STORAGE_FAILED',
      /Check that|must exist, be writable/,
    )
    const long = join(directory, 'n'.repeat(300))
    await expectRefusal(() => VectorStore.open({ path: long }), 'STORAGE_FAILED', /ENAMETOOLONG/)
    expect(readdirSync(directory)).toEqual([])
  })

  test.each([
    'with spaces and (brackets)',
    'percent%20and#hash?query&',
    'quotes\' and "doubles"',
    'back\\slash',
    'line\nfeed',
    'größe-数据-🗄️',
    '-rf',
    '%s%n',
    '\u202Eright to left',
    'trailing dot.',
  ])('of odd characters works: %j', async (name) => {
    const odd = join(directory, name)
    const store = await VectorStore.open({ path: odd })
    const notes = await store.createCollection('notes', { dimensions: 2, metric: 'dot' })
    await notes.upsert({ id: 'odd', vector: [1, 2] })
    await expectRefusal(() => VectorStore.open({ path: odd }), 'LOCKED', /in use by process/)
    await store.backup(join(directory, `${name}-backup`))
    await store.close()
    const again = await VectorStore.open({ path: odd })
    expect(await writtenIds(again)).toEqual(['odd'])
    expect((await again.verify()).ok).toBe(true)
    await again.close()
    await VectorStore.restore(join(directory, `${name}-backup`), join(directory, `${name}-restored`))
    const restored = await VectorStore.open({ path: join(directory, `${name}-restored`) })
    expect(await writtenIds(restored)).toEqual(['odd'])
    await restored.close()
  })

  test('that is relative stays where it was when the working directory changes', async () => {
    const before = process.cwd()
    mkdirSync(join(directory, 'elsewhere'))
    try {
      process.chdir(directory)
      const store = await VectorStore.open({ path: 'store' })
      const notes = await store.createCollection('notes', { dimensions: 2, metric: 'dot' })
      await notes.upsert({ id: 'before', vector: [1, 2] })
      process.chdir(join(directory, 'elsewhere'))
      await notes.upsert({ id: 'after', vector: [2, 1] })
      expect(await writtenIds(store)).toEqual(['after', 'before'])
      expect(await store.verify()).toMatchObject({ ok: true, damage: [] })
      await store.close()
    } finally {
      process.chdir(before)
    }
    expect(readdirSync(join(directory, 'elsewhere'))).toEqual([])
    expect(readdirSync(path)).not.toContain('LOCK')
    const again = await VectorStore.open({ path })
    expect(await writtenIds(again)).toEqual(['after', 'before'])
    await again.close()
  })
})
