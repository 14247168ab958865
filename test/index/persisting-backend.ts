import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { IndexBackend } from '../../lib/index/backend.js'
import type { Files } from '../../lib/runtime/files.js'

/** Where such an index lies in its directory. */
export const INDEX_FILE = 'toy.bin'

/** A backend over another one, whose indexes can be opened again: the vectors lie in a file, and are built over anew. */
export function persisting(inner: IndexBackend, files: Files): IndexBackend {
  return {
    kind: `persisting ${inner.kind}`,
    supports: { ...inner.supports, persists: true },
    async build(input) {
      const { vectors, directory, signal } = input
      if (directory === undefined) throw new Error('there is no directory for the index')
      const bytes = new Uint8Array(vectors.buffer, 0, vectors.byteLength)
      const file = await files.open(join(directory, INDEX_FILE), 'create')
      try {
        await file.write(bytes, 0)
        await file.write(new Uint8Array(Uint32Array.of(crc32(bytes)).buffer), bytes.length)
        await file.sync()
      } finally {
        await file.close()
      }
      await files.syncDirectory(directory)
      signal.throwIfAborted()
      return inner.build(input)
    },
    async open({ directory, count, dimensions, metric }) {
      const bytes = (await files.readFile(join(directory, INDEX_FILE))).slice()
      const body = bytes.subarray(0, -4)
      if (new Uint32Array(bytes.slice(-4).buffer)[0] !== crc32(body)) throw new Error('the index is damaged')
      const vectors = new Float32Array(body.slice().buffer)
      if (vectors.length !== count * dimensions) throw new Error('the index is of other vectors')
      return inner.build({ vectors, count, dimensions, metric, signal: new AbortController().signal })
    },
  }
}
