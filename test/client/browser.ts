/** A page of the gateway's own origin, in a real browser, that cancels by the client. */
import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'
import { expect, onTestFinished } from 'vitest'
import { serve } from '../http/node.ts'
import { KEY, openGateway } from './faults.ts'

const CHROMIUM = '/usr/bin/chromium'
export const skipped =
  process.env['RESCIND_REQUIRE_CHROMIUM'] === '1' || existsSync(CHROMIUM)
    ? null
    : `there is no ${CHROMIUM}, so the client is not tested in a browser`

/** `script`: the JavaScript at an address of the site; the client is what `/client/index.js` is. */
export const expectToCancelInBrowser = async (
  script: (pathname: string) => string | undefined,
): Promise<void> => {
  const host = await openGateway()
  onTestFinished(() => host.close())
  const site = await serve({
    fetch: (request) => {
      const { pathname } = new URL(request.url)
      if (pathname === '/')
        return new Response('<!doctype html><title>x</title>', {
          headers: { 'content-type': 'text/html' },
        })
      const found = script(pathname)
      return found === undefined
        ? host.fetch(request)
        : new Response(found, { headers: { 'content-type': 'text/javascript' } })
    },
  })
  onTestFinished(site.close)
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox'],
    headless: true,
  })
  onTestFinished(() => browser.close())
  const page = await browser.newPage()
  await page.goto(site.url)
  // As text: what vitest makes of an import does not work on a page.
  const told = await page.evaluate(`(async () => {
    const { createClient, RescindError } = await import('/client/index.js')
    const client = createClient({ baseUrl: location.origin, key: '${KEY}' })
    const record = await client.cancel({ orderId: 'order_paid-browser', restock: true })
    const refused = await client.cancel({ orderId: 'order_shipped' }).catch((error) => error)
    const changed = []
    for await (const { cancellation } of client.changes()) changed.push(cancellation.status)
    const told = [record.status, refused instanceof RescindError, refused.cause]
    return [...told, refused.record.status, changed.sort()]
  })()`)
  expect(told).toEqual(['succeeded', true, 'fulfilled', 'rejected', ['rejected', 'succeeded']])
  // A browser's cache lets nobody at an address while it is being fetched, for 20 s.
  const release = host.platform('shop').hold()
  const meanwhile = await page.evaluate(`(async () => {
    const { createClient } = await import('/client/index.js')
    const client = createClient({ baseUrl: location.origin, key: '${KEY}' })
    const asked = client.cancel({ orderId: 'order_open-held' }, { waitMs: 0 })
    const { id } = await asked.catch(({ record }) => record)
    globalThis.held = client.get(id, { waitMs: 60_000 })
    const late = new Promise((resolve) => setTimeout(resolve, 10_000, 'late'))
    return Promise.race([client.get(id).then(({ status }) => status), late])
  })()`)
  expect(meanwhile).toBe('accepted')
  release()
  expect(await page.evaluate('globalThis.held.then(({ status }) => status)')).toBe('succeeded')
}
