/**
 * Filters at falling shares of matching records: real fields as near to a share as the records allow, and a made-up one at
 * exactly it.
 *
 * @typedef {{ field: string, operator: '$eq' | '$lt' | '$gte', value: string | number }} Condition with `$eq`, a field that
 *   is an array matches where an element does
 *
 * @typedef {{ percent: number, condition: Condition, rows: number[] }} FilterCase with the rows that match
 */

/** Records to a bucket are a thousandth of all. */
const BUCKETS = 1_000

/**
 * The metadata of a data set with `bucket`, which is spread evenly over the records and knows nothing of the vectors.
 *
 * @param {ReturnType<typeof import('./dataset.mjs').loadDataset>} data
 * @returns {(row: number) => object}
 */
export function bucketed(data) {
  return (row) => ({
    ...data.metadata(row),
    bucket: (Math.imul(row + 1, 2_654_435_761) >>> 0) % BUCKETS,
  })
}

/**
 * @param {ReturnType<typeof import('./dataset.mjs').loadDataset>} data
 * @param {(row: number) => object} metadata - of `bucketed`
 * @returns {FilterCase[]}
 */
export function filterCases(data, metadata) {
  const all = Array.from({ length: data.count }, (_, row) => metadata(row))
  const sizes = Float64Array.from(all, ({ installedSize }) => installedSize).sort()
  const sections = new Map()
  const tags = new Map()
  const add = (map, value) => map.set(value, (map.get(value) ?? 0) + 1)
  for (const { section, tags: own } of all) {
    add(sections, section)
    for (const tag of own) add(tags, tag)
  }
  const nearest = (map, share) => {
    const gap = (count) => Math.abs(Math.log(count / (share * data.count)))
    return [...map].reduce((best, entry) => (gap(entry[1]) < gap(best[1]) ? entry : best))[0]
  }
  const cases = []
  const addCase = (percent, field, operator, value) => {
    const condition = { field, operator, value }
    const matches = meets(condition)
    const rows = []
    for (const [row, record] of all.entries()) if (matches(record)) rows.push(row)
    cases.push({ percent, condition, rows })
  }
  for (const percent of [50, 10, 1, 0.1]) {
    const share = percent / 100
    addCase(percent, 'installedSize', '$gte', sizes[Math.floor(data.count * (1 - share))])
    if (percent < 50) {
      addCase(percent, 'section', '$eq', nearest(sections, share))
      addCase(percent, 'tags', '$eq', nearest(tags, share))
    }
    addCase(percent, 'bucket', '$lt', share * BUCKETS)
  }
  return cases
}

/** A condition as our own filter. */
export function filterOf({ field, operator, value }) {
  return { [field]: operator === '$eq' ? value : { [operator]: value } }
}

/** Our own filter that no one asked for before and that matches what the condition does: a bound is moved by next to nothing. */
export function anotherFilterOf({ field, operator, value }, count) {
  if (operator === '$eq') return { [field]: { $in: [value, `none-${count}`] } }
  return { [field]: { [operator]: value - (count + 1) * 1e-9 } }
}

/** A condition as a test of metadata, for peers that take a function, and for the truth. */
export function meets({ field, operator, value }) {
  if (operator === '$lt') return (record) => record[field] < value
  if (operator === '$gte') return (record) => record[field] >= value
  return (record) => (Array.isArray(record[field]) ? record[field].includes(value) : record[field] === value)
}
