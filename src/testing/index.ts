/** What a platform's tests are written with: the suite that all pass, and its parts. */
export { Case, play, readCases } from './cases.ts'
export { type Harness, openHarness, sandboxTransport } from './harness.ts'
export { NoticeCase, NoticeFile } from './notices.ts'
export { readSuite, Suite, type SuiteOptions } from './options.ts'
export { testAdapter } from './suite.ts'
export { sweepAll, type Swept } from './sweep.ts'
