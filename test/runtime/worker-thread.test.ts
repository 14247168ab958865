import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { WorkerThread, workerEntry } from '../../lib/runtime/worker-thread.js'

const entry = new URL('./echo-worker.mjs', import.meta.url)

describe('a worker thread', () => {
  test('answers each request with its own answer, and ends', async () => {
    const worker = new WorkerThread(entry)
    const answers = await Promise.all([1, 2, 3].map((value) => worker.request({ value })))
    expect(answers).toEqual([{ value: 1 }, { value: 2 }, { value: 3 }])
    await worker.close()
    await worker.close()
  })

  test('rejects with what its handler threw, and goes on', async () => {
    const worker = new WorkerThread(entry)
    await expect(worker.request({ fail: 'no answer to that' })).rejects.toThrow('no answer to that')
    await expect(worker.request({ uncloneable: true })).rejects.toThrow(/could not be cloned/)
    expect(await worker.request({ value: 1 })).toEqual({ value: 1 })
    await worker.close()
  })

  test('that dies rejects what waits, and the next request starts another', async () => {
    const worker = new WorkerThread(entry)
    const [dying, waiting] = [worker.request({ exit: 3 }), worker.request({ value: 1 })]
    await expect(dying).rejects.toThrow(/ended unasked \(exit code 3\)/)
    await expect(waiting).rejects.toThrow(/ended unasked/)
    expect(await worker.request({ value: 2 })).toEqual({ value: 2 })
    await worker.close()
  })

  test('whose module is broken says so', async () => {
    const worker = new WorkerThread(new URL('data:text/javascript,throw new Error("broken module")'))
    await expect(worker.request({ value: 1 })).rejects.toMatchObject({ cause: { message: 'broken module' } })
    await worker.close()
  })

  test('that was never asked has nothing to close', async () => {
    await new WorkerThread(entry).close()
  })

  test('finishes what it was asked before it ends', async () => {
    const worker = new WorkerThread(entry)
    const answer = worker.request({ value: 5 })
    await worker.close()
    expect(await answer).toEqual({ value: 5 })
  })
})

test.each([[['--input-type=module', '-e']], [['--input-type', 'module', '--no-warnings', '--eval']]])(
  'a worker thread starts whatever flags its process was started with (%s)',
  (flags) => {
    const built = new URL('../../dist/runtime/worker-thread.js', import.meta.url)
    const code = `
    import { WorkerThread } from ${JSON.stringify(built)}
    const worker = new WorkerThread(new URL(${JSON.stringify(entry)}))
    console.log(JSON.stringify(await worker.request({ value: 1 })))
    await worker.close()`
    const { stdout, stderr } = spawnSync(process.execPath, [...flags, code], { encoding: 'utf8' })
    expect({ stdout, stderr }).toEqual({ stdout: '{"value":1}\n', stderr: '' })
  },
)

test('the module of a worker lies beside the module that asks, or is the built one', () => {
  const of = (module: string) => fileURLToPath(workerEntry(module, './graph-worker.js'))
  expect(of('file:///app/node_modules/replivec/dist/index/backends/graph.js')).toBe(
    '/app/node_modules/replivec/dist/index/backends/graph-worker.js',
  )
  expect(of('file:///lib/replivec/lib/index/backends/graph.ts')).toBe(
    '/lib/replivec/dist/index/backends/graph-worker.js',
  )
})
