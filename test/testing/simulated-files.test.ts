import { describe, expect, test } from 'vitest'
import { SimulatedDisk } from '../../lib/testing/simulated-disk.js'
import { describeFiles } from '../runtime/files-contract.js'

async function setup(delayYieldsMax: number) {
  const disk = new SimulatedDisk({ seed: 'files' })
  disk.delayYieldsMax = delayYieldsMax
  await disk.files.makeDirectory('/data/store')
  return { files: disk.files, directory: '/data/store' }
}

describeFiles('SimulatedFiles', () => setup(0))
describeFiles('SimulatedFiles, delayed', () => setup(3))

describe('SimulatedFiles', () => {
  test('a removed tree can be interrupted between two names', async () => {
    const disk = new SimulatedDisk({ seed: 1 })
    await disk.files.makeDirectory('/d')
    for (const name of ['a', 'b', 'c']) await (await disk.files.open(`/d/${name}`, 'create')).close()
    disk.failNext('remove', 'EIO', 1)
    await expect(disk.files.removeTree('/d')).rejects.toMatchObject({ code: 'EIO' })
    expect(await disk.files.list('/d')).toEqual(['b', 'c'])
  })

  test('nobody removes or renames the root', async () => {
    const { files } = new SimulatedDisk({ seed: 1 })
    await expect(files.removeTree('/')).rejects.toMatchObject({ code: 'EBUSY' })
    await expect(files.remove('/')).rejects.toMatchObject({ code: 'EISDIR' })
    await expect(files.rename('/', '/a')).rejects.toMatchObject({ code: 'EBUSY' })
  })
})
