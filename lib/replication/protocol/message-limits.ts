/** No message of the protocol is larger: one commit of the largest size, with room for what is around it. */
export const MESSAGE_BYTES_MAX = 97 * 1024 * 1024

/** What a peer says that has proved nothing yet is larger than it ever needs to be with this. */
export const UNPROVED_MESSAGE_BYTES_MAX = 64 * 1024

/** Nothing that a replica says is larger. */
export const REPLICA_MESSAGE_BYTES_MAX = 1024 * 1024

/** No message is decompressed to more: a small message must not become a large one. Larger ones go as they are. */
export const PLAIN_BYTES_MAX = 16 * 1024 * 1024
