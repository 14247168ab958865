/** Time as the store sees it. Everything that waits or stamps goes through a `Clock`, so a test can own time. */
export interface Clock {
  /** Wall time in milliseconds since the Unix epoch. May jump; used for stamps only. */
  now(): number
  /** Milliseconds since an arbitrary start; never goes back. Used for every duration. */
  monotonic(): number
  /** Calls `run` once after `delayMs`; the returned function cancels it. Does not keep the process alive. */
  timer(run: () => void, delayMs: number): () => void
  /** Resolves after other pending work of the event loop has had its turn. */
  yield(): Promise<void>
}
