import { describe, expect, test } from 'vitest'
import { isLoopback, placeOf, sourceOf } from '../../lib/replication/link-place.js'

/** Where a peer is counted that came from an address. */
const source = (address: string) => sourceOf({ id: 'claimed', address })

describe('the place of an address', () => {
  test.each([
    ['192.0.2.10:6381', '192.0.2.10', 6381],
    ['[::1]:6381', '::1', 6381],
    ['[2001:db8::1]:1', '2001:db8::1', 1],
    ['[fe80::1%eth0]:6381', 'fe80::1%eth0', 6381],
    ['[::ffff:192.0.2.10]:65535', '::ffff:192.0.2.10', 65_535],
    ['db.example.com:80', 'db.example.com', 80],
    ['localhost:0', 'localhost', 0],
  ])('%s is its host and its port', (address, host, port) => {
    expect(placeOf(address)).toEqual({ host, port })
  })

  test.each([
    ...[undefined, '', ':', ':80', 'host', 'host:', '192.0.2.10', '[::1]', '[::1]:', 'host:port', 'host:8o'],
    ...['::1', '2001:db8::1', '[::1:80', '[]:80', 'h:99999', 'a b:80'],
    ...['host:-1', 'host:123456', 'host:80 ', 'host:80\n', 'host:80/path', '/run/replivec.sock'],
  ])('%j is nowhere', (address) => {
    expect(placeOf(address)).toBeUndefined()
  })
})

describe('only this machine gets to', () => {
  test.each([
    ...['localhost', '::1', '127.0.0.1', '127.0.0.53', '127.1.2.3', '127.255.255.254'],
    ...['::ffff:127.0.0.1', '::FFFF:127.0.0.1', '::ffff:127.9.9.9'],
  ])('%s', (host) => {
    expect(isLoopback(host)).toBe(true)
  })

  test.each([
    ...['', '0.0.0.0', '::', '::2', '::11', '1::1', '128.0.0.1', '126.255.255.255', '10.127.0.1', '12.7.0.0'],
    ...[
      '1127.0.0.1',
      '192.0.2.127',
      '::ffff:128.0.0.1',
      '::ffff:10.127.0.1',
      '::ffff:0.0.0.0',
      '::127.0.0.1x',
    ],
    ...[
      '127.evil.com',
      '127.0.0.1.evil.com',
      'localhost.evil.com',
      'evil-localhost',
      'my.localhost.example',
      'evil.com',
      'x127.0.0.1',
      '127',
      '1270.0.1',
    ],
    ...['2001:db8::127', 'fe80::1', '2001:db8::ffff:127.0.0.1'],
  ])('not %j', (host) => {
    expect(isLoopback(host)).toBe(false)
  })
})

describe('a peer is counted', () => {
  test('by its host where a proxy gives it without a port', () => {
    expect(sourceOf({ id: 'a', address: '2001:db8::1' })).toBe('2001:db8:0:0::/64')
    expect(sourceOf({ id: 'a', address: '192.0.2.10' })).toBe('192.0.2.10')
  })

  test('by its host, whatever its port and its id are', () => {
    expect(sourceOf({ id: 'a', address: '192.0.2.10:1' })).toBe('192.0.2.10')
    expect(sourceOf({ id: 'b', address: '192.0.2.10:2', authenticated: true })).toBe('192.0.2.10')
    expect(sourceOf({ id: 'a', address: '192.0.2.11:1' })).toBe('192.0.2.11')
    expect(sourceOf({ id: 'a', address: 'db.example.com:1' })).toBe('db.example.com')
  })

  test.each(['::ffff:192.0.2.10', '::FFFF:192.0.2.10'])(
    'by its IPv4 address where that is written %s',
    (host) => {
      expect(source(`[${host}]:6381`)).toBe(source('192.0.2.10:6381'))
      expect(source('[::ffff:192.0.2.11]:6381')).toBe('192.0.2.11')
    },
  )

  test.each([
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8:0:0:ffff::2', '2001:db8:0:0::/64'],
    ['2001:DB8:0000:0000:FFFF:ffff:ffff:ffff', '2001:db8:0:0::/64'],
    ['2001:db8::ffff:1:2:3:4', '2001:db8:0:ffff::/64'],
    ['2001:db8:0:1::1', '2001:db8:0:1::/64'],
    ['2001:db8::', '2001:db8:0:0::/64'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2:3:4:5::', '2001:db8:1:2::/64'],
    ['::1:2:3:4:5:6:7', '0:1:2:3::/64'],
    ['1::2:3:4:5', '1:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['fe80::1', 'fe80:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['fe80::a:b:c:d%12', 'fe80:0:0:0::/64'],
    ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
  ])('by the network of %s, which is %s', (host, network) => {
    expect(source(`[${host}]:6381`)).toBe(network)
  })

  test.each(['/run/replivec.sock', 'worker 7', '2001:db8::1::2'])(
    'by an address that is no host and port, %s',
    (address) => {
      expect(sourceOf({ id: 'claimed', address })).toBe(address)
    },
  )

  test.each([
    ['memory link', undefined],
    ['claimed', ''],
    ['127.0.0.1:80', undefined],
  ])('by the name that the transport gives, %j, where the address is %j', (id, address) => {
    expect(sourceOf(address === undefined ? { id } : { id, address })).toBe(id)
  })
})
