import { expect, test } from 'vitest'
import { FileGrowth } from '../../lib/store/file-growth.js'

/** The names of the readers that were told, in order. */
function readers(growth: FileGrowth): { told: string[]; wait(name: string, bytes: number): void } {
  const told: string[] = []
  return {
    told,
    wait(name, bytes) {
      growth.reaches(bytes).then(
        () => told.push(name),
        (error: Error) => told.push(`${name}: ${error.message}`),
      )
    },
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('readers wait until there is as much as they want', async () => {
  const growth = new FileGrowth()
  const { told, wait } = readers(growth)
  wait('one', 10)
  wait('two', 20)
  wait('nothing', 0)
  await turn()
  expect(told).toEqual(['nothing'])
  growth.grown(19, false)
  await turn()
  expect(told).toEqual(['nothing', 'one'])
  expect([growth.bytes, growth.isWhole]).toEqual([19, false])
  growth.grown(20, false)
  wait('three', 20)
  await turn()
  expect(told).toEqual(['nothing', 'one', 'two', 'three'])
})

test('the end is as much as there will be', async () => {
  const growth = new FileGrowth()
  const { told, wait } = readers(growth)
  wait('one', 1_000)
  growth.grown(12, true)
  wait('two', 1_000)
  await turn()
  expect(told).toEqual(['one', 'two'])
  expect([growth.bytes, growth.isWhole]).toEqual([12, true])
})

test('a file that is there already needs no waiting', async () => {
  const growth = new FileGrowth(0)
  const { told, wait } = readers(growth)
  wait('one', 1)
  await turn()
  expect(told).toEqual(['one'])
  expect([growth.bytes, growth.isWhole]).toEqual([0, true])
})

test('readers are told of a failure, those that come later too', async () => {
  const growth = new FileGrowth()
  const { told, wait } = readers(growth)
  growth.grown(5, false)
  wait('one', 6)
  growth.failed(new Error('the disk is full'))
  wait('two', 1)
  await turn()
  expect(told).toEqual(['one: the disk is full', 'two: the disk is full'])
})
