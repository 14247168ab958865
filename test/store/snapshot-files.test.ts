import { expect, test } from 'vitest'
import { memoryKeyValues } from '../../lib/records/memory-key-value.js'
import type { Files, OpenFile } from '../../lib/runtime/files.js'
import { memoryFiles } from '../../lib/runtime/memory-files.js'
import { systemError } from '../../lib/runtime/system-error.js'
import { SnapshotFiles } from '../../lib/store/snapshot-files.js'
import type { StoreParts } from '../../lib/store/store-parts.js'
import { SeededRandom } from '../../lib/testing/seeded-random.js'
import { SimulatedClock } from '../../lib/testing/simulated-clock.js'

const MIB = 1024 * 1024
const KEPT_MS = 10 * 60_000

/** What may happen before the disk does something. */
interface Disk {
  open?(path: string): Promise<void>
  write?(position: number): Promise<void>
  sync?(): Promise<void>
  remove?(path: string): Promise<void>
  syncDirectory?(): Promise<void>
}

/** A gate that waits until somebody opens it. */
class Gate {
  isReached = false
  open: () => void = () => {}
  readonly #opened = new Promise<void>((resolve) => {
    this.open = resolve
  })

  pass(): Promise<void> {
    this.isReached = true
    return this.#opened
  }
}

async function until(isSo: () => boolean): Promise<void> {
  for (let turn = 0; turn < 10_000; turn++) {
    if (isSo()) return
    await new Promise((resolve) => setImmediate(resolve))
  }
  throw new Error(`never: ${isSo}`)
}

/** Six MiB of records, the files of their snapshots, and what became of them. */
class Place {
  readonly clock = new SimulatedClock()
  readonly pins = new Map<string, number>()
  readonly warnings: string[] = []
  /** A name was made durable. */
  isNamed = false
  readonly disk: Disk = {}
  readonly #files = memoryFiles()
  readonly snapshots: SnapshotFiles
  readonly parts: StoreParts

  private constructor(keyValues: StoreParts['keyValues']) {
    this.parts = {
      environment: { files: this.#watched(), clock: this.clock, random: new SeededRandom('names') },
      applier: { drain: async () => {} },
      keyValues,
      log: { identity: { historyId: 'h', nodeId: 'n', epochs: [] }, oldestSeq: 1 },
      commitPath: { visible: { epoch: 1, seq: 0 } },
      trimming: {
        pin: (name: string, seq: number) => this.pins.set(name, seq),
        release: (name: string) => this.pins.delete(name),
      },
    } as unknown as StoreParts
    this.snapshots = this.opened()
  }

  static async make(): Promise<Place> {
    const keyValues = await memoryKeyValues().open('records')
    const writes = Array.from({ length: 60 }, (_, at) => ({
      key: Buffer.from(`\u0005${at}`),
      value: Buffer.alloc(100_000, at),
    }))
    await keyValues.commit(writes)
    return new Place(keyValues)
  }

  /** The same as after a restart. */
  opened(): SnapshotFiles {
    return new SnapshotFiles(
      '/store',
      () => this.parts,
      ({ code, message }) => this.warnings.push(`${code}: ${message}`),
    )
  }

  names(): Promise<string[]> {
    return this.#files.list('/store/snapshots').then((names) => names.map((name) => name.slice(16)))
  }

  #watched(): Files {
    const [files, disk] = [this.#files, this.disk]
    const open = async (path: string, mode: 'read' | 'write' | 'create'): Promise<OpenFile> => {
      await disk.open?.(path)
      const file = await files.open(path, mode)
      return {
        size: () => file.size(),
        read: (into, position) => file.read(into, position),
        write: async (bytes, position) => {
          await disk.write?.(position)
          await file.write(bytes, position)
        },
        writeNow: (bytes, position) => file.writeNow(bytes, position),
        sync: async () => {
          await disk.sync?.()
          await file.sync()
        },
        syncNow: () => file.syncNow(),
        truncate: (size) => file.truncate(size),
        close: () => file.close(),
      }
    }
    return {
      open,
      readFile: (path) => files.readFile(path),
      stat: (path) => files.stat(path),
      list: (directory) => files.list(directory),
      makeDirectory: (directory) => files.makeDirectory(directory),
      rename: (from, to) => files.rename(from, to),
      link: (from, to) => files.link(from, to),
      remove: async (path) => {
        await disk.remove?.(path)
        await files.remove(path)
      },
      removeTree: (directory) => files.removeTree(directory),
      syncDirectory: async (directory) => {
        await disk.syncDirectory?.()
        await files.syncDirectory(directory)
        setImmediate(() => {
          this.isNamed = true
        })
      },
    }
  }
}

async function readAll(snapshots: SnapshotFiles, id: string, from = 0): Promise<number> {
  for (let at = from; ; ) {
    const { bytes, isLast } = await snapshots.read(id, at, MIB)
    at += bytes.byteLength
    if (isLast) return at
  }
}

const full = async (position: number): Promise<void> => {
  if (position > 2 * MIB) throw systemError('ENOSPC', 'write', '/store/snapshots/x')
}

test('a snapshot is given when it is begun, and read as far as it is made', async () => {
  const { snapshots, disk, ...place } = await Place.make()
  const gate = new Gate()
  disk.write = async (position) => (position > 2 * MIB ? gate.pass() : undefined)
  const { id, bytes } = await snapshots.prepare('', 0)
  expect(bytes).toBe(0)
  const first = await snapshots.read(id, 0, MIB)
  expect([first.bytes.byteLength, first.isLast]).toEqual([MIB, false])
  let isRead = false
  const beyond = snapshots.read(id, 4 * MIB, MIB).finally(() => {
    isRead = true
  })
  await until(() => gate.isReached)
  expect(isRead).toBe(false)
  gate.open()
  expect((await beyond).bytes.byteLength).toBe(MIB)
  expect(await readAll(snapshots, id)).toBeGreaterThan(5.7 * MIB)
  expect(place.pins.size).toBe(1)
  await snapshots.close()
})

test('who asks while a failed one is being removed gets another', async () => {
  const place = await Place.make()
  const { snapshots, disk } = place
  disk.write = full
  const gate = new Gate()
  disk.remove = () => gate.pass()
  const failed = await snapshots.prepare('', 0)
  await expect(readAll(snapshots, failed.id)).rejects.toMatchObject({ code: 'POSITION_LOST' })
  await until(() => gate.isReached)
  delete disk.write
  const asked = snapshots.prepare(failed.id, 0)
  gate.open()
  const next = await asked
  expect(next.id).not.toBe(failed.id)
  expect(await readAll(snapshots, next.id)).toBeGreaterThan(5.7 * MIB)
  expect(place.warnings).toEqual([
    expect.stringMatching(/^STORAGE_FAILED: No snapshot could be made .*ENOSPC/),
  ])
  await snapshots.close()
  expect(await place.names()).toEqual(['.snapshot'])
  expect([...place.pins.keys()]).toEqual([next.id])
})

test('nothing is begun any more once it is closed, also for who waited', async () => {
  const place = await Place.make()
  const { snapshots, disk, parts } = place
  const gate = new Gate()
  disk.write = async (position) => (position > MIB ? gate.pass() : undefined)
  await snapshots.prepare('', 0)
  // Further than what is being made.
  const waiting = snapshots.prepare('', 5)
  const outcome = expect(waiting).rejects.toMatchObject({ code: 'CLOSED' })
  await until(() => gate.isReached)
  let drained = 0
  parts.applier.drain = async () => {
    drained += 1
  }
  const closed = snapshots.close()
  gate.open()
  await closed
  await outcome
  expect(drained).toBe(0)
  expect(await place.names()).toEqual([])
  expect(place.pins.size).toBe(0)
  expect(place.warnings).toEqual([])
})

test('one that expires while it gets its name is removed later', async () => {
  const place = await Place.make()
  const { snapshots, disk, clock } = place
  const gate = new Gate()
  disk.sync = () => gate.pass()
  const { id } = await snapshots.prepare('', 0)
  await readAll(snapshots, id)
  snapshots.release(id)
  await until(() => gate.isReached)
  await clock.advance(KEPT_MS)
  expect(place.pins.size).toBe(1)
  gate.open()
  await snapshots.prepare(id, 0)
  snapshots.release(id)
  await until(() => place.isNamed)
  await clock.advance(KEPT_MS)
  await snapshots.close()
  expect(await place.names()).toEqual([])
  expect(place.pins.size).toBe(0)
})

test('one whose name cannot be made durable leaves nothing behind', async () => {
  const place = await Place.make()
  const { snapshots, disk } = place
  disk.syncDirectory = async () => {
    throw systemError('EIO', 'fsync', '/store/snapshots')
  }
  const { id } = await snapshots.prepare('', 0)
  await readAll(snapshots, id)
  await until(() => place.warnings.length === 1)
  await snapshots.close()
  expect(await place.names()).toEqual([])
  expect(place.pins.size).toBe(0)
})

test('one that could not be opened once is opened at the next read', async () => {
  const place = await Place.make()
  const { id } = await place.snapshots.prepare('', 0)
  const bytes = await readAll(place.snapshots, id)
  await place.snapshots.close()
  const again = place.opened()
  await again.load()
  const found = await again.prepare(id, 0)
  expect(found).toMatchObject({ id, bytes })
  place.disk.open = async (path) => {
    throw systemError('EMFILE', 'open', path)
  }
  await expect(again.read(id, 0, MIB)).rejects.toMatchObject({ code: 'EMFILE' })
  delete place.disk.open
  expect(await readAll(again, id)).toBe(bytes)
  await again.close()
})
