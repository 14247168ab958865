import { readFrame } from '../log/frame.js'
import { replivec } from '../log/schema.js'
import { decodeMessage } from '../log/codec.js'
import type { Files, OpenFile } from '../runtime/files.js'

/** A segment's header begins after these; see `lib/log/segment.ts`. */
const PREAMBLE_BYTES = 16
const MAGIC = 0x474c5652
const SEGMENT = /^(.*)[\\/]log[\\/](\d{16}\.log)(\.tmp)?$/

/** Told of a frame: the history, the directory of its log, the bytes. */
export type FrameWritten = (history: string, generation: string, frame: Uint8Array) => void

/** Sees every commit that a node writes into its log, before it is written. */
export class LogWatch {
  /** The history that each segment belongs to, by path. */
  readonly #histories = new Map<string, string>()

  /** Files of one process, watched. @param written - told of each frame */
  watched(files: Files, written: FrameWritten): Files {
    const open = async (path: string, mode: 'read' | 'write' | 'create'): Promise<OpenFile> => {
      const file = await files.open(path, mode)
      const [, generation, name] = SEGMENT.exec(path) ?? []
      if (mode === 'read' || generation === undefined) return file
      const segment = `${generation}/${name}`
      return this.#watchedFile(file, (bytes, position) => {
        this.#look(bytes, position, { generation, segment, written })
      })
    }
    return new Proxy(files, {
      get: (target, property) => {
        if (property === 'open') return open
        const value = Reflect.get(target, property)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
  }

  #watchedFile(file: OpenFile, look: (bytes: Uint8Array, position: number) => void): OpenFile {
    return {
      size: () => file.size(),
      read: (into, position) => file.read(into, position),
      write: (bytes, position) => {
        look(bytes, position)
        return file.write(bytes, position)
      },
      writeNow: (bytes, position) => {
        look(bytes, position)
        file.writeNow(bytes, position)
      },
      sync: () => file.sync(),
      syncNow: () => file.syncNow(),
      truncate: (size) => file.truncate(size),
      close: () => file.close(),
    }
  }

  #look(
    bytes: Uint8Array,
    position: number,
    { generation, segment, written }: { generation: string; segment: string; written: FrameWritten },
  ): void {
    if (position === 0) {
      this.#histories.set(segment, historyOf(bytes))
      return
    }
    for (let at = 0; at < bytes.byteLength; ) {
      const reading = readFrame(bytes, at)
      if (reading.kind !== 'frame') return
      const frame = bytes.slice(at, reading.end)
      at = reading.end
      if (!reading.mark) written(this.#histories.get(segment) ?? '', generation, frame)
    }
  }
}

function historyOf(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.byteLength < PREAMBLE_BYTES || view.getUint32(0, true) !== MAGIC) return ''
  const end = PREAMBLE_BYTES + view.getUint32(8, true)
  return decodeMessage(replivec.v1.SegmentHeader, bytes.subarray(PREAMBLE_BYTES, end)).historyId
}
