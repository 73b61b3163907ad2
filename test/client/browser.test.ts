/**
 * The client in a real browser, on a page of the gateway's own origin: nothing in it is of Node.
 */
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { expect, it, onTestFinished } from 'vitest'
import { openBrowser, skipped } from '../console/browser.ts'
import { serve } from '../http/node.ts'
import { KEY, openGateway } from './faults.ts'

if (skipped) process.stderr.write(`skipped: ${skipped}\n`)

it.skipIf(skipped !== null)('cancels, and throws typed problems', async () => {
  const {
    outputFiles: [script],
  } = await build({
    entryPoints: [fileURLToPath(new URL('../../src/client/index.ts', import.meta.url))],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    write: false,
  })
  const host = await openGateway()
  onTestFinished(() => host.close())
  const site = await serve({
    fetch: (request) => {
      const { pathname } = new URL(request.url)
      if (pathname === '/')
        return new Response('<!doctype html><title>x</title>', {
          headers: { 'content-type': 'text/html' },
        })
      if (pathname === '/client.js')
        return new Response(script?.text ?? '', { headers: { 'content-type': 'text/javascript' } })
      return host.fetch(request)
    },
  })
  onTestFinished(site.close)
  const browser = await openBrowser()
  onTestFinished(() => browser.close())
  const page = await browser.newPage()
  await page.goto(site.url)
  // As text: what vitest makes of an import does not work on a page.
  const told = await page.evaluate(`(async () => {
    const { createClient, RescindError } = await import('/client.js')
    const client = createClient({ baseUrl: location.origin, key: '${KEY}' })
    const record = await client.cancel({ orderId: 'order_paid-browser', restock: true })
    const refused = await client.cancel({ orderId: 'order_shipped' }).catch((error) => error)
    return [record.status, refused instanceof RescindError, refused.cause, refused.record.status]
  })()`)
  expect(told).toEqual(['succeeded', true, 'fulfilled', 'rejected'])
})
