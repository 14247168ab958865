import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ReplivecError, VectorStore } from '../../lib/index.js'

test('a commit is measured in bytes of UTF-8, so that what was acknowledged can be read back', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'replivec-large-'))
  const path = join(directory, 'store')
  const store = await VectorStore.open({ path })
  const notes = await store.createCollection<{ text?: string }>('notes', { dimensions: 1, metric: 'dot' })
  await notes.upsert(Array.from({ length: 180 }, (_, i) => ({ id: `${i}`, vector: [i] })))
  const text = '漢'.repeat(300_000)
  const wide = notes.update({ filter: {} }, { metadata: { text } })
  await expect(wide).rejects.toSatisfy((error) => ReplivecError.is(error, 'BATCH_TOO_LARGE'))
  const names = notes.update({ filter: {} }, { unset: ['z'.repeat(700_000) as 'text'] })
  await expect(names).rejects.toSatisfy((error) => ReplivecError.is(error, 'BATCH_TOO_LARGE'))
  const { position } = await notes.update({ filter: {} }, { metadata: { text: '漢'.repeat(100_000) } })
  await store.close()
  const again = await VectorStore.open({ path })
  expect(again.getStats().position).toEqual(position)
  expect(
    (await (await again.openCollection<{ text?: string }>('notes')).get('179'))?.metadata.text,
  ).toHaveLength(100_000)
  await again.close()
  await rm(directory, { recursive: true })
})
