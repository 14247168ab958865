/**
 * The file operations the store needs, and nothing more. One implementation is the machine's disk, another a
 * simulated disk that can be full, slow, torn or lose power; the store cannot tell them apart.
 *
 * Every failure is a Node-style `Error` with a `code` (`ENOENT`, `EEXIST`, `ENOSPC`, `EIO`, `EACCES`, …).
 */
export interface Files {
  /**
   * Opens a file for positioned reads and writes.
   *
   * @param mode - `'read'`: must exist; `'write'`: must exist; `'create'`: must not exist (`EEXIST`)
   */
  open(path: string, mode: 'read' | 'write' | 'create'): Promise<OpenFile>
  /** The whole content of a small file. */
  readFile(path: string): Promise<Uint8Array>
  /** Kind and size in bytes, or `undefined` when nothing is there. */
  stat(path: string): Promise<{ kind: 'file' | 'directory' | 'other'; size: number } | undefined>
  /** Names in a directory, sorted. */
  list(directory: string): Promise<string[]>
  /** Creates a directory and its parents; succeeds when it is already there. */
  makeDirectory(directory: string): Promise<void>
  /** Atomically replaces `to` by `from`. */
  rename(from: string, to: string): Promise<void>
  /** Atomically gives `from` a second name; `EEXIST` when `to` is taken. */
  link(from: string, to: string): Promise<void>
  /** Removes a file. */
  remove(path: string): Promise<void>
  /** Removes a directory and all it holds; succeeds when nothing is there. */
  removeTree(directory: string): Promise<void>
  /** Makes the names in a directory durable: creations, renames, removals. */
  syncDirectory(directory: string): Promise<void>
}

export interface OpenFile {
  size(): Promise<number>
  /** Reads up to `into.byteLength` bytes at `position`; returns how many there were (fewer only at the end). */
  read(into: Uint8Array, position: number): Promise<number>
  /** Writes all of `bytes` at `position`, off the event loop. */
  write(bytes: Uint8Array, position: number): Promise<void>
  /**
   * Writes all of `bytes` at `position` before it returns; then they are the caller's again. For small writes where a
   * thread hop costs more than the copy.
   */
  writeNow(bytes: Uint8Array, position: number): void
  /** Resolves once all written bytes are on stable storage (`fdatasync`). */
  sync(): Promise<void>
  /** The same before it returns. It holds the event loop: for disks that take less time than a thread hop. */
  syncNow(): void
  truncate(size: number): Promise<void>
  close(): Promise<void>
}
