import { expect, test } from 'vitest'
import { ZerosAhead } from '../../lib/log/zeros-ahead.js'
import { SimulatedDisk } from '../../lib/testing/simulated-disk.js'

const KIB = 1024

async function setup(seed: string) {
  const disk = new SimulatedDisk({ seed })
  const file = await disk.files.open('/log', 'create')
  let writes = 0
  disk.beforeOperation = ({ operation }) => {
    if (operation === 'write') writes += 1
  }
  return { disk, file, zeros: new ZerosAhead(file), writes: () => writes }
}

test('half a megabyte is written ahead when a small group would grow the file, and not before', async () => {
  const { file, zeros, writes } = await setup('ahead')
  zeros.reserve(100, KIB)
  expect([await file.size(), writes()]).toEqual([100 + 512 * KIB, 1])
  zeros.reserve(100 + 511 * KIB, KIB)
  expect(writes()).toBe(1)
  zeros.reserve(100 + 511 * KIB, KIB + 1)
  expect([await file.size(), writes()]).toEqual([100 + 1_024 * KIB, 2])
  // Larger groups went further meanwhile.
  zeros.reserve(3_000 * KIB, KIB)
  expect(await file.size()).toBe(3_512 * KIB)
})

test('a large group grows the file itself', async () => {
  const { file, zeros } = await setup('large')
  zeros.reserve(0, 128 * KIB + 1)
  expect(await file.size()).toBe(0)
})

test('a disk without room for them is asked once', async () => {
  const { disk, zeros, writes } = await setup('full')
  disk.capacityBytes = 10 * KIB
  zeros.reserve(0, KIB)
  zeros.reserve(KIB, KIB)
  expect(writes()).toBe(1)
})

test('they are taken off, once', async () => {
  const { disk, file, zeros } = await setup('off')
  zeros.reserve(0, KIB)
  await zeros.drop(KIB)
  expect(await file.size()).toBe(KIB)
  let operations = 0
  disk.beforeOperation = ({ operation }) => {
    if (operation !== 'size') operations += 1
  }
  await zeros.drop(KIB)
  expect(operations).toBe(0)
})
