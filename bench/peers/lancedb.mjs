/** LanceDB, on disk, with its HNSW index over scalar-quantized vectors, refined by the full ones, and indexes of the fields. */
import { requirePeer } from './require-peer.mjs'

const EFFORTS = [20, 40, 80, 160, 320]
/** Its graph holds rounded vectors; this many times the hits are read in full and sorted again. */
const REFINE = 2
const OPERATORS = { $eq: '=', $lt: '<', $gte: '>=' }

/** @returns {Promise<import('../contender-process.mjs').Peer>} */
export async function open({ data, metadata, directory }) {
  const { library, version } = requirePeer('@lancedb/lancedb')
  const connection = await library.connect(directory)
  let table
  const search = async (vector, k, ef, filter) => {
    let query = table.query().nearestTo(vector).distanceType('cosine').ef(ef).refineFactor(REFINE)
    if (filter !== undefined) query = query.where(filter)
    const rows = await query.select(['id', 'metadata', '_distance']).limit(k).toArray()
    return rows.map(({ id, metadata: text, _distance: distance }) => ({
      ...{ id, distance, metadata: JSON.parse(text) },
    }))
  }
  return {
    version,
    effortName: 'ef',
    efforts: EFFORTS,
    async build() {
      const records = Array.from({ length: data.count }, (_, row) => {
        const { section, tags, installedSize, bucket } = metadata(row)
        // Types are told from the values: a list without any tells none.
        const fields = { section, tags: tags.length > 0 ? tags : [''], installedSize, bucket }
        return {
          ...{ id: data.id(row), vector: Array.from(data.vector(row)) },
          ...{ metadata: JSON.stringify(metadata(row)), ...fields },
        }
      })
      table = await connection.createTable('packages', records)
      const graph = library.Index.hnswSq({ distanceType: 'cosine', numPartitions: 1 })
      await table.createIndex('vector', { config: graph })
      await table.createIndex('section', { config: library.Index.bitmap() })
      await table.createIndex('tags', { config: library.Index.labelList() })
      await table.createIndex('installedSize', { config: library.Index.btree() })
      await table.createIndex('bucket', { config: library.Index.btree() })
      await table.optimize()
    },
    search,
    inFlight: search,
    filtered(condition) {
      const filter = filterText(condition)
      return (vector, k, effort) => search(vector, k, effort, filter)
    },
    close: () => connection.close(),
  }
}

/** SQL folds unquoted names to lower case; these quotes keep them. */
function filterText({ field, operator, value }) {
  const text = typeof value === 'string' ? `'${value}'` : value
  return field === 'tags' ? `array_has(tags, ${text})` : `\`${field}\` ${OPERATORS[operator]} ${text}`
}
