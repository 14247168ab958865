import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import type { SeededRandom } from '../../lib/testing/seeded-random.js'

export type Fault = 'stall' | 'drop' | 'cut' | 'end'

export interface ProxyOptions {
  readonly random: SeededRandom
  /** How fast bytes get through in each direction; without it as fast as they come. */
  readonly bytesPerMs?: number
  /** Bytes in each direction between two faults, in the mean. */
  readonly faultEveryBytes: { readonly up: number; readonly down: number }
}

/** In turn, so that all come up. */
const FAULTS: readonly Fault[] = ['drop', 'stall', 'cut', 'stall', 'end']
const STALL_MS_MAX = 300

/** A place to dial that leads somewhere else, on bad ways: real connections that stall, drop, and lose one direction. */
export class TcpProxy {
  /** What happened how often. */
  readonly faults: Record<Fault, number> = { stall: 0, drop: 0, cut: 0, end: 0 }
  /** Whom it leads to; nobody can be reached without. */
  target: number | undefined
  isFaulty = false
  readonly options: ProxyOptions
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #held: (() => void)[] = []
  #isHeld = false
  #nextFault: number

  constructor(options: ProxyOptions) {
    this.options = options
    this.#nextFault = options.random.int(FAULTS.length)
    this.#server = createServer({ noDelay: true, allowHalfOpen: true }, (near) => this.#join(near))
  }

  /** @returns its address */
  async listen(): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen({ host: '127.0.0.1', port: 0 }, resolve)
    })
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Nothing gets through, in either direction and on connections that come, until `release`. */
  hold(): void {
    this.#isHeld = true
  }

  release(): void {
    this.#isHeld = false
    for (const resume of this.#held.splice(0)) resume()
  }

  /** Runs `resume` as soon as bytes may pass: now, or at the `release`. @returns whether that is now */
  whenFree(resume: () => void): boolean {
    if (this.#isHeld) this.#held.push(resume)
    return !this.#isHeld
  }

  nextFault(): Fault {
    const fault = FAULTS[this.#nextFault++ % FAULTS.length] as Fault
    this.faults[fault] += 1
    return fault
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #join(near: Socket): void {
    const { target: port } = this
    if (port === undefined) return void near.destroy()
    const far = connect({ host: '127.0.0.1', port, noDelay: true, allowHalfOpen: true })
    const both = [near, far]
    const destroy = (): void => {
      for (const socket of both) socket.destroy()
    }
    for (const socket of both) {
      this.#sockets.add(socket)
      // Why it broke is told to the other side by its end.
      socket.on('error', destroy)
      socket.on('close', () => {
        this.#sockets.delete(socket)
        destroy()
      })
    }
    const { up, down } = this.options.faultEveryBytes
    new Direction(this, near, far, up, destroy)
    new Direction(this, far, near, down, destroy)
  }
}

/** What is sent one way over one connection. */
class Direction {
  readonly #proxy: TcpProxy
  readonly #from: Socket
  readonly #to: Socket
  readonly #everyBytes: number
  readonly #destroy: () => void
  #bytesToFault: number
  /** The direction is dead: both ends think that it is there. */
  #isCut = false

  constructor(proxy: TcpProxy, from: Socket, to: Socket, everyBytes: number, destroy: () => void) {
    this.#proxy = proxy
    this.#from = from
    this.#to = to
    this.#everyBytes = everyBytes
    this.#destroy = destroy
    this.#bytesToFault = this.#nextFault()
    from.on('data', (chunk: Buffer) => {
      if (this.#isCut) return
      from.pause()
      if (proxy.whenFree(() => this.#pass(chunk))) this.#pass(chunk)
    })
    from.on('end', () => {
      if (!this.#isCut) to.end()
    })
  }

  #nextFault(): number {
    return 1 + this.#proxy.options.random.int(2 * this.#everyBytes)
  }

  #pass(chunk: Buffer): void {
    const { options } = this.#proxy
    if (this.#to.destroyed || this.#to.writableEnded) return void this.#from.resume()
    this.#bytesToFault -= chunk.length
    if (this.#bytesToFault <= 0) {
      this.#bytesToFault = this.#nextFault()
      if (this.#proxy.isFaulty) return void this.#fail(chunk)
    }
    const hasRoom = this.#to.write(chunk)
    const { bytesPerMs } = options
    const goOn = (): void => {
      if (bytesPerMs === undefined) this.#from.resume()
      else setTimeout(() => this.#from.resume(), chunk.length / bytesPerMs)
    }
    if (hasRoom) goOn()
    else this.#to.once('drain', goOn)
  }

  /** Whatever goes wrong does so amid a chunk. */
  #fail(chunk: Buffer): void {
    const { random } = this.#proxy.options
    const fault = this.#proxy.nextFault()
    const place = random.int(chunk.length)
    this.#to.write(chunk.subarray(0, place))
    if (fault === 'drop') return void this.#destroy()
    if (fault === 'stall') {
      setTimeout(() => {
        if (!this.#to.destroyed) this.#to.write(chunk.subarray(place))
        this.#from.resume()
      }, random.int(STALL_MS_MAX))
      return
    }
    this.#isCut = true
    if (fault === 'end') this.#to.end()
    this.#from.resume()
  }
}
