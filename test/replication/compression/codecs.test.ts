import { constants } from 'node:zlib'
import { expect, test } from 'vitest'
import { CODEC_NAMES, loadCodecs } from '../../../lib/replication/compression/codecs.js'

const HERE = CODEC_NAMES.filter((name) => name !== 'zstd' || 'ZSTD_c_compressionLevel' in constants)

test('codecs are loaded in the order asked for, those that are not here are left out', async () => {
  expect([...(await loadCodecs(CODEC_NAMES)).keys()]).toEqual(HERE)
  expect([...(await loadCodecs([...CODEC_NAMES].reverse())).keys()]).toEqual([...HERE].reverse())
  expect([...(await loadCodecs([])).keys()]).toEqual([])
})

test('each is under its own name', async () => {
  for (const [name, codec] of await loadCodecs(CODEC_NAMES)) expect(codec.name).toBe(name)
})
