import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { crc32 } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import type { KeyValue, KeyValueSnapshot } from '../../lib/records/key-value.js'
import { lmdbKeyValues } from '../../lib/records/lmdb-key-value.js'
import { nodeClock } from '../../lib/runtime/node-clock.js'
import { nodeFiles } from '../../lib/runtime/node-files.js'
import { SeededRandom } from '../../lib/testing/seeded-random.js'
import { collectGarbage } from '../used-bytes.js'

const root = mkdtempSync(join(tmpdir(), 'replivec-lmdb-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
let count = 0
const freshDirectory = () => join(root, `store-${count++}`)
const factory = lmdbKeyValues(nodeFiles, nodeClock)
const key = (name: string | number) => Buffer.from(String(name))
const child = fileURLToPath(new URL('lmdb-child.mjs', import.meta.url))

/** The round of every key, which must be one and the same, whole. */
function roundOf(store: KeyValue): number {
  const rounds = new Set<string>()
  let keys = 0
  for (const entry of store.range({ start: key('key-'), end: key('key.') })) {
    const text = Buffer.from(entry.value).toString()
    const round = /^([0-9]+(?:\.5)?)\./.exec(text)?.[1] ?? 'none'
    expect(text).toBe(`${round}.`.repeat(3_000).slice(0, 3_000))
    rounds.add(round)
    keys++
  }
  expect([...rounds]).toHaveLength(1)
  expect(keys).toBe(40)
  return Number([...rounds][0])
}

describe('LMDB key-value store', () => {
  test('values that nobody else holds are written as they were', async () => {
    const store = await factory.open(freshDirectory())
    const random = new SeededRandom('garbage')
    const checksums = new Map<string, number>()
    const commits: Promise<void>[] = []
    for (let commit = 0; commit < 20; commit++) {
      commits.push(
        store.commit(
          Array.from({ length: 50 }, (_, index) => {
            const value = random.bytes(random.pick([3, 1_500, 40_000]))
            checksums.set(`${commit}-${index}`, crc32(value))
            return { key: key(`${commit}-${index}`), value }
          }),
        ),
      )
      collectGarbage()
      // Memory that was freed is taken again, and changed.
      for (let again = 0; again < 50; again++) Buffer.alloc(40_000, 0xee)
    }
    collectGarbage()
    await Promise.all(commits)
    for (const [name, checksum] of checksums) expect(crc32(store.get(key(name)) ?? '')).toBe(checksum)
    expect(checksums.size).toBe(1_000)
    await store.close()
  })

  test('a snapshot survives the growth of the map', async () => {
    const store = await factory.open(freshDirectory())
    await store.commit(
      Array.from({ length: 300 }, (_, index) => ({ key: key(1_000 + index), value: key(index) })),
    )
    const snapshot = store.snapshot()
    const cursor = snapshot.range({ start: key(0), end: key('a') })[Symbol.iterator]()
    expect(Buffer.from(cursor.next().value?.key).toString()).toBe('1000')
    const diskBytes = store.bytes.disk
    for (let round = 0; round < 24; round++) {
      await store.commit(
        Array.from({ length: 300 }, (_, index) => ({
          key: key(1_000 + index),
          value: Buffer.alloc(5_000, round),
        })),
      )
      expect(Buffer.from(snapshot.get(key(1_000 + round)) ?? []).toString()).toBe(String(round))
    }
    expect(store.bytes.disk).toBeGreaterThan(diskBytes + 24_000_000)
    const rest: string[] = []
    for (let step = cursor.next(); !step.done; step = cursor.next())
      rest.push(Buffer.from(step.value.value).toString())
    expect(rest).toEqual(Array.from({ length: 299 }, (_, index) => String(index + 1)))
    expect(store.get(key(1_299))?.byteLength).toBe(5_000)
    snapshot.close()
    await store.close()
  })

  test('too many snapshots are refused, and everything else goes on', async () => {
    const store = await factory.open(freshDirectory())
    const snapshots: KeyValueSnapshot[] = []
    for (let index = 0; index < 1_000; index++) {
      await store.commit([{ key: key('a'), value: key(index) }])
      snapshots.push(store.snapshot())
    }
    expect(() => store.snapshot()).toThrow(/1000 snapshots open.*close some/)
    await store.commit([{ key: key('a'), value: key('last') }])
    expect(Buffer.from(store.get(key('a')) ?? []).toString()).toBe('last')
    expect(Buffer.from(snapshots[500]?.get(key('a')) ?? []).toString()).toBe('500')
    for (const snapshot of snapshots) snapshot.close()
    const fresh = store.snapshot()
    expect(Buffer.from(fresh.get(key('a')) ?? []).toString()).toBe('last')
    await store.close()
  })

  test('a lock file left behind, or full of garbage, is no obstacle', async () => {
    const directory = freshDirectory()
    mkdirSync(directory)
    for (const garbage of ['', 'garbage', new SeededRandom('lock').bytes(100_000)]) {
      writeFileSync(join(directory, 'data.mdb-lock'), garbage)
      const store = await factory.open(directory)
      await store.commit([{ key: key('a'), value: key(garbage.length) }])
      expect(Buffer.from(store.get(key('a')) ?? []).toString()).toBe(String(garbage.length))
      await store.close()
    }
  })

  test('a directory in place of a file is damage, and discarding removes it', async () => {
    for (const name of ['data.mdb', 'data.mdb-lock', 'records.manifest']) {
      const directory = freshDirectory()
      mkdirSync(join(directory, name, 'inner'), { recursive: true })
      await expect(factory.open(directory)).rejects.toMatchObject({
        code: 'RECORDS_DAMAGED',
        details: { file: `${directory}/${name}`, reason: 'it is not a file' },
      })
      await factory.discard(directory)
      await (await factory.open(directory)).close()
      expect(readdirSync(directory)).toEqual(['data.mdb', 'data.mdb-lock', 'records.manifest'])
    }
  })

  test('a directory that cannot be made is STORAGE_FAILED, with the cause', async () => {
    const file = freshDirectory()
    writeFileSync(file, '')
    await expect(factory.open(join(file, 'inside'))).rejects.toMatchObject({
      code: 'STORAGE_FAILED',
      cause: { code: 'ENOTDIR' },
    })
  })

  test('a full disk fails the commit and all later ones, and loses nothing that was committed', async () => {
    const directory = freshDirectory()
    // The shell's file size limit, in blocks of 512 or 1024 bytes, stands in for a full disk.
    const writer = spawn('sh', ['-c', `ulimit -f 8000; exec "$0" "$@"`, process.execPath, child, directory])
    const facts: Record<string, unknown>[] = []
    for await (const line of createInterface({ input: writer.stdout })) facts.push(JSON.parse(line))
    expect(facts.filter((fact) => 'unhandled' in fact)).toEqual([])
    const rounds = facts.filter((fact) => 'round' in fact).length
    expect(rounds).toBeGreaterThan(3)
    const [failed, ...after] = facts.slice(rounds)
    expect(failed).toEqual({ failed: Array(4).fill({ code: 'STORAGE_FAILED', hasCause: true }) })
    expect(after).toEqual([
      { later: 'STORAGE_FAILED' },
      { flushed: 'STORAGE_FAILED' },
      { read: String(rounds) },
      { closed: true },
    ])
    const store = await factory.open(directory)
    expect(roundOf(store)).toBe(rounds + 0.5)
    await store.commit([{ key: key('again'), value: key('works') }])
    await store.close()
  })

  test('a killed process loses no commit and leaves no part of one', async () => {
    const directory = freshDirectory()
    let last = 0
    for (let kill = 0; kill < 3; kill++) {
      const writer = spawn(process.execPath, [child, directory])
      const gone = once(writer, 'exit')
      let rounds = 0
      for await (const line of createInterface({ input: writer.stdout })) {
        last = JSON.parse(line).round
        if (++rounds === 5 + kill * 4) writer.kill('SIGKILL')
      }
      expect((await gone)[1]).toBe('SIGKILL')
      expect(readdirSync(directory)).not.toContain('records.manifest')
      const store = await factory.open(directory)
      expect(roundOf(store)).toBeGreaterThanOrEqual(last + 0.5)
      await store.close()
    }
  })
})
