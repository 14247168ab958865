import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { lmdbKeyValues } from '../../lib/records/lmdb-key-value.js'
import { readLmdbMeta } from '../../lib/records/lmdb-meta.js'
import { checkLmdbPages } from '../../lib/records/lmdb-pages.js'
import { nodeClock } from '../../lib/runtime/node-clock.js'
import { nodeFiles } from '../../lib/runtime/node-files.js'
import { SeededRandom } from '../../lib/testing/seeded-random.js'

const root = fs.mkdtempSync(join(tmpdir(), 'replivec-lmdb-pages-'))
afterAll(() => fs.rmSync(root, { recursive: true, force: true }))
const pageBytes = 4_096

/** The meta of a file, once its pages have passed. */
async function check(path: string) {
  const file = await nodeFiles.open(path, 'read')
  try {
    const meta = await readLmdbMeta(file, path)
    await checkLmdbPages(file, path, meta)
    return meta
  } finally {
    await file.close()
  }
}

describe('the check of LMDB pages', () => {
  test.each([1, 2, 3, 4])('raises no false alarm at any moment of a life (seed %d)', async (seed) => {
    const random = new SeededRandom(seed)
    const directory = join(root, `life-${seed}`)
    const path = join(directory, 'data.mdb')
    const store = await lmdbKeyValues(nodeFiles, nodeClock).open(directory)
    const model = new Map<string, number>()
    const sizes = random.pick([
      [0, 100],
      [1_200, 3_000],
      [10, 1_200, 50_000],
      [2_000_000, 30],
    ])
    const keys = random.pick([30, 2_000])
    let snapshot = store.snapshot()
    for (let commit = 0; commit < 40; commit++) {
      if (random.chance(0.3)) {
        snapshot.close()
        snapshot = store.snapshot()
      }
      const removals = random.pick([0.1, 0.5, 1])
      const writes = Array.from({ length: sizes.includes(2_000_000) ? 3 : random.int(300) }, () => {
        const name = `${'long'.repeat(random.pick([0, 0, 100]))}${random.int(keys)}`
        const size = random.pick(sizes)
        if (random.chance(removals)) model.delete(name)
        else model.set(name, size)
        const value = model.has(name) ? new Uint8Array(size).fill(commit) : undefined
        return { key: Buffer.from(name), value }
      })
      await store.commit(writes)
      expect((await check(path)).main.entries).toBe(model.size)
    }
    await store.commit([...model.keys()].map((name) => ({ key: Buffer.from(name), value: undefined })))
    expect((await check(path)).main).toEqual({ depth: 0, entries: 0, rootPage: 0 })
    await store.close()
  })

  test('knows a file that ends before its last page because that page was never written', async () => {
    const directory = join(root, 'short')
    const path = join(directory, 'data.mdb')
    const store = await lmdbKeyValues(nodeFiles, nodeClock).open(directory)
    const large = { key: Buffer.from('large'), value: new Uint8Array(3_000_000) }
    const small = { key: Buffer.from('small'), value: new Uint8Array(1) }
    // The first rounds leave free pages, which then take all that is written; only the large value goes to the end.
    for (let round = 0; round < 4; round++) await store.commit([small])
    await store.commit([small, large, { key: large.key, value: undefined }])
    const meta = await check(path)
    expect((meta.lastPage + 1) * meta.pageBytes).toBeGreaterThan(fs.statSync(path).size + 2_000_000)
    await store.close()
  })

  test('names what is wrong', async () => {
    const directory = join(root, 'wrong')
    const store = await lmdbKeyValues(nodeFiles, nodeClock).open(directory)
    for (let commit = 0; commit < 4; commit++) {
      await store.commit(
        Array.from({ length: 300 }, (_, index) => ({
          key: Buffer.from(`key ${index}`),
          value: new Uint8Array(index % 3 === 0 ? 9_000 : 200),
        })),
      )
    }
    const intact = fs.readFileSync(join(directory, 'data.mdb'))
    await store.close()
    const path = join(root, 'wrong.mdb')
    fs.writeFileSync(path, intact)
    const meta = await check(path)
    expect(meta.main).toMatchObject({ depth: 2, entries: 300 })
    const root0 = meta.main.rootPage * pageBytes
    const node = (page: number, index: number) => page + 24 + intact.readUInt16LE(page + 24 + index * 2)
    const leaf = intact.readUInt16LE(node(root0, 0)) * pageBytes
    const metaPage = intact.readBigUInt64LE(152) > intact.readBigUInt64LE(pageBytes + 152) ? 0 : pageBytes
    const freeLeaf = meta.free.rootPage * pageBytes
    const freeNode = node(freeLeaf, 0)
    const inOverflow = intact.readUInt16LE(freeNode + 4) === 1
    const freeData = inOverflow ? intact.readUInt16LE(freeNode + 16) * pageBytes + 24 : freeNode + 16

    const reasonOf = async (damage: (file: Buffer) => void) => {
      const damaged = Buffer.from(intact)
      damage(damaged)
      fs.writeFileSync(path, damaged)
      return check(path).then(
        () => 'none',
        (error) => `${error.code}: ${error.details.reason}`,
      )
    }
    const page = (position: number) => position / pageBytes
    const findings: [(file: Buffer) => void, string][] = [
      [(file) => file.writeUInt16LE(meta.main.rootPage, node(root0, 1)), `page ${page(root0)} is used twice`],
      [(file) => file.writeUInt16LE(1, node(root0, 1)), 'page 1 is outside the range of pages'],
      [(file) => file.writeUInt16LE(9, node(root0, 1) + 4), 'is outside the range of pages'],
      [(file) => file.writeUInt16LE(2, root0 + 18), `page ${page(root0)} is not what the tree says`],
      [(file) => file.writeUInt16LE(5, leaf), `page ${page(leaf)} is not what the tree says`],
      [(file) => file.writeUInt16LE(0xffff, leaf + 12), `page ${page(leaf)} is of the future`],
      [(file) => file.writeUInt16LE(0xfffe, leaf + 20), `page ${page(leaf)} has impossible bounds`],
      [(file) => file.writeUInt16LE(0xfff0, leaf + 24), `page ${page(leaf)} has an entry outside itself`],
      [
        (file) => file.writeUInt16LE(0xfff0, node(leaf, 0) + 6),
        `page ${page(leaf)} has an entry outside itself`,
      ],
      [
        (file) => file.writeUInt16LE(4, node(leaf, 0) + 4),
        `page ${page(leaf)} has an entry of an impossible kind`,
      ],
      [(file) => file.writeUInt16LE(0xffff, node(leaf, 1)), `page ${page(leaf)} ends within an entry`],
      [(file) => file.writeUInt16LE(0xffff, node(leaf, 0)), `page ${page(leaf)} has too long an entry`],
      [(file) => file.writeUInt16LE(301, metaPage + 24 + 72 + 32), 'a tree has 300 entries instead of 301'],
      [(file) => file.writeUInt16LE(0xffff, metaPage + 24 + 126), 'it refers to an impossible page'],
      [(file) => file.writeUInt16LE(0xffff, metaPage + 24 + 122), 'it ends before its last page'],
      [(file) => file.writeUInt16LE(4, metaPage + 24 + 76), 'its trees have impossible flags'],
      [(file) => file.writeUInt16LE(0xffff, freeData), 'a list of free pages has no end'],
      [
        (file) => file.writeBigInt64LE(BigInt(page(leaf)), freeData + 8),
        `page ${page(leaf)} is free and in use`,
      ],
      [(file) => file.writeBigInt64LE(1n, freeData + 8), 'page 1 cannot be free'],
    ]
    expect(await reasonOf(() => {})).toBe('none')
    for (const [damage, reason] of findings) {
      expect(await reasonOf(damage)).toMatch(new RegExp(`^RECORDS_DAMAGED: .*${reason}$`))
    }
    fs.writeFileSync(path, intact.subarray(0, leaf + 100))
    await expect(check(path)).rejects.toMatchObject({
      details: { reason: expect.stringMatching(/^it ends before page \d+$/) },
    })
  })
})
