import type { Files, OpenFile } from '../../lib/runtime/files.js'

/** How much was read of segments through `countedFiles`. */
export interface ReadCount {
  bytes: number
  /** The most at once. */
  largest: number
}

/** Files that count what is read of them. */
export function countedFiles(files: Files, count: ReadCount): Files {
  const counted = (file: OpenFile): OpenFile =>
    new Proxy(file, {
      get(target, name: keyof OpenFile) {
        if (name !== 'read') return target[name]?.bind(target)
        return async (into: Uint8Array, position: number) => {
          count.bytes += into.byteLength
          count.largest = Math.max(count.largest, into.byteLength)
          return target.read(into, position)
        }
      },
    })
  return new Proxy(files, {
    get(target, name: keyof Files) {
      if (name !== 'open') return target[name]?.bind(target)
      return async (...given: Parameters<Files['open']>) => counted(await target.open(...given))
    },
  })
}
