/** sqlite-vec in SQLite, by better-sqlite3: an exact scan. Fields are its metadata columns, arrays a table of their own. */
import { join } from 'node:path'
import { DIMENSIONS } from '../dataset.mjs'
import { requirePeer } from './require-peer.mjs'

const OPERATORS = { $eq: '=', $lt: '<', $gte: '>=' }

/** @returns {import('../contender-process.mjs').Peer} */
export function open({ data, metadata, directory }) {
  const { library: Database } = requirePeer('better-sqlite3')
  const { library: vec, version } = requirePeer('sqlite-vec')
  const database = new Database(join(directory, 'packages.sqlite'))
  vec.load(database)
  database.pragma('journal_mode = WAL')
  database.exec(
    `create virtual table packages using vec0(number integer primary key, vector float[${DIMENSIONS}] distance_metric=cosine, section text, installedSize integer, bucket integer, +id text, +metadata text);
     create table tags (tag text, number integer, primary key (tag, number)) without rowid`,
  )
  const nearest = (where = '') =>
    database.prepare(
      `select id, distance, metadata from packages where vector match ? and k = ?${where} order by distance`,
    )
  const hitsOf = (rows) => rows.map((hit) => ({ ...hit, metadata: JSON.parse(hit.metadata) }))
  const all = nearest()
  return {
    version: `${version}, exact`,
    effortName: 'nothing',
    efforts: [null],
    build() {
      const insert = database.prepare(
        'insert into packages (number, vector, section, installedSize, bucket, id, metadata) values (?, ?, ?, ?, ?, ?, ?)',
      )
      const insertTag = database.prepare('insert or ignore into tags values (?, ?)')
      const fill = database.transaction(() => {
        for (let row = 0; row < data.count; row++) {
          const { section, tags, installedSize, bucket } = metadata(row)
          // A number would be taken for a real one, which its columns refuse.
          const [number, size, place] = [row, installedSize, bucket].map(BigInt)
          const text = JSON.stringify(metadata(row))
          insert.run(number, data.vector(row), section, size, place, data.id(row), text)
          for (const tag of tags) insertTag.run(tag, number)
        }
      })
      fill()
    },
    search: (query, k) => hitsOf(all.all(query, k)),
    filtered({ field, operator, value }) {
      const operand = typeof value === 'number' ? BigInt(value) : value
      const filtered =
        field === 'tags'
          ? nearest(' and number in (select number from tags where tag = ?)')
          : nearest(` and ${field} ${OPERATORS[operator]} ?`)
      return (query, k) => hitsOf(filtered.all(query, k, operand))
    },
    close: () => database.close(),
  }
}
