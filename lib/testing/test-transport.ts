import type { TestRunner } from './test-backend.js'
import { diallingTests } from './transport-dialling.js'
import { endingTests } from './transport-endings.js'
import { frameTests, type RegisterTest } from './transport-frames.js'
import { type MakePair, TransportTrial } from './transport-trial.js'

/** Longest that a test of the suite, or closing what it opened, may take. */
const LIMIT_MS = 30_000

/**
 * The conformance suite of `Transport` and `Link`: everything the store relies on. It sends up to 128 MiB through one link, opens
 * 1 000 links one after the other (100 where they do not dial), and 50 at once. The data is the same on every run.
 *
 * A link that is not read must hold its sender back before it has taken 128 MiB.
 *
 * @param name - appears in the names of the tests
 * @param makePair - makes what is tested, afresh for each test: two transports that reach each other, or the two ends of
 *   one link where there is nothing to dial. Of links without dialling, tests that need several make as many pairs
 * @param runner - `describe` and `test` of any test framework
 * @param options - `limitMs`: after how long a test that comes to no end fails, in milliseconds; 30 000 by default
 *
 * @example Two transports.
 * ```ts
 * import { describe, test } from 'node:test'
 * import { testTransport } from 'replivec/testing'
 * import { memoryNetwork } from 'replivec/transport/memory'
 *
 * const makePair = () => {
 *   const network = memoryNetwork() // or your own
 *   const peer = () => ({ id: 'a' })
 *   return { listener: network.transport('a'), dialer: network.transport('b'), peer, dialerId: 'b' }
 * }
 * testTransport('my transport', makePair, { describe, test })
 * ```
 *
 * @example Two ends of a link.
 * ```ts
 * import { describe, test } from 'node:test'
 * import type { Link } from 'replivec'
 * import { testTransport } from 'replivec/testing'
 *
 * declare function connectedLinks(): [Link, Link] // yours
 *
 * testTransport('my links', () => ({ ends: connectedLinks() }), { describe, test })
 * ```
 */
export function testTransport(
  name: string,
  makePair: MakePair,
  runner: TestRunner,
  options: { readonly limitMs?: number } = {},
): void {
  const test: RegisterTest = (title, body) =>
    runner.test(title, () => TransportTrial.run(makePair, options.limitMs ?? LIMIT_MS, body))
  runner.describe(`transport: ${name}`, () => {
    frameTests(test)
    endingTests(test)
    diallingTests(test)
  })
}
