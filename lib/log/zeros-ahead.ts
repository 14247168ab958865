import type { OpenFile } from '../runtime/files.js'

/**
 * Zeros written ahead of small synced groups, so that a sync need not also journal a new file size: measured,
 * write + fdatasync of 1.3 KB into zeros takes 0.13 ms and at the end of a growing file 0.22 ms (ext4).
 */
const ZEROS = new Uint8Array(512 * 1024)

/** How far one log file holds zeros past its content. */
export class ZerosAhead {
  readonly #file: OpenFile
  #throughBytes = 0

  constructor(file: OpenFile) {
    this.#file = file
  }

  /**
   * Writes zeros when a small group would grow the file. A disk too full for them may still take the group.
   *
   * @param end - where the group will be written
   */
  reserve(end: number, bytes: number): void {
    if (end + bytes <= this.#throughBytes || bytes > ZEROS.byteLength / 4) return
    const from = Math.max(end, this.#throughBytes)
    try {
      this.#file.writeNow(ZEROS, from)
      this.#throughBytes = from + ZEROS.byteLength
    } catch {
      this.#throughBytes = Number.MAX_SAFE_INTEGER
    }
  }

  /** Takes them off the end of the content. */
  async drop(end: number): Promise<void> {
    if ((await this.#file.size()) === end) return
    await this.#file.truncate(end)
    await this.#file.sync()
  }
}
