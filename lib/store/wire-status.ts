/** The public form of a status, for who imports the package. */
export { toWireStatus } from '../replication/wire-status.js'
