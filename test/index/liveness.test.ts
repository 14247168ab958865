import { expect, test } from 'vitest'
import { Liveness } from '../../lib/index/liveness.js'
import { writeCheckedJson } from '../../lib/runtime/checked-json.js'
import { memoryFiles } from '../../lib/runtime/memory-files.js'

const placeOf = (name: string) => ({ path: `/segments/${name}`, indexPath: `/segments/${name}/index` })
const [first, second] = [placeOf('00000001'), placeOf('00000002')]

/** One that was written by somebody else, as of operation 41. */
async function written(historyId = 'this') {
  const files = memoryFiles()
  await files.makeDirectory('/segments')
  const dead = new Map([
    [first, Uint32Array.of(5, 0xffffffff)],
    [second, new Uint32Array(0)],
  ])
  await new Liveness({ files, directory: '/segments', historyId }).write(41, dead)
  return { files, liveness: new Liveness({ files, directory: '/segments', historyId: 'this' }) }
}

test('tells the dead rows of every segment it knows, once', async () => {
  const { files, liveness } = await written()
  const deadOf = await liveness.take(41)
  expect([...(deadOf?.(first) ?? [])]).toEqual([5, 0xffffffff])
  expect(deadOf?.(second)).toEqual(new Uint32Array(0))
  expect(deadOf?.(placeOf('00000003'))).toBeUndefined()
  expect(await files.list('/segments')).toEqual([])
  expect(await liveness.take(41)).toBeUndefined()
})

test('knows nothing as of another operation or of another history, and is gone then', async () => {
  const { liveness } = await written()
  expect(await liveness.take(42)).toBeUndefined()
  expect(await liveness.take(41)).toBeUndefined()
  expect(await (await written('other')).liveness.take(41)).toBeUndefined()
})

test.each([
  ['no bitmaps', undefined],
  ['null', null],
  ['a word', 'dead'],
  ['a list', ['BQAAAP////8=']],
  ['a number for a bitmap', { '00000001': 5 }],
  ['an object for a bitmap', { '00000001': { length: 4 } }],
])('knows nothing of what has another shape: %s', async (_, dead) => {
  const { files, liveness } = await written()
  const record = { format: 1, historyId: 'this', seq: 41, dead }
  await writeCheckedJson(files, '/segments/live.json', record)
  const deadOf = await liveness.take(41)
  expect(deadOf?.(first)).toBeUndefined()
  expect(deadOf?.(placeOf('toString'))).toBeUndefined()
  expect(deadOf?.(placeOf('0'))).toBeUndefined()
  expect(await files.list('/segments')).toEqual([])
})

test('knows nothing when it is damaged', async () => {
  const { files, liveness } = await written()
  const file = await files.open('/segments/live.json', 'write')
  await file.write(Uint8Array.of(0x20), 30)
  await file.close()
  expect(await liveness.take(41)).toBeUndefined()
})
