/** What a platform's tests are written with: the suite that every platform passes, and its parts. */
export { Case, play, readCases, readSuite, Suite, type SuiteOptions } from './cases.ts'
export { type Harness, openHarness, sandboxTransport } from './harness.ts'
export { testAdapter } from './suite.ts'
