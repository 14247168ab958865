import { ReplivecError } from '../errors.js'
import type { Link } from './link.js'

/** @throws `OPTIONS_INVALID` for what the host handed over in place of a link */
export function checkLink(method: string, link: unknown): void {
  const { peer, send, close, maxFrameBytes } = (link ?? {}) as Partial<Link>
  const isIterated =
    typeof (link as AsyncIterable<unknown> | undefined)?.[Symbol.asyncIterator] === 'function'
  const hasMethods = typeof send === 'function' && typeof close === 'function' && isIterated
  if (hasMethods && typeof peer?.id === 'string' && typeof maxFrameBytes === 'number') return
  const awaited = link instanceof Promise ? 'a promise of one; await it first' : 'not one'
  throw new ReplivecError(
    'OPTIONS_INVALID',
    `replication.${method}() takes a Link and was given ${awaited}.`,
    {
      details: { option: 'link' },
    },
  )
}
