/** Every options object of a call that takes time can carry a signal. */
export interface Abortable {
  /** Aborting rejects the call with `signal.reason`. A write that was already sequenced still takes effect. */
  readonly signal?: AbortSignal | undefined
}

/** How far a long call is. */
export interface Progress {
  /** Units done so far: records or vectors, or what the call names. */
  readonly done: number
  /** Units there are in all, as far as is known by now: it grows when there turns out to be more, and falls when some is not needed. */
  readonly total: number
  /** What is done at the moment, in a word, such as `'index'`. */
  readonly phase: string
}

/** Options of a call that reports how far it is. */
export interface Observable {
  readonly onProgress?: ((progress: Progress) => void) | undefined
}
