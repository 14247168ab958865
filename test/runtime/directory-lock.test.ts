import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { afterAll, describe, expect, test } from 'vitest'
import { acquireDirectoryLock, type DirectoryLock } from '../../lib/runtime/directory-lock.js'
import { nodeFiles } from '../../lib/runtime/node-files.js'
import { nodeRandom } from '../../lib/runtime/node-random.js'
import {
  nodeProcesses,
  type ProcessIdentity,
  type Processes,
  processIdentity,
} from '../../lib/runtime/process-identity.js'
import { SeededRandom } from '../../lib/testing/seeded-random.js'
import { SimulatedDisk } from '../../lib/testing/simulated-disk.js'

const base = fs.mkdtempSync(join(tmpdir(), 'replivec-lock-'))
const children: ChildProcess[] = []
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  fs.rmSync(base, { recursive: true, force: true })
})
const fresh = () => fs.mkdtempSync(join(base, 'case-'))

const acquire = (directory: string) =>
  acquireDirectoryLock({ files: nodeFiles, random: nodeRandom, processes: nodeProcesses, directory })

/** A lock file as another process would have left it. */
async function plant(directory: string, changes: Partial<ProcessIdentity> & { format?: number }) {
  const token = Buffer.from(nodeRandom.bytes(16)).toString('hex')
  const record = { format: 1, ...(await processIdentity()), token, ...changes }
  fs.writeFileSync(join(directory, 'LOCK'), `${JSON.stringify(record)}\n`)
  return record
}

const readLock = (directory: string) => JSON.parse(fs.readFileSync(join(directory, 'LOCK'), 'utf8'))

/** A child process that locks on request. */
function startContender() {
  const program = fileURLToPath(new URL('./lock-contender.mjs', import.meta.url))
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] })
  children.push(child)
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    child,
    async ask(request: 'acquire' | 'release', directory?: string): Promise<string> {
      child.stdin.write(`${JSON.stringify([request, directory])}\n`)
      return String((await answers.next()).value)
    },
    async kill() {
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

describe('acquireDirectoryLock', () => {
  test('leaves one line that names the owner, and nothing after the release', async () => {
    const directory = fresh()
    const lock = await acquire(directory)
    expect(fs.readdirSync(directory)).toEqual(['LOCK'])
    expect(fs.readFileSync(join(directory, 'LOCK'), 'utf8')).toMatch(/^\{.*\}\n$/)
    expect(readLock(directory)).toEqual({
      format: 1,
      ...(await processIdentity()),
      token: expect.stringMatching(/^[0-9a-f]{32}$/),
    })
    await lock.release()
    expect(fs.readdirSync(directory)).toEqual([])
  })

  test('this very process is refused a second time, until it releases', async () => {
    const directory = fresh()
    const lock = await acquire(directory)
    await expect(acquire(directory)).rejects.toMatchObject({
      name: 'ReplivecError',
      code: 'LOCKED',
      message: expect.stringContaining(`process ${process.pid} on host ${hostname()}`),
      details: { host: hostname(), pid: process.pid, path: join(directory, 'LOCK') },
    })
    expect(fs.readdirSync(directory)).toEqual(['LOCK'])
    await lock.release()
    await (await acquire(directory)).release()
  })

  test('a worker thread of this process is refused too', async () => {
    const directory = fresh()
    const lock = await acquire(directory)
    const room = new URL('../../dist/runtime/', import.meta.url).href
    const worker = new Worker(
      `const { parentPort, workerData: { room, directory } } = require('node:worker_threads')
       const load = (name) => import(room + name + '.js')
       Promise.all(['directory-lock', 'node-files', 'node-random', 'process-identity'].map(load)).then(
         async ([{ acquireDirectoryLock }, { nodeFiles }, { nodeRandom }, { nodeProcesses }]) => {
           const machine = { files: nodeFiles, random: nodeRandom, processes: nodeProcesses }
           const answer = await acquireDirectoryLock({ ...machine, directory }).then(() => 'acquired', (e) => e.code)
           parentPort.postMessage(answer)
         })`,
      { eval: true, workerData: { room, directory } },
    )
    expect((await once(worker, 'message'))[0]).toBe('LOCKED')
    await worker.terminate()
    await lock.release()
  })

  test('a release removes only its own lock, once', async () => {
    const directory = fresh()
    const first = await acquire(directory)
    await Promise.all([first.release(), first.release()])
    const second = await acquire(directory)
    await first.release()
    expect(fs.readdirSync(directory)).toEqual(['LOCK'])
    await second.release()
    const third = await acquire(directory)
    const other = await plant(directory, {})
    await third.release()
    expect(readLock(directory).token).toBe(other.token)
  })

  test('a living child holds it; a killed one is taken over', async () => {
    const directory = fresh()
    const contender = startContender()
    expect(await contender.ask('acquire', directory)).toBe('acquired')
    await expect(acquire(directory)).rejects.toMatchObject({
      code: 'LOCKED',
      details: { pid: contender.child.pid },
    })
    await contender.kill()
    const lock = await acquire(directory)
    expect(readLock(directory).pid).toBe(process.pid)
    expect(fs.readdirSync(directory)).toEqual(['LOCK'])
    await lock.release()
  })

  test('eight processes race for a dead lock and exactly one wins', async () => {
    const contenders = Array.from({ length: 8 }, startContender)
    await Promise.all(contenders.map((contender) => contender.ask('release')))
    for (let round = 0; round < 25; round++) {
      const directory = fresh()
      await plant(directory, { boot: 'an earlier one' })
      const answers = await Promise.all(contenders.map((contender) => contender.ask('acquire', directory)))
      expect([...answers].sort(), `round ${round}`).toEqual([...new Array(7).fill('LOCKED'), 'acquired'])
      expect(readLock(directory).pid).toBe(contenders[answers.indexOf('acquired')]?.child.pid)
      expect(fs.readdirSync(directory)).toEqual(['LOCK'])
      await Promise.all(contenders.map((contender) => contender.ask('release')))
      expect(fs.readdirSync(directory)).toEqual([])
    }
    await Promise.all(contenders.map((contender) => contender.kill()))
  })

  test('a reused pid and an earlier boot are dead owners', async () => {
    for (const changes of [{ startedAt: '1' }, { boot: 'an earlier one' }]) {
      const directory = fresh()
      await plant(directory, changes)
      const lock = await acquire(directory)
      expect(readLock(directory)).toMatchObject(await processIdentity())
      expect(fs.readdirSync(directory)).toEqual(['LOCK'])
      await lock.release()
    }
  })

  test("another host's lock is never taken over, and the message says what to do", async () => {
    const directory = fresh()
    const record = await plant(directory, { host: 'elsewhere', boot: 'another', pid: 4_000_000 })
    await expect(acquire(directory)).rejects.toMatchObject({
      code: 'LOCKED',
      message: expect.stringContaining(`remove ${join(directory, 'LOCK')} by hand`),
      details: { host: 'elsewhere', pid: 4_000_000, path: join(directory, 'LOCK') },
    })
    expect(readLock(directory)).toEqual(record)
    expect(fs.readdirSync(directory)).toEqual(['LOCK'])
  })

  test('a lock that cannot be read is nobody’s to take', async () => {
    const directory = fresh()
    const good = JSON.stringify(await plant(directory, { boot: 'an earlier one' }))
    const unreadable = [
      '',
      '\0'.repeat(100),
      good.slice(0, -5),
      'null',
      good.replace('"format":1', '"format":2'),
      good.replace(/"pid":\d+/, '"pid":0'),
      good.replace(/"token":"/, '"token":"../'),
    ]
    for (const content of unreadable) {
      fs.writeFileSync(join(directory, 'LOCK'), content)
      await expect(acquire(directory), content).rejects.toMatchObject({
        code: 'LOCKED',
        message: expect.stringContaining('by hand'),
        details: { host: null, pid: null, path: join(directory, 'LOCK') },
      })
      expect(fs.readFileSync(join(directory, 'LOCK'), 'utf8')).toBe(content)
      expect(fs.readdirSync(directory)).toEqual(['LOCK'])
    }
  })

  test('what dead contenders left is used up or removed, what is not ours stays', async () => {
    const directory = fresh()
    const dead = await plant(directory, { boot: 'an earlier one' })
    const claimant = { ...dead, token: 'c'.repeat(32) }
    fs.writeFileSync(join(directory, `LOCK.${dead.token}.claim`), JSON.stringify(claimant))
    fs.writeFileSync(
      join(directory, `LOCK.${claimant.token}.claim`),
      JSON.stringify({ ...dead, token: 'd'.repeat(32) }),
    )
    fs.writeFileSync(join(directory, `LOCK.${'e'.repeat(32)}.claim`), JSON.stringify(claimant))
    fs.writeFileSync(join(directory, `LOCK.${'f'.repeat(32)}.tmp`), '')
    fs.writeFileSync(join(directory, 'LOCK.notes'), 'mine')
    const lock = await acquire(directory)
    expect(fs.readdirSync(directory).sort()).toEqual(['LOCK', 'LOCK.notes'])
    expect(readLock(directory)).toMatchObject(await processIdentity())
    await lock.release()
  })

  test('a living claimant of a dead lock is on its way to own it', async () => {
    const directory = fresh()
    const dead = await plant(directory, { boot: 'an earlier one' })
    const claim = join(directory, `LOCK.${dead.token}.claim`)
    fs.writeFileSync(claim, JSON.stringify({ ...dead, ...(await processIdentity()), token: 'c'.repeat(32) }))
    await expect(acquire(directory)).rejects.toMatchObject({ code: 'LOCKED', details: { path: claim } })
    expect(readLock(directory)).toEqual(dead)
  })

  test('a directory that cannot be used is a storage failure', async () => {
    const directory = join(base, 'missing')
    await expect(acquire(directory)).rejects.toMatchObject({
      code: 'STORAGE_FAILED',
      details: { path: directory },
      cause: { code: 'ENOENT' },
    })
  })
})

/** A machine of which this test decides who lives. */
class SimulatedProcesses implements Processes {
  readonly dead = new Set<number>()
  constructor(
    readonly pid: number,
    readonly others: { dead: ReadonlySet<number> },
  ) {}
  async self() {
    return { host: 'simulated', pid: this.pid, startedAt: String(this.pid), boot: 'boot' }
  }
  async isAlive(identity: ProcessIdentity) {
    return this.others.dead.has(identity.pid) ? 'dead' : 'alive'
  }
}

describe('acquireDirectoryLock on a simulated machine', () => {
  test('at most one living process owns it, whatever the interleaving and whoever dies', async () => {
    let takenOver = 0
    for (let seed = 0; seed < 150; seed++) {
      const random = new SeededRandom(seed).fork('processes')
      const disk = new SimulatedDisk({ seed })
      await disk.files.makeDirectory('/d')
      await disk.files.syncDirectory('/')
      disk.delayYieldsMax = 1 + random.int(6)
      const dead = new Set<number>()
      const owners = new Map<number, DirectoryLock>()
      // One process that died with the lock in hand, so that every run begins with a takeover.
      await acquireDirectoryLock({
        files: disk.files,
        random: random.fork('first'),
        processes: new SimulatedProcesses(1, { dead }),
        directory: '/d',
      })
      dead.add(1)
      const live = async (pid: number) => {
        const processes = new SimulatedProcesses(pid, { dead })
        for (let attempt = 0; attempt < 4 && !dead.has(pid); attempt++) {
          for (let i = random.int(4); i > 0; i--) await new Promise(setImmediate)
          let lock: DirectoryLock
          try {
            lock = await acquireDirectoryLock({
              files: disk.files,
              random: random.fork(`${pid}/${attempt}`),
              processes,
              directory: '/d',
            })
          } catch (error) {
            expect(error, `seed ${seed}`).toMatchObject({ code: 'LOCKED' })
            continue
          }
          owners.set(pid, lock)
          expect([...owners.keys()], `seed ${seed}`).toEqual([pid])
          for (let i = random.int(8); i > 0; i--) await new Promise(setImmediate)
          expect([...owners.keys()], `seed ${seed}`).toEqual([pid])
          owners.delete(pid)
          if (random.chance(0.5)) {
            dead.add(pid)
            takenOver++
          } else await lock.release()
        }
      }
      await Promise.all([2, 3, 4, 5, 6].map(live))
    }
    expect(takenOver).toBeGreaterThan(100)
  })

  test('a power cut at any operation leaves a lock that the next boot can take', async () => {
    for (let at = 1; at < 30; at++) {
      for (let seed = 0; seed < 8; seed++) {
        const disk = new SimulatedDisk({ seed })
        await disk.files.makeDirectory('/d')
        await disk.files.syncDirectory('/')
        const dead = new Set<number>()
        const attempt = (pid: number) =>
          acquireDirectoryLock({
            files: disk.files,
            random: new SeededRandom(`${seed}/${pid}`),
            processes: new SimulatedProcesses(pid, { dead }),
            directory: '/d',
          })
        await attempt(1)
        if (seed % 2) await disk.files.syncDirectory('/d')
        dead.add(1)
        const start = disk.operations
        disk.beforeOperation = ({ number }) => {
          if (number === start + at) disk.powerCut()
        }
        const second = attempt(2)
        await second.then(
          () => disk.powerCut(),
          (error) => expect(error).toMatchObject({ code: 'STORAGE_FAILED' }),
        )
        disk.beforeOperation = undefined
        dead.add(2)
        const lock = await attempt(3)
        expect(await disk.files.list('/d'), `seed ${seed}, operation ${at}`).toEqual(['LOCK'])
        await lock.release()
        expect(await disk.files.list('/d')).toEqual([])
      }
    }
  })

  test('a failing disk leaves no lock and nothing else behind', async () => {
    for (const operation of [
      'open',
      'write',
      'sync',
      'close',
      'link',
      'list',
      'readFile',
      'remove',
    ] as const) {
      const disk = new SimulatedDisk({ seed: operation })
      await disk.files.makeDirectory('/d')
      disk.failNext(operation, 'EIO')
      const options = {
        files: disk.files,
        random: new SeededRandom(operation),
        processes: new SimulatedProcesses(1, { dead: new Set() }),
        directory: '/d',
      }
      await expect(acquireDirectoryLock(options), operation).rejects.toMatchObject({
        code: 'STORAGE_FAILED',
        cause: { code: 'EIO' },
      })
      expect(await disk.files.list('/d'), operation).toEqual([])
    }
  })

  test('a release that fails can be called again', async () => {
    const disk = new SimulatedDisk({ seed: 1 })
    const lock = await acquireDirectoryLock({
      files: disk.files,
      random: new SeededRandom(1),
      processes: new SimulatedProcesses(1, { dead: new Set() }),
      directory: '/',
    })
    disk.failNext('remove', 'EIO')
    await expect(lock.release()).rejects.toMatchObject({ code: 'STORAGE_FAILED' })
    await lock.release()
    expect(await disk.files.list('/')).toEqual([])
  })
})
