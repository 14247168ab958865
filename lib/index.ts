/** The public surface of replivec, and nothing else. */
export type { Abortable, Observable, Progress } from './abortable.js'
export type { AuditProblem } from './audit/audit-chain.js'
export type { AuditDetail, AuditEntry, AuditKind, AuditLink, AuditNote } from './audit/audit-entry.js'
export type { AuditStats } from './audit/audit-log.js'
export type { AuditDamage, AuditReport, AuditVerifyOptions } from './audit/audit-verification.js'
export type {
  GetOptions,
  RecordOf,
  StoredRecordOf,
  VectorFlag,
} from './collection/record-output.js'
export type { ScanOptions } from './collection/scan-query.js'
export type { Selection } from './collection/selection.js'
export type { ChangeKind, WriteConcern, WriteOptions, WriteResult } from './collection/collection-host.js'
export type {
  CollectionInfo,
  CollectionOptions,
  ConfigureOptions,
  MetadataPath,
} from './collection/collection-settings.js'
export type { CacheStats, CollectionStats, OperationStats } from './collection/collection-stats.js'
export type { QueryPlan } from './collection/explain.js'
export type { IndexWorkOptions } from './collection/index-work.js'
export type { Patch } from './collection/patch-input.js'
export type { RecordInput, VectorInput } from './collection/record-input.js'
export type { Hit, HitFlags, HitOf, ReadOptions, SearchQuery } from './collection/search-query.js'
export { type ErrorDetails, ReplivecError, type ReplivecErrorCode } from './errors.js'
export type { FieldMethod } from './filter/field-plan.js'
export type { PlanStep } from './filter/plan.js'
export type {
  ArrayOperators,
  ElementCondition,
  EqualityOperators,
  FieldCondition,
  FieldOperators,
  Filter,
  LogicalOperators,
  OrderOperators,
  TextOperators,
} from './filter/types.js'
export type {
  BackendSupport,
  Candidates,
  IndexBackend,
  IndexBytes,
  IndexForm,
  VectorIndex,
} from './index/backend.js'
export type { BackendOption } from './index/backends/choose.js'
export type { Metric } from './index/metric.js'
export type { Position } from './log/position.js'
export type { CompressionStats } from './replication/compression/compression-stats.js'
export type { Link, Listening, ListenOptions, PeerInfo, RefusedPeer, Transport } from './replication/link.js'
export type {
  ReplicaInfo,
  ReplicaStatus,
  Replication,
  ReplicationEvent,
  ReplicationRole,
  ReplicationStats,
  ReplicationStatus,
  WaitOptions,
} from './replication/replication.js'
export type { PeerHello } from './replication/replication-options.js'
export type { Secret } from './replication/secret.js'
export type { WireReplica, WireStats, WireStatus } from './replication/wire-status.js'
export { toWireStatus } from './store/wire-status.js'
export type { Clock } from './runtime/clock.js'
export type { AuditOptions } from './store/audit-input.js'
export type { BackupResult } from './store/backup.js'
export type { Change, IndexEvent, StoreEvents, Warning } from './store/store-events.js'
export type {
  AttemptLimit,
  CompressionOptions,
  ReplicationOptions,
  Retention,
} from './store/replication-input.js'
export type { CacheOptions, Logger, StoreOptions } from './store/store-options.js'
export type { StoreStats } from './store/store-stats.js'
export { Collection, VectorStore } from './store/vector-store.js'
export type { Damage, VerifyReport } from './store/verify.js'
