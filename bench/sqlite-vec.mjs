/** The durable peer: sqlite-vec in SQLite, by better-sqlite3. `npm ci --prefix bench` installs both. */
import { createRequire } from 'node:module'

/**
 * Opens a database with a vector table.
 *
 * @returns {{ missing: string } | { name: string, upsert: (record: object) => void, close: () => void }}
 */
export function openSqliteVec(path, dimensions) {
  const require = createRequire(import.meta.url)
  let Database
  let vec
  try {
    Database = require('better-sqlite3')
    vec = require('sqlite-vec')
    new Database(':memory:').close()
  } catch (error) {
    return { missing: `not installed: run npm ci --prefix bench (${error.code ?? 'ERROR'})` }
  }
  const database = new Database(path)
  vec.load(database)
  database.pragma('journal_mode = WAL')
  // A commit is on the disk when it returns, as ours is; NORMAL would leave that to the next checkpoint.
  database.pragma('synchronous = FULL')
  database.exec(
    `create virtual table packages using vec0(id text primary key, embedding float[${dimensions}] distance_metric=cosine, +metadata text)`,
  )
  // A vec0 table knows no upsert: the way its documentation gives is to delete and insert.
  const remove = database.prepare('delete from packages where id = ?')
  const insert = database.prepare('insert into packages (id, embedding, metadata) values (?, ?, ?)')
  const upsert = database.transaction(({ id, vector, metadata }) => {
    remove.run(id)
    insert.run(id, vector, JSON.stringify(metadata))
  })
  const { sqlite, vector } = database
    .prepare('select sqlite_version() as sqlite, vec_version() as vector')
    .get()
  return { name: `sqlite-vec ${vector}, SQLite ${sqlite}`, upsert, close: () => database.close() }
}
