import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Environment } from '../../lib/store/environment.js'
import { StoreDirectory } from '../../lib/store/store-directory.js'
import { SimulatedMachine } from '../../lib/testing/simulated-machine.js'

const PATH = '/data/store'
const SEEDS = Array.from({ length: 20 }, (_, seed) => seed)

/** Puts data where a generation lies, whole and durably. */
async function put({ files }: Environment, place: string, text: string): Promise<void> {
  await files.makeDirectory(join(place, 'records'))
  const file = await files.open(join(place, 'records', 'data'), 'create')
  await file.write(Buffer.from(text), 0)
  await file.sync()
  await file.close()
  await files.syncDirectory(join(place, 'records'))
  await files.syncDirectory(place)
}

/** What the generation that counts has; `undefined` for nothing. */
async function counts({ files }: Environment, directory: StoreDirectory): Promise<string | undefined> {
  const path = join(directory.data, 'records', 'data')
  return (await files.stat(path)) && Buffer.from(await files.readFile(path)).toString()
}

async function begun(seed: string): Promise<{ machine: SimulatedMachine; directory: StoreDirectory }> {
  const machine = new SimulatedMachine({ seed })
  const directory = await StoreDirectory.take(machine.environment, PATH)
  await put(machine.environment, directory.data, 'old')
  return { machine, directory }
}

/** Stops the machine before an operation of its disk. */
function stopAt(machine: SimulatedMachine, operation: number, kind: 'crash' | 'powerCut'): void {
  const { disk } = machine
  const first = disk.operations
  disk.beforeOperation = ({ number }) => {
    if (number - first !== operation) return
    disk.beforeOperation = undefined
    machine[kind]()
  }
}

test.each(['crash', 'powerCut'] as const)(
  'what counts after a %s at any operation of a switch counts after a power cut too',
  async (kind) => {
    const seen = new Set<string>()
    for (let operation = 1, isOver = false; !isOver; operation++) {
      for (const seed of SEEDS) {
        const { machine, directory } = await begun(`${seed}/${operation}`)
        await put(machine.environment, await directory.beside(), 'new')
        stopAt(machine, operation, kind)
        isOver = await directory.switchBeside().then(
          () => true,
          () => false,
        )
        machine.disk.beforeOperation = undefined
        if (isOver) break
        const what = `seed ${seed}, ${kind} at operation ${operation}`
        const found = await counts(machine.environment, await StoreDirectory.take(machine.environment, PATH))
        expect(['old', 'new'], what).toContain(found)
        machine.powerCut()
        const kept = await counts(machine.environment, await StoreDirectory.take(machine.environment, PATH))
        expect(kept, what).toBe(found)
        seen.add(found as string)
      }
    }
    expect(seen).toEqual(new Set(['old', 'new']))
  },
)

test('a switch that failed late has switched nothing, and what it was to leads nowhere', async () => {
  for (let operation = 0, isOver = false; !isOver; operation++) {
    for (const seed of SEEDS) {
      const { machine, directory } = await begun(`${seed}/${operation}`)
      await put(machine.environment, await directory.beside(), 'new')
      machine.disk.failNext('syncDirectory', 'EIO', operation)
      isOver = await directory.switchBeside().then(
        () => true,
        () => false,
      )
      if (isOver) break
      const what = `seed ${seed}, sync ${operation}`
      expect(await counts(machine.environment, directory), what).toBe('old')
      // Another attempt, of which only a part came.
      await machine.environment.files.makeDirectory(join(await directory.beside(), 'records'))
      machine[seed % 2 === 0 ? 'crash' : 'powerCut']()
      const taken = await StoreDirectory.take(machine.environment, PATH)
      expect(await counts(machine.environment, taken), what).toBe('old')
    }
  }
})
