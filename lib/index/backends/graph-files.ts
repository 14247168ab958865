import { ReplivecError } from '../../errors.js'
import { readCheckedJson, writeCheckedJson } from '../../runtime/checked-json.js'
import { describeFile, type FileChecksums, firstDifference } from '../../runtime/file-checksums.js'
import type { Files } from '../../runtime/files.js'
import type { Metric } from '../metric.js'
import type { BuiltGraph } from './graph-build.js'
import type { GraphScalar } from './usearch-graph.js'

const FORMAT = 1
const NAME = 'graph.json'

/** Of the vectors a graph was built over. */
export interface GraphRows {
  readonly count: number
  readonly dimensions: number
  readonly metric: Metric
}

/** The files of one graph, all in one directory. */
export interface GraphFiles {
  readonly graphPath: string
  /** An empty graph: to view it is to let go of the other. */
  readonly emptyPath: string
}

export function graphFilesIn(directory: string): GraphFiles {
  return { graphPath: `${directory}/graph.usearch`, emptyPath: `${directory}/empty.usearch` }
}

/**
 * Makes a graph that was just saved durable, and writes beside it what it is: two lines of JSON, the second with the CRC-32 of
 * the first, which every format keeps. Without that file, or with files that are not as it says, there is no graph.
 *
 * @returns bytes on disk
 */
export async function describeGraph(
  files: Files,
  directory: string,
  { coding, ef }: BuiltGraph,
  { count, dimensions, metric }: GraphRows,
): Promise<number> {
  const { graphPath, emptyPath } = graphFilesIn(directory)
  for (const path of [graphPath, emptyPath]) {
    const file = await files.open(path, 'write')
    try {
      await file.sync()
    } finally {
      await file.close()
    }
  }
  const [graph, empty] = [await describeFile(files, graphPath), await describeFile(files, emptyPath)]
  const { scalar, scale, centre } = coding
  await writeCheckedJson(files, `${directory}/${NAME}`, {
    centre: centre
      ? Buffer.from(centre.buffer, centre.byteOffset, centre.byteLength).toString('base64')
      : null,
    ...{ format: FORMAT, count, dimensions, metric, scalar, scale, ef, graph, empty },
  })
  return graph.size + empty.size
}

/**
 * Reads what the graph in a directory is, and checks every byte of its files: the library follows whatever stands in them.
 *
 * @throws `BACKEND_FAILED` when there is none, it is damaged or was built over other rows; `FORMAT_UNSUPPORTED`
 */
export async function readGraph(
  files: Files,
  directory: string,
  rows: GraphRows,
): Promise<BuiltGraph & { readonly diskBytes: number }> {
  const path = `${directory}/${NAME}`
  const found = await readCheckedJson(files, path)
  if (!found) throw damaged(path, 'it does not match its own checksum')
  if (found.format !== FORMAT) {
    throw new ReplivecError(
      'FORMAT_UNSUPPORTED',
      `${path} has format ${String(found.format)}; this version reads format ${FORMAT}. Upgrade replivec.`,
      { details: { path, format: found.format, supported: FORMAT } },
    )
  }
  const { count, dimensions, metric } = rows
  if (found.count !== count || found.dimensions !== dimensions || found.metric !== metric) {
    throw damaged(path, 'it was built over other vectors')
  }
  const { graphPath, emptyPath } = graphFilesIn(directory)
  const graph = found.graph as FileChecksums
  const empty = found.empty as FileChecksums
  for (const [file, was] of [
    [graphPath, graph],
    [emptyPath, empty],
  ] as const) {
    const difference = firstDifference(was, await describeFile(files, file))
    if (difference === 'size') throw damaged(file, `it has not the ${was.size} bytes it was written with`)
    if (difference !== undefined) throw damaged(file, `MiB ${difference} does not match its checksum`)
  }
  const { scalar, scale, centre, ef } = found as unknown as StoredCoding
  return {
    coding: { metric, scalar, scale, centre: centre === null ? undefined : floatsOf(centre) },
    ef,
    diskBytes: graph.size + empty.size,
  }
}

interface StoredCoding {
  readonly scalar: GraphScalar
  readonly scale: number
  readonly centre: string | null
  readonly ef: number | null
}

function floatsOf(base64: string): Float32Array {
  const bytes = Buffer.from(base64, 'base64')
  const floats = new Float32Array(bytes.byteLength / 4)
  new Uint8Array(floats.buffer).set(bytes)
  return floats
}

function damaged(path: string, reason: string): ReplivecError {
  return new ReplivecError('BACKEND_FAILED', `The graph file ${path} is damaged: ${reason}.`, {
    details: { kind: 'graph', path, reason },
  })
}
