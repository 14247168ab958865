/** A master in this process and replicas in processes of their own, linked by TCP over the loopback. */
import { fork } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { VectorStore } from '../dist/index.js'
import { PLAIN, transportOf } from './links.mjs'

const running = new Set()

/** A child whose parent is gone would go on. */
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/**
 * @param {string} path
 * @param {{ durability?: 'sync' | 'buffered', replication?: object, links?: import('./links.mjs').Links }} [options]
 */
export async function openMaster(path, { durability = 'sync', replication = {}, links = PLAIN } = {}) {
  const transport = transportOf('master', links, { host: '127.0.0.1', port: 0 })
  const store = await VectorStore.open({
    ...{ path, nodeId: 'master', durability },
    replication: { role: 'master', transport, ...replication },
  })
  return { store, address: transport.address }
}

/** Starts a replica's process. `ask(action, argument)` has it do something; see replica-process.mjs. */
export function startReplica(
  directory,
  id,
  address,
  { durability = 'sync', replication = {}, links = PLAIN } = {},
) {
  const options = JSON.stringify({ id, path: join(directory, id), address, durability, replication, links })
  const child = fork(fileURLToPath(new URL('replica-process.mjs', import.meta.url)), [options], {
    execArgv: ['--expose-gc'],
    serialization: 'advanced',
  })
  running.add(child)
  const waiting = new Map()
  let number = 0
  child.on('message', ({ number: answered, answer, error }) => {
    const { resolve, reject } = waiting.get(answered)
    waiting.delete(answered)
    if (error === undefined) resolve(answer)
    else reject(new Error(`${id}: ${error}`))
  })
  const exited = new Promise((resolve) => {
    child.on('exit', (code, signal) => {
      running.delete(child)
      for (const { reject } of waiting.values()) reject(new Error(`${id} ended with ${signal ?? code}.`))
      resolve()
    })
  })
  const ask = (action, argument = null) =>
    new Promise((resolve, reject) => {
      number += 1
      waiting.set(number, { resolve, reject })
      child.send({ number, action, argument })
    })
  return {
    id,
    pid: child.pid,
    ask,
    async close() {
      await ask('close')
      await exited
    },
    async kill() {
      child.kill('SIGKILL')
      await exited
    },
  }
}
