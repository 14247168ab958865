/**
 * zvec, on disk, with an HNSW index and inverted indexes of the fields. Filters of few matches are compared one by one, as
 * its documentation advises. A lone search uses its synchronous call, which is the faster one and holds the event loop;
 * searches in flight use the other.
 */
import { join } from 'node:path'
import { DIMENSIONS } from '../dataset.mjs'
import { requirePeer } from './require-peer.mjs'

const EFFORTS = [16, 32, 64, 128, 256, 512]
const BATCH = 1_000
const OPERATORS = { $eq: '=', $lt: '<', $gte: '>=' }

/** @returns {import('../contender-process.mjs').Peer} */
export function open({ data, metadata, directory }) {
  const { library, version } = requirePeer('@zvec/zvec')
  const { HNSW, INVERT } = library.ZVecIndexType
  const { STRING, INT64, ARRAY_STRING, VECTOR_FP32 } = library.ZVecDataType
  library.ZVecInitialize({ logLevel: library.ZVecLogLevel.ERROR, bruteForceByKeysRatio: 0.2 })
  const field = (name, dataType, indexed = true) => ({
    ...{ name, dataType },
    ...(indexed ? { indexParams: { indexType: INVERT, enableRangeOptimization: true } } : {}),
  })
  const graph = { indexType: HNSW, metricType: library.ZVecMetricType.COSINE }
  const collection = library.ZVecCreateAndOpen(
    join(directory, 'collection'),
    new library.ZVecCollectionSchema({
      name: 'packages',
      vectors: { name: 'vector', dataType: VECTOR_FP32, dimension: DIMENSIONS, indexParams: graph },
      fields: [
        field('metadata', STRING, false),
        field('section', STRING),
        field('tags', ARRAY_STRING),
        field('installedSize', INT64),
        field('bucket', INT64),
      ],
    }),
  )
  const ids = Array.from({ length: data.count }, (_, row) => data.id(row))
  const query = (vector, topk, ef, filter) => ({
    ...{ fieldName: 'vector', vector, topk, outputFields: ['metadata'] },
    ...{ params: { indexType: HNSW, ef } },
    ...(filter === undefined ? {} : { filter }),
  })
  // Its ids allow fewer characters than names of packages have.
  const hitsOf = (documents) =>
    documents.map(({ id, score, fields }) => ({
      ...{ id: ids[id], distance: score, metadata: JSON.parse(fields.metadata) },
    }))
  return {
    version,
    effortName: 'ef',
    efforts: EFFORTS,
    async build() {
      for (let from = 0; from < data.count; from += BATCH) {
        const documents = []
        for (let row = from; row < Math.min(from + BATCH, data.count); row++) {
          const { section, tags, installedSize, bucket } = metadata(row)
          const fields = { metadata: JSON.stringify(metadata(row)), section, tags, installedSize, bucket }
          documents.push({ id: String(row), vectors: { vector: data.vector(row) }, fields })
        }
        const failed = collection.insertSync(documents).find(({ ok }) => !ok)
        if (failed) throw new Error(failed.message)
      }
      await collection.optimize()
    },
    search: (vector, k, effort) => hitsOf(collection.querySync(query(vector, k, effort))),
    inFlight: async (vector, k, effort) => hitsOf(await collection.query(query(vector, k, effort))),
    filtered(condition) {
      const filter = filterText(condition)
      return (vector, k, effort) => hitsOf(collection.querySync(query(vector, k, effort, filter)))
    },
    close: () => collection.closeSync(),
  }
}

function filterText({ field, operator, value }) {
  const text = typeof value === 'string' ? `'${value}'` : value
  return field === 'tags' ? `tags CONTAIN_ANY (${text})` : `${field} ${OPERATORS[operator]} ${text}`
}
