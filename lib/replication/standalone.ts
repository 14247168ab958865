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

  /** @internal Comes with a store. */
  constructor(source: { identity: LogIdentity; position: () => Position }) {
    this.#identity = source.identity
    this.#position = source.position
  }

  /** The history that positions of this store belong to. */
  get historyId(): string {
    return this.#identity.historyId
  }

  /** The newest position reads find. */
  get position(): Position {
    return { ...this.#position() }
  }

  getStatus(): ReplicationStatus {
    return { role: this.role, enabled: this.enabled, stats: null, replicas: null }
  }

  getReplicas(): null {
    return null
  }
}
