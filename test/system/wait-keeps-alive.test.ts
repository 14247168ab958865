/** A process that has nothing to do but wait for an answer of the store gets one, instead of ending without a word. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const ENTRY = fileURLToPath(new URL('../../dist/index.js', import.meta.url))

/** What a module prints that has `store` and a collection `points` with the record `a`. */
function outputOf(call: string): { status: number | null; stdout: string } {
  const module = `
    import { VectorStore } from ${JSON.stringify(ENTRY)}
    const store = await VectorStore.open()
    const points = await store.createCollection('points', { dimensions: 1, metric: 'dot' })
    await points.upsert({ id: 'a', vector: [1] })
    const answer = await ${call}.then(() => 'none', (error) => error.code)
    console.log(answer)
  `
  const { status, stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', module], {
    encoding: 'utf8',
  })
  return { status, stdout: stdout.trim() }
}

test('a read waits for a position and times out', () => {
  const call = "points.get('a', { after: { epoch: 1, seq: 1_000 }, timeoutMs: 50 })"
  expect(outputOf(call)).toEqual({ status: 0, stdout: 'TIMEOUT' })
})

test('a write waits for more nodes and times out', () => {
  const call = "points.upsert({ id: 'b', vector: [2] }, { writeConcern: { w: 2, timeoutMs: 50 } })"
  expect(outputOf(call)).toEqual({ status: 0, stdout: 'WRITE_CONCERN_TIMEOUT' })
})
