export { type TestRunner, testBackend } from './test-backend.js'
