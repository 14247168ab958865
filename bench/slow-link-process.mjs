/**
 * A TCP connection that carries so many bytes a second in each direction, in a process of its own:
 * `node slow-link-process.mjs <host:port> <bytes a second>`. Tells its parent the port to dial.
 */
import { connect, createServer } from 'node:net'
import { performance } from 'node:perf_hooks'
import process, { argv } from 'node:process'

const [host, port] = argv[2].split(':')
const bytesPerMs = Number(argv[3]) / 1_000
/** As much as a link of this speed has on its way. */
const BURST_MS = 5

const server = createServer({ noDelay: true }, (near) => {
  const far = connect({ host, port: Number(port), noDelay: true })
  carry(near, far)
  carry(far, near)
})
server.listen({ host: '127.0.0.1', port: 0 }, () => process.send(server.address().port))
process.on('disconnect', () => process.exit())

function carry(from, to) {
  let freeAtMs = 0
  from.on('error', () => to.destroy()).on('close', () => to.end())
  from.on('data', (piece) => {
    const nowMs = performance.now()
    freeAtMs = Math.max(freeAtMs, nowMs - BURST_MS) + piece.byteLength / bytesPerMs
    const isTaken = to.write(piece)
    if (freeAtMs <= nowMs && isTaken) return
    from.pause()
    setTimeout(
      () => (to.writableNeedDrain ? to.once('drain', () => from.resume()) : from.resume()),
      freeAtMs - nowMs,
    )
  })
}
