import type { OnReadOpts, Socket } from 'node:net'

/** Memory that a link reads into. */
const READ_BYTES = 256 * 1024

/**
 * Lets a socket read into the same memory again and again, and give that as its `data`: who dials is mostly a replica, to which nearly
 * everything comes. With memory of its own for each read, which the collector has to find, a snapshot took 20 MiB more.
 *
 * @param socketOf - the socket, for which this is the option `onread`
 */
export function steadyMemory(socketOf: () => Socket): OnReadOpts {
  return {
    buffer: Buffer.allocUnsafeSlow(READ_BYTES),
    callback(bytes, memory) {
      const socket = socketOf()
      const piece = Buffer.from(memory.buffer, memory.byteOffset, bytes)
      // TLS gives all it has decrypted, also to who has paused: that waits in the stream's own buffer, and what comes behind it too.
      if (socket.isPaused() || socket.readableLength > 0) socket.push(Buffer.from(piece))
      // Else past that buffer: whoever has the socket listens.
      else socket.emit('data', piece)
      return true
    },
  }
}
