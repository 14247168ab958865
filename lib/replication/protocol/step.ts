/** What a protocol machine does with one event: its next state, and what is to be done outside. */
export interface Step<State, Effect> {
  readonly state: State
  readonly effects: readonly Effect[]
}

/** Nothing is to be done. */
export const NOTHING: readonly never[] = []

/** A code of replivec's errors with what a person needs to know; `ReplivecError` is made of it outside. */
export interface Failure {
  readonly code:
    | 'PEER_REFUSED'
    | 'PROTOCOL_VIOLATED'
    | 'STALE_EPOCH'
    | 'HISTORY_MISMATCH'
    | 'TIMEOUT'
    | 'POSITION_LOST'
  readonly reason: string
  readonly message: string
}
