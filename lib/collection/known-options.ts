/** The names of all options, for refusing misspelled ones. */
const READ = ['after', 'timeoutMs', 'signal'] as const
const WRITE = ['writeConcern', 'signal'] as const
const LONG = ['signal', 'onProgress'] as const
const COLLECTION = ['dimensions', 'metric', 'backend', 'indexed'] as const
const SEARCH = [
  ...['vector', 'topK', 'filter', 'includeVector', 'includeMetadata', 'exact', 'ef', 'minScore'],
  ...READ,
]

/** The options of every call, by its name in messages: a misspelled one would silently not be obeyed. */
export const knownOptions: Readonly<Record<string, ReadonlySet<string>>> = {
  open: new Set(['path', 'nodeId', 'durability', 'replication', 'clock', 'logger']),
  replication: new Set(['role', 'retention']),
  retention: new Set(['bytes']),
  writeConcern: new Set(['w', 'level', 'timeoutMs']),
  createCollection: new Set([...COLLECTION, ...WRITE]),
  configure: new Set(['backend', 'indexed', ...WRITE]),
  dropCollection: new Set(WRITE),
  backup: new Set(LONG),
  restore: new Set(LONG),
  verify: new Set(LONG),
  upsert: new Set([...WRITE, 'onProgress']),
  update: new Set(WRITE),
  patch: new Set(['vector', 'metadata', 'unset']),
  delete: new Set(WRITE),
  selection: new Set(['filter']),
  get: new Set(['includeVector', ...READ]),
  search: new Set(SEARCH),
  explain: new Set(SEARCH),
  scan: new Set(['filter', 'pageSize', 'includeVector', ...READ]),
  count: new Set(READ),
  flush: new Set(),
  compact: new Set(),
  getStats: new Set(),
}
