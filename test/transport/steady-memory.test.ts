import { Socket } from 'node:net'
import { beforeEach, describe, expect, test } from 'vitest'
import { steadyMemory } from '../../lib/transport/steady-memory.js'

describe('memory that a socket reads into again and again', () => {
  let socket: Socket
  let seen: string[]
  let pieces: Buffer[]

  /** What the system does: it fills the same memory and calls back. */
  let arrive: (text: string) => void

  beforeEach(() => {
    socket = new Socket()
    seen = []
    pieces = []
    const { buffer, callback } = steadyMemory(() => socket)
    arrive = (text) => expect(callback((buffer as Buffer).write(text), buffer as Buffer)).toBe(true)
    socket.on('data', (piece) => {
      seen.push(piece.toString())
      pieces.push(piece)
    })
  })

  test('is given as it is to who listens', () => {
    arrive('ab')
    arrive('cd')
    expect(seen).toEqual(['ab', 'cd'])
    expect(pieces[0]!.buffer).toBe(pieces[1]!.buffer)
  })

  test('waits as a copy for who has paused, and is not overtaken', async () => {
    arrive('a')
    socket.pause()
    arrive('b')
    arrive('c')
    expect(seen).toEqual(['a'])
    socket.resume()
    // It flows only in a moment.
    arrive('d')
    expect(seen).toEqual(['a'])
    await expect.poll(() => seen.join('')).toBe('abcd')
    arrive('e')
    expect(seen.join('')).toBe('abcde')
  })
})
