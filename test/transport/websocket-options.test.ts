import { Agent, createServer } from 'node:http'
import { describe, expect, test } from 'vitest'
import { prepareWebSocketOptions, urlOf } from '../../lib/transport/websocket-options.js'

describe('the options of a WebSocket transport', () => {
  const server = createServer()

  test.each<[string, string | undefined, unknown]>([
    ['nothing at all', undefined, undefined],
    ['an array', undefined, []],
    ['no id', 'id', {}],
    ['an id with a space', 'id', { id: 'a b' }],
    ['an option that is unknown', 'port', { id: 'a', port: 1 }],
    ['a place to listen that is text', undefined, { id: 'a', listen: '127.0.0.1:80' }],
    ['a host that is none', 'listen.host', { id: 'a', listen: { host: '', port: 1 } }],
    ['a port over 65535', 'listen.port', { id: 'a', listen: { host: 'x', port: 65_536 } }],
    ['a server that is none', 'listen.server', { id: 'a', listen: { server: {} } }],
    ['a server that is missing', 'listen.server', { id: 'a', listen: { server: undefined } }],
    ['a server and a port', 'port', { id: 'a', listen: { server, port: 1 } }],
    [
      'a listener with TLS and no certificate',
      'tls.cert',
      { id: 'a', listen: { host: 'x', port: 1 }, tls: {} },
    ],
    ['TLS that is none', undefined, { id: 'a', tls: true }],
    ['a path without a slash', 'path', { id: 'a', path: 'links' }],
    ['a path with a query', 'path', { id: 'a', path: '/links?a' }],
    ['a path that is none', 'path', { id: 'a', path: null }],
    ['an agent that is none', 'agent', { id: 'a', agent: {} }],
    ['headers that are none', 'headers', { id: 'a', headers: ['a'] }],
    ['a header that is no text', 'headers', { id: 'a', headers: { a: 1 } }],
    ['a header with a space in its name', 'headers', { id: 'a', headers: { 'a b': '1' } }],
    ['a header with a line in it', 'headers', { id: 'a', headers: { a: '1\r\nb: 2' } }],
    ['pings that come too often', 'pingIntervalMs', { id: 'a', pingIntervalMs: 999 }],
    ['pings that never come', 'pingIntervalMs', { id: 'a', pingIntervalMs: Number.POSITIVE_INFINITY }],
    ['pings of text', 'pingIntervalMs', { id: 'a', pingIntervalMs: '5000' }],
    ['a trust that is a number', 'trustProxy', { id: 'a', trustProxy: 1 }],
    ['a channel binding that is bytes', 'channelBinding', { id: 'a', channelBinding: new Uint8Array(32) }],
    ['a clock that is none', 'clock', { id: 'a', clock: {} }],
  ])('refuse %s', (_, option, options) => {
    const details = option === undefined ? {} : { option }
    expect(() => prepareWebSocketOptions(options as never)).toThrow(
      expect.objectContaining({ code: 'OPTIONS_INVALID', details }),
    )
  })

  test('have defaults', () => {
    expect(prepareWebSocketOptions({ id: 'a' })).toMatchObject({
      path: '/replivec',
      headers: {},
      pingIntervalMs: 30_000,
      trustProxy: false,
      hasChannelBinding: true,
    })
  })

  test('keep what was given', () => {
    const agent = new Agent()
    const given = {
      id: 'a',
      listen: { server },
      path: '/',
      agent,
      headers: { a: '1' },
      channelBinding: false,
    }
    expect(prepareWebSocketOptions(given)).toMatchObject({
      listen: { server },
      path: '/',
      agent,
      headers: { a: '1' },
      hasChannelBinding: false,
    })
  })
})

describe('the address of a peer', () => {
  test.each([
    ['host:80', false, 'ws://host/links'],
    ['host:8080', false, 'ws://host:8080/links'],
    ['host:8080', true, 'wss://host:8080/links'],
    ['[::1]:8080', true, 'wss://[::1]:8080/links'],
    ['ws://host', false, 'ws://host/links'],
    ['WSS://host:1/', false, 'wss://host:1/'],
    ['wss://host?a=/b', true, 'wss://host/links?a=/b'],
    ['wss://host/a/b?c', true, 'wss://host/a/b?c'],
  ])('%s, with TLS asked for: %s, is dialed as %s', (address, isSecure, url) => {
    expect(urlOf(address, '/links', isSecure).href).toBe(url)
  })

  test.each([
    [undefined, /host:port/],
    ['', /host:port/],
    ['host', /host:port/],
    ['host:0', /host:port/],
    ['[fe80::1%eth0]:80', /without a zone/],
    ['http://host', /ws:\/\/ or wss:\/\//],
    ['unix:///tmp/x', /ws:\/\/ or wss:\/\//],
    ['ws+unix:///tmp/x', /ws:\/\/ or wss:\/\//],
    ['ws://', /ws:\/\/ or wss:\/\//],
    ['ws://host:99999', /ws:\/\/ or wss:\/\//],
    ['ws://host/a#b', /ws:\/\/ or wss:\/\//],
    ['ws://user:secret@host', /without a name and a password/],
  ])('%s is refused', (address, message) => {
    expect(() => urlOf(address, '/', false)).toThrow(
      expect.objectContaining({
        code: 'OPTIONS_INVALID',
        message: expect.stringMatching(message),
        details: { option: 'peer.address' },
      }),
    )
  })

  test('is not one without TLS where that was asked for', () => {
    expect(() => urlOf('ws://host', '/', true)).toThrow(
      expect.objectContaining({
        message: expect.stringContaining('wss://, because the option tls is given'),
      }),
    )
  })
})
