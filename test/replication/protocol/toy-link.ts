import type { Message } from '../../../lib/replication/protocol/messages.js'

/** The two ends of a link are told apart by who holds them. */
export type End = 'master' | 'replica'

/** `'end'`: whoever sent it closed the link after what lies before. */
export type Parcel = Message | 'end'

export function otherEnd(end: End): End {
  return end === 'master' ? 'replica' : 'master'
}

/** Two queues of messages. What is sent waits until a scenario delivers it. */
export class ToyLink {
  readonly replica: string
  readonly master: string
  /** What travels towards an end. */
  readonly queues: Record<End, Parcel[]> = { master: [], replica: [] }
  /** Nothing arrives at these ends, and nobody is told. */
  readonly blocked: Record<End, boolean> = { master: false, replica: false }
  /** Something on its way was lost or changed: no link does that and lives on. */
  isUntrue = false
  /** An end that is closed takes nothing and says nothing. */
  readonly closed: Record<End, boolean> = { master: false, replica: false }

  constructor(replica: string, master: string) {
    this.replica = replica
    this.master = master
  }

  get isOver(): boolean {
    return this.closed.master && this.closed.replica
  }

  send(from: End, message: Message): void {
    if (!this.closed[from]) this.queues[otherEnd(from)].push(message)
  }

  /** What was sent before still arrives. */
  close(end: End): void {
    if (this.closed[end]) return
    this.queues[otherEnd(end)].push('end')
    this.closed[end] = true
    this.queues[end] = []
  }

  /** The next parcel for an end, if one may arrive. */
  take(end: End): Parcel | undefined {
    if (this.blocked[end] || this.closed[end]) return undefined
    return this.queues[end].shift()
  }

  /** Everything on its way is lost. */
  breakOff(): void {
    for (const end of ['master', 'replica'] as const) this.queues[end] = []
  }
}
