import { expect, test } from 'vitest'
import { VectorStore } from '../../lib/store/vector-store.js'
import { SimulatedMachine } from '../../lib/testing/simulated-machine.js'

const OPTIONS = { path: '/data', durability: 'buffered' } as const

async function written(machine: SimulatedMachine): Promise<VectorStore> {
  const store = await VectorStore.openIn(machine.environment, OPTIONS)
  const notes = await store.createCollection('notes', { dimensions: 2, metric: 'dot' })
  await notes.upsert({ id: 'a', vector: [1, 2], metadata: { kept: true } })
  return store
}

test('a crash ends the process and keeps what it wrote', async () => {
  const machine = new SimulatedMachine({ seed: 1 })
  const store = await written(machine)
  machine.crash()
  await expect(store.createCollection('late', { dimensions: 2, metric: 'dot' })).rejects.toMatchObject({
    code: 'STORAGE_FAILED',
  })
  const again = await VectorStore.openIn(machine.environment, OPTIONS)
  expect(again.listCollections().map(({ name }) => name)).toEqual(['notes'])
  const notes = await again.openCollection('notes')
  expect(await notes.get('a', { includeVector: true })).toEqual({
    id: 'a',
    vector: Float32Array.of(1, 2),
    metadata: { kept: true },
  })
  await again.close()
})

test('a power cut takes, with some seeds, what was not synced', async () => {
  const seen = new Set<string>()
  for (let seed = 0; seed < 40; seed++) {
    const machine = new SimulatedMachine({ seed })
    await written(machine)
    machine.powerCut()
    const again = await VectorStore.openIn(machine.environment, OPTIONS)
    seen.add(
      again
        .listCollections()
        .map(({ name }) => name)
        .join(),
    )
    await again.close()
  }
  expect([...seen].sort()).toEqual(['', 'notes'])
})

test('a second store of the running process is kept out, one of a dead process is not in the way', async () => {
  const machine = new SimulatedMachine({ seed: 1 })
  await written(machine)
  await expect(VectorStore.openIn(machine.environment, OPTIONS)).rejects.toMatchObject({ code: 'LOCKED' })
  machine.powerCut()
  const again = await VectorStore.openIn(machine.environment, OPTIONS)
  await again.close()
})

test('timers of a dead process never fire', async () => {
  const machine = new SimulatedMachine({ seed: 1 })
  const fired: string[] = []
  machine.environment.clock.timer(() => fired.push('dead'), 10)
  const cancel = machine.environment.clock.timer(() => fired.push('cancelled'), 10)
  cancel()
  machine.crash()
  machine.environment.clock.timer(() => fired.push('alive'), 10)
  await machine.clock.advance(20)
  expect(fired).toEqual(['alive'])
})

test('a process is busy now and then, as the seed says, and its time never goes back', () => {
  const times = (seed: number): number[] => {
    const { clock } = new SimulatedMachine({ seed }).environment
    return Array.from({ length: 200 }, () => clock.monotonic())
  }
  const one = times(1)
  expect(one).toEqual(times(1))
  expect(one).not.toEqual(times(2))
  expect(one).toEqual(one.toSorted((a, b) => a - b))
  expect(one.at(-1)).toBeGreaterThan(10)
})
