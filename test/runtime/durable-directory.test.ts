import { expect, test } from 'vitest'
import { makeDurableDirectory } from '../../lib/runtime/durable-directory.js'
import type { Files } from '../../lib/runtime/files.js'
import { systemError } from '../../lib/runtime/system-error.js'
import { SimulatedDisk } from '../../lib/testing/simulated-disk.js'

const DIRECTORY = '/a/b/c'

test('a directory and all above it survive a power cut', async () => {
  for (let seed = 0; seed < 30; seed++) {
    const disk = new SimulatedDisk({ seed })
    await makeDurableDirectory(disk.files, DIRECTORY)
    disk.powerCut()
    expect(await disk.files.stat(DIRECTORY), `seed ${seed}`).toEqual({ kind: 'directory', size: 0 })
  }
})

test('also when an attempt before it died at any of its operations', async () => {
  const whole = new SimulatedDisk({ seed: 0 })
  await makeDurableDirectory(whole.files, DIRECTORY)
  for (let last = 1; last <= whole.operations; last++) {
    for (let seed = 0; seed < 10; seed++) {
      const disk = new SimulatedDisk({ seed })
      disk.beforeOperation = ({ number }) => {
        if (number === last) disk.crash()
      }
      await expect(makeDurableDirectory(disk.files, DIRECTORY)).rejects.toMatchObject({ code: 'EIO' })
      await makeDurableDirectory(disk.files, DIRECTORY)
      disk.powerCut()
      expect(await disk.files.stat(DIRECTORY), `operation ${last}, seed ${seed}`).toBeDefined()
    }
  }
})

test('one in a directory that may not be read is taken as it is; any other failure is told', async () => {
  const failing = (code: string): Files => {
    const { files } = new SimulatedDisk({ seed: 0 })
    return {
      ...files,
      stat: async () => ({ kind: 'directory', size: 0 }),
      syncDirectory: async (directory) => {
        throw systemError(code, 'open', directory)
      },
    }
  }
  await makeDurableDirectory(failing('EACCES'), DIRECTORY)
  await makeDurableDirectory(failing('EPERM'), DIRECTORY)
  await expect(makeDurableDirectory(failing('EIO'), DIRECTORY)).rejects.toMatchObject({ code: 'EIO' })
})
