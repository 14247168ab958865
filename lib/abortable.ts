/** Every options object of a call that takes time can carry a signal. */
export interface Abortable {
  /** Aborting rejects the call with `signal.reason`. A write that was already sequenced still takes effect. */
  readonly signal?: AbortSignal | undefined
}

/** How far a long call is. */
export interface Progress {
  readonly done: number
  readonly total: number
  readonly phase: string
}

/** Options of a call that reports how far it is. */
export interface Observable {
  readonly onProgress?: ((progress: Progress) => void) | undefined
}
