/** A WebSocket of which a test says every message, and what it needs of the other side of one. */
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type ClientOptions, WebSocket } from 'ws'
import type { Link } from '../../lib/replication/link.js'
import { encodeHelloMessage } from '../../lib/transport/stream-hello.js'

const MIB = 1024 * 1024

export const HELLO = encodeHelloMessage({ id: 'raw', maxFrameBytes: 16 * MIB })

/** Open, and with nothing said. */
export async function rawWebSocket(url: string, options: ClientOptions = {}): Promise<WebSocket> {
  const webSocket = new WebSocket(url, 'replivec.1', options).on('error', () => {})
  await once(webSocket, 'open')
  return webSocket
}

/** What an attempt to open one is answered with. */
export async function refusalOf(
  url: string,
  protocols: string[] = ['replivec.1'],
  options: ClientOptions = {},
): Promise<{ status: number; body: string }> {
  const webSocket = new WebSocket(url, protocols, options).on('error', () => {})
  const [, response] = await once(webSocket, 'unexpected-response')
  let body = ''
  for await (const piece of response) body += piece
  return { status: response.statusCode, body }
}

/** It has ended, or does now. */
export async function ended(webSocket: WebSocket): Promise<number> {
  const [code] = await once(webSocket, 'close')
  return code
}

export async function listening(server: Server = createServer(answer404)): Promise<Server> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}

export const answer404: RequestListener = (_, response) => void response.writeHead(404).end('not here')

export async function framesOf(link: Link): Promise<string[]> {
  const frames: string[] = []
  for await (const frame of link) frames.push(Buffer.from(frame).toString())
  return frames
}

/** What came before the link broke, and how that was told. */
export async function readToBreak(link: Link): Promise<{ frames: string[]; error: unknown }> {
  const frames: string[] = []
  try {
    for await (const frame of link) frames.push(Buffer.from(frame).toString())
  } catch (error) {
    return { frames, error }
  }
  throw new Error('The link ended cleanly.')
}
