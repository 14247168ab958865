import { isIPv6 } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { placeOf, sourceOf } from '../../lib/replication/link-place.js'

const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }))
const four = fc.tuple(group, group, group, group)
/** One of the ways in which people and machines write the same address. */
const style = fc.record({
  isUpper: fc.boolean(),
  digits: fc.constantFrom(1, 4),
  /** Where zeros are left out, counted round; a run of none is not. */
  zerosAt: fc.option(fc.nat(7), { nil: undefined }),
  zone: fc.constantFrom('', '%eth0', '%3'),
})
type Style = typeof style extends fc.Arbitrary<infer T> ? T : never

function written(groups: readonly number[], { isUpper, digits, zerosAt, zone }: Style): string {
  const texts = groups.map((value) => value.toString(16).padStart(digits, '0'))
  const begin = zerosAt === undefined ? -1 : groups.findIndex((value, at) => at >= zerosAt && value === 0)
  const end = groups.findIndex((value, at) => at > begin && value !== 0)
  const tail = texts.slice(end < 0 ? 8 : end)
  const text = begin < 0 ? texts.join(':') : `${texts.slice(0, begin).join(':')}::${tail.join(':')}`
  return (isUpper ? text.toUpperCase() : text) + zone
}

const source = (host: string, port = 6381) => sourceOf({ id: 'claimed', address: `[${host}]:${port}` })

test('two addresses of IPv6 are one source exactly when their first 64 bits are the same', () => {
  const network = fc.oneof(four, fc.constant<[number, number, number, number]>([0x2001, 0xdb8, 0, 0]))
  fc.assert(
    fc.property(network, network, four, four, style, style, (one, other, hostOne, hostOther, how, howToo) => {
      const hosts = [written([...one, ...hostOne], how), written([...other, ...hostOther], howToo)] as const
      expect(hosts.filter((host) => !isIPv6(host))).toEqual([])
      expect(source(hosts[0], 1) === source(hosts[1], 2)).toBe(`${one}` === `${other}`)
      expect(source(hosts[0])).toBe(source(written([...one, ...hostOther], howToo)))
    }),
    { numRuns: 2_000 },
  )
})

test('an address of IPv4 is one source, plain or mapped, and of no other address', () => {
  fc.assert(
    fc.property(fc.ipV4(), fc.ipV4(), (one, other) => {
      const plain = sourceOf({ id: 'claimed', address: `${one}:6381` })
      expect(plain).toBe(one)
      expect(source(`::ffff:${one}`)).toBe(plain)
      expect(source(`::ffff:${other}`) === plain).toBe(one === other)
    }),
  )
})

test('host and port come out of an address as they went in', () => {
  const port = fc.integer({ min: 0, max: 65_535 })
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.domain()), fc.ipV6(), port, (plain, host6, number) => {
      expect(placeOf(`${plain}:${number}`)).toEqual({ host: plain, port: number })
      expect(placeOf(`[${host6}]:${number}`)).toEqual({ host: host6, port: number })
    }),
  )
})
