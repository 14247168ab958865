/** A thread that sends back what it gets through a link, until it is told how to end. */
import process from 'node:process'
import { workerData } from 'node:worker_threads'
import { portLink } from '../../dist/transport/worker.js'

const link = portLink(workerData, { id: 'main' })
for await (const frame of link) {
  const word = frame.byteLength === 5 ? new TextDecoder().decode(frame) : ''
  if (word === 'close') await link.close()
  else if (word === 'break') await link.close(new Error('told to'))
  else if (word === 'leave') process.exit(0)
  else if (word === 'throw') throw new Error('told to')
  else await link.send(frame)
}
