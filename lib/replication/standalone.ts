import type { LogIdentity, Position } from '../log/position.js'

/** What replication is doing. */
export interface ReplicationStatus {
  readonly role: 'standalone'
  readonly enabled: boolean
  readonly stats: null
  readonly replicas: null
}

/** The replication of a store that has no replicas and follows nobody. */
export class StandaloneReplication {
  readonly role = 'standalone'
  readonly enabled = false
  readonly #identity: LogIdentity
  readonly #position: () => Position
  readonly #assertOpen: () => void

  /** @internal Comes with a store. */
  constructor(source: { identity: LogIdentity; position: () => Position; assertOpen: () => void }) {
    this.#identity = source.identity
    this.#position = source.position
    this.#assertOpen = source.assertOpen
  }

  /** The history that positions of this store belong to. */
  get historyId(): string {
    return this.#identity.historyId
  }

  /** The newest position reads find. */
  get position(): Position {
    return { ...this.#position() }
  }

  /** @throws `CLOSED` */
  getStatus(): ReplicationStatus {
    this.#assertOpen()
    return { role: this.role, enabled: this.enabled, stats: null, replicas: null }
  }

  /** @throws `CLOSED` */
  getReplicas(): null {
    this.#assertOpen()
    return null
  }
}
