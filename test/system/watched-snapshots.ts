import type { Files, OpenFile } from '../../lib/runtime/files.js'
import { nodeFiles } from '../../lib/runtime/node-files.js'
import { systemError } from '../../lib/runtime/system-error.js'

/** The machine's disk, where the writing of snapshots can be held and can fail. */
export class WatchedSnapshots {
  /** How often it failed. */
  failures = 0
  #hold: { afterBytes: number; released: Promise<void> } | undefined
  #failure: { afterBytes: number; code: string } | undefined

  get files(): Files {
    return { ...nodeFiles, open: (path, mode) => this.#open(path, mode) }
  }

  /** Keeps back what is written from a byte on until it is released. */
  holdAfter(afterBytes: number): { release(): void } {
    let release = (): void => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    this.#hold = { afterBytes, released }
    return { release }
  }

  /** The next file fails once at a byte. */
  failAfter(afterBytes: number, code: string): void {
    this.#failure = { afterBytes, code }
  }

  async #open(path: string, mode: 'read' | 'write' | 'create'): Promise<OpenFile> {
    const file = await nodeFiles.open(path, mode)
    if (!path.endsWith('.snapshot.partial')) return file
    const write = async (bytes: Uint8Array, position: number): Promise<void> => {
      const end = position + bytes.byteLength
      if (this.#hold && end > this.#hold.afterBytes) await this.#hold.released
      if (this.#failure && end > this.#failure.afterBytes) {
        const { code } = this.#failure
        this.#failure = undefined
        this.failures += 1
        throw systemError(code, 'write', path)
      }
      await file.write(bytes, position)
    }
    return {
      size: () => file.size(),
      read: (into, position) => file.read(into, position),
      write,
      writeNow: (bytes, position) => file.writeNow(bytes, position),
      sync: () => file.sync(),
      syncNow: () => file.syncNow(),
      truncate: (size) => file.truncate(size),
      close: () => file.close(),
    }
  }
}
