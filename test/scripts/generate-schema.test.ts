import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import protobuf from 'protobufjs/minimal.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { generate } from '../../scripts/generate-schema.mjs'

interface Message {
  at: number
  text: string
}
interface Generated {
  sample: {
    Message: {
      encode(message: Partial<Message>): { finish(): Uint8Array }
      decode(from: Uint8Array | protobuf.Reader): Message
    }
  }
}

let directory = ''
let generated: Generated
let types = ''
beforeAll(async () => {
  // Inside the package, so that the generated code finds protobufjs.
  directory = mkdtempSync(
    join(fileURLToPath(new URL('../../node_modules/', import.meta.url)), '.replivec-schema-'),
  )
  const proto = join(directory, 'sample.proto')
  writeFileSync(
    proto,
    'syntax = "proto3"; package sample; message Message { uint64 at = 1; string text = 2; }',
  )
  const output = generate(proto, 'replivec.v1')
  types = output.types
  writeFileSync(join(directory, 'schema.mjs'), output.code)
  generated = (await import(pathToFileURL(join(directory, 'schema.mjs')).href)) as Generated
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

test('64-bit fields are numbers, when present and when absent', () => {
  const { Message } = generated.sample
  const at = Number.MAX_SAFE_INTEGER
  expect(Message.decode(Message.encode({ at, text: 'x' }).finish())).toMatchObject({ at, text: 'x' })
  expect(Message.decode(new Uint8Array()).at).toBe(0)
})

test('a 64-bit value that would lose digits is refused', () => {
  const bytes = Uint8Array.of(0x08, ...new Array<number>(9).fill(0xff), 0x01)
  expect(() => generated.sample.Message.decode(bytes)).toThrow('is not a safe integer')
})

test('fields it does not know are kept when the reader says so', () => {
  const { Message } = generated.sample
  const bytes = Uint8Array.of(0x12, 1, 0x61, 0x18, 5)
  const reader = protobuf.Reader.create(bytes)
  reader.discardUnknown = false
  expect(Message.encode(Message.decode(reader)).finish()).toEqual(Buffer.from(bytes))
})

test('the types import what an ES module can import', () => {
  expect(types).toContain('from "protobufjs/minimal.js"')
  expect(types).not.toContain('require(')
})
