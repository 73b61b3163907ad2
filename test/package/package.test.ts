/**
 * What others install: the packed project in an empty folder, and everything that it is for, from
 * there and on every Node that it promises.
 */
import { rmSync } from 'node:fs'
import { afterAll, beforeAll, vi } from 'vitest'
import { testClient, testErpExample } from './client.ts'
import { testContents } from './contents.ts'
import { testEntries, testInitWorkers, testOwnPlatform, testTypes, testWorker } from './entries.ts'
import { NODE_22, nodeOf, type Packed, packAndInstall } from './installed.ts'
import { testOldNode, testProgram } from './program.ts'

// Compilers, runners and processes of their own: slow where processors are few.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 180_000 })

let installed: Packed
const packed = () => installed
beforeAll(() => {
  installed = packAndInstall()
})
afterAll(() => {
  if (installed) rmSync(installed.folder, { recursive: true, force: true })
})

testContents(packed)
for (const [version, node] of [
  [NODE_22, nodeOf(NODE_22)],
  [process.versions.node, process.execPath],
] as const) {
  testProgram(packed, version, node)
  testEntries(packed, version, node)
}
testOldNode(packed)
testTypes(packed)
testOwnPlatform(packed)
testWorker(packed)
testInitWorkers(packed)
testClient(packed)
testErpExample(packed)
