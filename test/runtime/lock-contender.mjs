/** A process that locks directories on command: each line of input is a request, each line of output its answer. */
import { createInterface } from 'node:readline'
import { acquireDirectoryLock } from '../../dist/runtime/directory-lock.js'
import { nodeFiles } from '../../dist/runtime/node-files.js'
import { nodeRandom } from '../../dist/runtime/node-random.js'
import { nodeProcesses } from '../../dist/runtime/process-identity.js'

let lock
const requests = {
  async acquire(directory) {
    lock = await acquireDirectoryLock({
      files: nodeFiles,
      random: nodeRandom,
      processes: nodeProcesses,
      directory,
    })
    return 'acquired'
  },
  async release() {
    await lock?.release()
    lock = undefined
    return 'released'
  },
}

for await (const line of createInterface({ input: process.stdin })) {
  const [request, directory] = JSON.parse(line)
  const answer = await requests[request](directory).catch((error) => error.code)
  console.log(answer)
}
