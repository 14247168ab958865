/**
 * Links of your own over any duplex stream (a socket, a child's standard input and output, a tunnel), in under sixty lines, and the
 * conformance suite of `replivec/testing` that they pass. own-transport.mjs makes a transport of them.
 */
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { after, describe, test } from 'node:test'
import { ReplivecError } from 'replivec'
import { testTransport } from 'replivec/testing'

const [MAX, END] = [1024 * 1024, 0xffff_ffff]
export const failed = (cause) =>
  new ReplivecError('TRANSPORT_FAILED', `No link: ${cause?.message}`, { cause })

/** Length and content of a frame go over as one piece; a length that is none marks a clean end. */
function packed(length, frame = Buffer.alloc(0)) {
  const header = Buffer.alloc(4)
  header.writeUInt32LE(length)
  return Buffer.concat([header, frame])
}

/** @param firstMax - bytes that the first frame may have */
export async function* framesOf(stream, firstMax = MAX) {
  let [rest, max] = [Buffer.alloc(0), firstMax]
  for await (const piece of stream) {
    for (rest = Buffer.concat([rest, piece]); rest.length >= 4; max = MAX) {
      const length = rest.readUInt32LE()
      if (length === END) return
      if (length > max) throw new Error(`A frame of ${length} bytes was announced.`)
      if (rest.length < 4 + length) break
      yield Uint8Array.from(rest.subarray(4, 4 + length))
      rest = rest.subarray(4 + length)
    }
  }
  throw new Error('The stream ended without saying so.')
}

export class StreamLink {
  maxFrameBytes = MAX
  #end
  #isIterated = false

  constructor(stream, peer, frames = framesOf(stream)) {
    this.stream = stream.on('error', () => {}) // whoever reads or sends is told
    this.peer = peer
    this.frames = frames
  }

  async send(frame) {
    if (frame.byteLength > MAX) throw new ReplivecError('FRAME_TOO_LARGE', 'Send it in parts.')
    const error = await new Promise((taken) => this.stream.write(packed(frame.byteLength, frame), taken))
    if (error || this.stream.destroyed) throw failed(error) // what is destroyed meanwhile says no error
  }

  async close(reason) {
    const { stream } = this
    this.#end ??= reason ? 'broken' : 'clean'
    if (this.#end === 'broken') stream.destroy()
    else if (!stream.writableEnded) stream.end(packed(END), () => stream.destroy())
    // An end behind frames that nobody takes would wait for ever.
    setTimeout(() => stream.destroy(), 1_000).unref()
    if (!stream.closed) await new Promise((closed) => stream.once('close', closed))
  }

  async *[Symbol.asyncIterator]() {
    if (this.#isIterated) throw failed(new Error('it is iterated already'))
    this.#isIterated = true
    try {
      yield* this.frames
    } catch (error) {
      if (this.#end !== 'clean') throw failed(error)
    }
  }

  [Symbol.asyncDispose]() {
    return this.close()
  }
}

// Where this file is run and not imported: is it right?
if (process.argv[1].endsWith('own-link.mjs')) {
  const address = process.platform === 'win32' ? `\\\\.\\pipe\\replivec-${process.pid}` : 'link.socket'
  const server = createServer().listen(address)
  after(() => server.close())
  const makePair = async () => {
    const near = connect(address)
    const [far] = await once(server, 'connection')
    const ends = [new StreamLink(near, { id: 'far' }), new StreamLink(far, { id: 'near' })]
    return { ends, cut: () => far.destroy() }
  }
  testTransport('streams', makePair, { describe, test })
}
