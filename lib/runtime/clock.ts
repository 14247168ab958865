/** Time as the store sees it. Everything that waits or stamps goes through a `Clock`, so a test can own time. */
export interface Clock {
  /** Wall time in milliseconds since the Unix epoch. May jump; used for stamps only. */
  now(): number
  /** Milliseconds since an arbitrary start; never goes back. Used for every duration. */
  monotonic(): number
  /**
   * Calls `run` once after `delayMs`; the returned function cancels it. Keeps the process alive only when asked to: a
   * caller who awaits the outcome must get one.
   */
  timer(run: () => void, delayMs: number, keepsAlive?: boolean): () => void
  /** Resolves after other pending work of the event loop has had its turn. */
  yield(): Promise<void>
}
