/**
 * The client in a real browser, on a page of the gateway's own origin: nothing in it is of Node.
 */
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { it } from 'vitest'
import { expectToCancelInBrowser, skipped } from './browser.ts'

if (skipped) process.stderr.write(`skipped: ${skipped}\n`)

it.skipIf(skipped !== null)('cancels, and throws typed problems', async () => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../../src/client/index.ts', import.meta.url))],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    write: false,
  })
  await expectToCancelInBrowser((pathname) =>
    pathname === '/client/index.js' ? outputFiles[0]?.text : undefined,
  )
})
