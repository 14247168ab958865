import protobuf from 'protobufjs/minimal.js'

/** A generated message class: how it turns into bytes and back. */
interface MessageType<Properties, Message> {
  encode(message: Properties, writer?: protobuf.Writer): protobuf.Writer
  decode(reader: protobuf.Reader | Uint8Array, length?: number): Message
}

/**
 * Encodes a message, leaving `reservedBytes` zero bytes in front for a header of the caller's.
 *
 * @param reservedBytes - a multiple of 4
 */
export function encodeMessage<Properties>(
  type: MessageType<Properties, unknown>,
  message: Properties,
  reservedBytes = 0,
): Uint8Array {
  const writer = protobuf.Writer.create()
  for (let i = 0; i < reservedBytes; i += 4) writer.fixed32(0)
  return type.encode(message, writer).finish()
}

/**
 * Decodes a message and keeps the fields this version does not know, so that they are written back when the
 * message is encoded again. Throws the decoder's own error on malformed bytes: callers know what was damaged.
 */
export function decodeMessage<Message>(type: MessageType<never, Message>, bytes: Uint8Array): Message {
  const reader = protobuf.Reader.create(bytes)
  reader.discardUnknown = false
  return type.decode(reader)
}

/** Decodes a message that is not written back: fields this version does not know are passed over. Throws as `decodeMessage`. */
export function decodePlain<Message>(type: MessageType<never, Message>, bytes: Uint8Array): Message {
  return type.decode(protobuf.Reader.create(bytes))
}
