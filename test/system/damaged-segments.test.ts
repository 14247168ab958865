import {
  closeSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { readdir } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SeededRandom } from '../../lib/testing/seeded-random.js'
import { filesOf } from './damage.js'
import { indexDirectories, ModelledPoints, openObserved } from './modelled-points.js'

const SEED = process.env.REPLIVEC_SEGMENTS_SEED ?? 'damaged-segments'
const COUNT = 4_200
const RECALL_MIN = 0.97
const FILES = ['segment.json', 'rows.bin', 'index/graph.json', 'index/graph.usearch', 'index/empty.usearch']

let directory: string
let base: string
let segment: string
let copies = 0
const model = new ModelledPoints(new SeededRandom(SEED))

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'replivec-damaged-'))
  base = join(directory, 'base')
  const { store } = await openObserved(base)
  const points = await model.create(store)
  for (const [from, to] of [
    [0, COUNT - 200],
    [COUNT - 200, COUNT],
  ] as const) {
    await model.put(points, from, to)
    await points.flush()
  }
  await store.close()
  const [[number, names]] = Object.entries(await indexDirectories(base)) as [[string, string[]]]
  expect(names).toEqual(['00000001', '00000002'])
  segment = join('index', number, '00000001')
})

afterAll(() => rmSync(directory, { recursive: true, force: true }))

function newCopy(): string {
  copies += 1
  const path = join(directory, `copy-${copies}`)
  cpSync(base, path, { recursive: true })
  return path
}

/** Opens a damaged copy twice: the first time what is damaged is told of and built again, the second time all is well. */
async function expectRepaired(path: string): Promise<{ warnings: string[]; segments: string[] }> {
  const { store, warnings, segments } = await openObserved(path)
  const points = await store.openCollection('points')
  expect(await model.recall(points, 8)).toBeGreaterThanOrEqual(RECALL_MIN)
  await points.flush()
  expect(await model.recall(points, 8)).toBeGreaterThanOrEqual(RECALL_MIN)
  expect(points.getStats()).toMatchObject({ index: { kind: 'hnsw', indexed: COUNT, pending: 0, dead: 0 } })
  expect(await store.verify()).toMatchObject({ ok: true })
  await store.close()

  const again = await openObserved(path)
  const found = await again.store.openCollection('points')
  expect(await model.recall(found, 8)).toBeGreaterThanOrEqual(RECALL_MIN)
  await found.flush()
  expect(found.getStats()).toMatchObject({ index: { kind: 'hnsw', indexed: COUNT, pending: 0, dead: 0 } })
  expect({ warnings: again.warnings, segments: again.segments }).toEqual({ warnings: [], segments: [] })
  await again.store.close()
  const [names] = Object.values(await indexDirectories(path)) as [string[]]
  expect(names).not.toContain('00000001')
  expect(filesOf(path).filter((file) => file.startsWith(segment))).toEqual([])
  rmSync(path, { recursive: true })
  return { warnings, segments }
}

const REPAIRED = { warnings: ['BACKEND_FAILED'], segments: ['built'] }

describe(`a damaged segment (seed ${SEED})`, () => {
  test('is one of these files', () => {
    const found = filesOf(base).filter((file) => file.startsWith(segment))
    expect(found).toEqual(FILES.map((file) => join(segment, file)).sort())
  })

  test.each(FILES)('with a flipped bit in %s is told of and built again', async (file) => {
    const random = new SeededRandom(`${SEED}/${file}`)
    const { length } = readFileSync(join(base, segment, file))
    for (const at of [0, random.int(length), length - 2]) {
      const path = newCopy()
      const content = readFileSync(join(path, segment, file))
      content[at] = (content[at] as number) ^ (1 << random.int(8))
      writeFileSync(join(path, segment, file), content)
      expect({ at, ...(await expectRepaired(path)) }).toEqual({ at, ...REPAIRED })
    }
  })

  test.each(FILES)('with a cut %s is told of and built again', async (file) => {
    const random = new SeededRandom(`${SEED}/${file}/cut`)
    const { length } = readFileSync(join(base, segment, file))
    for (const size of [0, random.int(length), length - 2]) {
      const path = newCopy()
      truncateSync(join(path, segment, file), size)
      expect({ size, ...(await expectRepaired(path)) }).toEqual({ size, ...REPAIRED })
    }
  })

  test.each(FILES.slice(1))('without its %s is told of and built again', async (file) => {
    const path = newCopy()
    rmSync(join(path, segment, file))
    expect(await expectRepaired(path)).toEqual(REPAIRED)
  })

  test.each(FILES)('with a directory for %s is told of and built again', async (file) => {
    const path = newCopy()
    rmSync(join(path, segment, file))
    mkdirSync(join(path, segment, file))
    expect(await expectRepaired(path)).toEqual(REPAIRED)
  })

  test.each(FILES)(
    'with a flipped bit in %s is found by verify, before and after the first search',
    async (file) => {
      const random = new SeededRandom(`${SEED}/${file}/verify`)
      for (const isSearched of [false, true]) {
        const path = newCopy()
        const { store, warnings } = await openObserved(path)
        const points = await store.openCollection('points')
        if (isSearched) await points.search({ vector: model.vector() })
        expect(await store.verify()).toMatchObject({ ok: true, damage: [] })
        const content = readFileSync(join(path, segment, file))
        const at = random.int(content.length - 1)
        content[at] = (content[at] as number) ^ (1 << random.int(8))
        // In its place, as a disk would: what is mapped stays so.
        const handle = openSync(join(path, segment, file), 'r+')
        writeSync(handle, content, at, 1, at)
        closeSync(handle)
        const { ok, damage } = await store.verify()
        expect({ isSearched, ok, damage }).toEqual({
          ...{ isSearched, ok: false },
          damage: [{ file: join(path, segment), at: null, reason: expect.stringMatching(/./) }],
        })
        expect(warnings).toEqual([])
        await store.close()
        expect(Object.values(await indexDirectories(path))).toEqual([['00000001', '00000002']])
        expect(await expectRepaired(path)).toEqual(REPAIRED)
      }
    },
  )

  test('without its description is none, and built again', async () => {
    const path = newCopy()
    rmSync(join(path, segment, 'segment.json'))
    expect(await expectRepaired(path)).toEqual({ warnings: [], segments: ['built'] })
  })

  test('that is a file in the place of a directory is removed', async () => {
    const path = newCopy()
    rmSync(join(path, segment), { recursive: true })
    writeFileSync(join(path, segment), 'not a segment')
    expect(await expectRepaired(path)).toEqual({ warnings: [], segments: ['built'] })
  })

  test('that is there twice is used once', async () => {
    const path = newCopy()
    const copy = segment.replace(/00000001$/, '00000009')
    cpSync(join(path, segment), join(path, copy), { recursive: true })
    const { store, warnings } = await openObserved(path)
    const points = await store.openCollection('points')
    expect(await model.recall(points, 8)).toBeGreaterThanOrEqual(RECALL_MIN)
    await points.flush()
    expect(points.getStats()).toMatchObject({ index: { indexed: COUNT, pending: 0, dead: 0, segments: 2 } })
    await store.close()
    expect(warnings).toEqual([])
    expect(Object.values(await indexDirectories(path))).toEqual([['00000001', '00000002']])
  })

  test('has noise beside it, which is left alone or removed, and nobody minds', async () => {
    const path = newCopy()
    for (const place of ['.', 'index', join(segment, '..'), segment]) {
      writeFileSync(join(path, place, 'notes.txt'), 'notes')
    }
    mkdirSync(join(path, segment, '..', '00000007', 'index'), { recursive: true })
    const { store, warnings, segments } = await openObserved(path)
    const points = await store.openCollection('points')
    expect(await model.recall(points, 8)).toBeGreaterThanOrEqual(RECALL_MIN)
    await points.flush()
    await store.close()
    expect({ warnings, segments }).toEqual({ warnings: [], segments: [] })
    const [number, name] = segment.split(sep).slice(1)
    expect((await readdir(join(path, 'index'))).sort()).toEqual([number, 'notes.txt'])
    expect((await readdir(join(path, segment, '..'))).sort()).toEqual([
      name,
      '00000002',
      'live.json',
      'notes.txt',
    ])
  })
})

test('segments of a copy of another history are not believed', async () => {
  // The same operations in another store: all numbers are the same.
  const path = join(directory, 'other')
  const other = new ModelledPoints(new SeededRandom(`${SEED}/other`))
  const first = await openObserved(path)
  await other.put(await other.create(first.store), 0, COUNT)
  await first.store.close()
  rmSync(join(path, 'index'), { recursive: true, force: true })
  cpSync(join(base, 'index'), join(path, 'index'), { recursive: true })

  const { store, segments } = await openObserved(path)
  const points = await store.openCollection('points')
  expect(await other.recall(points, 8)).toBeGreaterThanOrEqual(RECALL_MIN)
  await points.flush()
  expect(segments).toContain('built')
  expect(points.getStats()).toMatchObject({ index: { kind: 'hnsw', indexed: COUNT, pending: 0 } })
  expect(await other.recall(points, 8)).toBeGreaterThanOrEqual(RECALL_MIN)
  await store.close()
})
