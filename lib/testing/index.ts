/** What authors of backends need to test them: conformance suites that run under any test framework. */
export { type TestRunner, testBackend } from './test-backend.js'
