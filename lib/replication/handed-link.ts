import { ReplivecError } from '../errors.js'
import type { Link } from './link.js'

/**
 * Checks what the host, or its transport, gives for a link.
 *
 * @param what - it has to be, and from whom, up to what it was
 * @throws `OPTIONS_INVALID` for anything else
 */
export function checkLink(what: string, link: unknown): void {
  const { peer, send, close, maxFrameBytes } = (link ?? {}) as Partial<Link>
  const isIterated =
    typeof (link as AsyncIterable<unknown> | undefined)?.[Symbol.asyncIterator] === 'function'
  const hasMethods = typeof send === 'function' && typeof close === 'function' && isIterated
  if (hasMethods && typeof peer?.id === 'string' && typeof maxFrameBytes === 'number') return
  const awaited = link instanceof Promise ? 'a promise of one; await it first' : 'not one'
  throw new ReplivecError('OPTIONS_INVALID', `${what} ${awaited}.`, {
    details: { option: 'link' },
  })
}

/** A frame that comes may have so many bytes from now on, where the link can see to that. One that fails at it is given up. */
export function limitReceived(link: Link, frameBytesMax: number): void {
  try {
    link.limitReceived?.(frameBytesMax)
  } catch (error) {
    link.close(error as Error).catch(() => undefined)
  }
}
