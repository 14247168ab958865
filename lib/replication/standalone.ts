import type { LogIdentity, Position } from '../log/position.js'
import { notHere } from './wrong-role.js'
import type { Replication, ReplicationStatus, WaitOptions } from './replication.js'

export interface StandaloneHost {
  readonly identity: () => LogIdentity
  readonly position: () => Position
  waitUntilVisible(position: Position, options: WaitOptions): Promise<void>
  /** @throws `CLOSED` */
  readonly assertOpen: () => void
}

const ALONE = 'this store stands alone; open it with replication: { role: … }'

/** The replication of a store that has no replicas and follows nobody. */
export class StandaloneReplication implements Replication {
  readonly role = 'standalone'
  readonly enabled = false
  readonly #host: StandaloneHost

  /** @internal Comes with a store. */
  constructor(host: StandaloneHost) {
    this.#host = host
  }

  get historyId(): string {
    return this.#host.identity().historyId
  }

  get position(): Position {
    return { ...this.#host.position() }
  }

  getStatus(): ReplicationStatus {
    this.#host.assertOpen()
    return { role: this.role, enabled: this.enabled, stats: null, replicas: null }
  }

  getStats(): null {
    this.#host.assertOpen()
    return null
  }

  getReplicas(): null {
    this.#host.assertOpen()
    return null
  }

  async waitFor(position?: Position, options: WaitOptions = {}): Promise<void> {
    this.#host.assertOpen()
    await this.#host.waitUntilVisible(position ?? this.#host.position(), options)
  }

  async accept(): Promise<void> {
    throw notHere('accept', ALONE)
  }

  follow(): void {
    throw notHere('follow', ALONE)
  }

  resync(): void {
    throw notHere('resync', ALONE)
  }

  forget(): void {
    throw notHere('forget', ALONE)
  }

  setSecret(): void {
    throw notHere('setSecret', ALONE)
  }

  pause(): void {
    throw notHere('pause', ALONE)
  }

  resume(): void {
    throw notHere('resume', ALONE)
  }
}
