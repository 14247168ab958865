/** Kinds of links between the processes of a benchmark. */
import { createAuthority } from '../examples/certificates.mjs'
import { tcp } from '../dist/transport/tcp.js'
import { webSocket } from '../dist/transport/websocket.js'

/** @typedef {{ kind: 'tcp' | 'websocket', tls?: Record<string, { ca: string, cert: string, key: string }> }} Links */

/** @type {Links} */
export const PLAIN = { kind: 'tcp' }
/** @type {Links} */
export const WEB_SOCKET = { kind: 'websocket' }

/** TCP under mutual TLS. @returns {Promise<Links>} */
export async function encrypted() {
  const authority = await createAuthority()
  const of = async (id) => ({ ...(await authority.issue(id)), ca: authority.ca })
  return { kind: 'tcp', tls: { master: await of('master'), replica: await of('replica') } }
}

/** @param {string} id @param {Links} links @param {{ host: string, port: number }} [listen] */
export function transportOf(id, { kind, tls }, listen) {
  const options = { id, listen, ...(tls ? { tls: tls[id] } : {}) }
  return kind === 'tcp' ? tcp(options) : webSocket(options)
}
