/** What authors of backends and transports need to test them: conformance suites that run under any test framework. */
export { type FaultyOptions, faulty } from './faulty.js'
export type { FaultProbabilities } from './frame-faults.js'
export { type TestRunner, testBackend } from './test-backend.js'
export { testTransport } from './test-transport.js'
export type { LinkPair, TransportPair } from './transport-pair.js'
export type { MakePair } from './transport-trial.js'
/** A whole cluster in one thread, from one seed. */
export { type SimulationOptions, type SimulationResult, simulate } from './simulate.js'
