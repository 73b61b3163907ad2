/**
 * The console in a real Chromium over a real workerd, as `npx wrangler dev` runs what is deployed:
 * the same flows as on Node, on a desk and on a phone, in light and dark.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { describeChromium, look, openBrowser, violations } from '../console/browser.ts'
import { configOf } from '../http/host.ts'
import { serve, type Served } from '../http/node.ts'
import { openPlatform } from '../http/platform.ts'
import { type Dev, root, startWrangler } from '../wrangler.ts'

const KEY = 'rsk_anna'
const STORES = ['london', 'paris'] as const
const SCRIPT = ['dist/worker-console/worker.mjs']
const PHONE = { width: 360, height: 740 }
const VIEWS: readonly BrowserContextOptions[] = [
  {},
  { colorScheme: 'dark' },
  { viewport: PHONE },
  { viewport: PHONE, colorScheme: 'dark' },
]

describeChromium('the console on Workers, in Chromium', () => {
  let folder: string
  let browser: Browser
  let served: Served[]
  let config: string
  let dev: Dev
  const platforms = STORES.map(() => openPlatform())
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'rescind-edge-'))
    browser = await openBrowser()
    served = await Promise.all(platforms.map((platform) => serve(platform)))
    const callers = [
      { name: 'anna', key: KEY, scopes: ['read', 'cancel', 'operate'], stores: ['*'] },
    ] as const
    const baseUrl = (store: string) => served[STORES.indexOf(store as 'paris')]?.url ?? ''
    config = JSON.stringify(await configOf({ callers, stores: STORES }, baseUrl))
    dev = await startWrangler(
      join(folder, 'state'),
      {
        RESCIND_CONFIG: config,
        RESCIND_SESSION_SECRET: 'a secret of the tests, long enough',
        LOG_LEVEL: 'warn',
      },
      root,
      SCRIPT,
    )
  }, 120_000)
  afterAll(async () => {
    await dev?.close()
    await browser?.close()
    await Promise.all((served ?? []).map(({ close }) => close()))
    rmSync(folder, { recursive: true, force: true })
  })

  /** Does it in a fresh profile; nothing may have gone elsewhere, and no script may have failed. */
  const at = async (
    url: string,
    options: BrowserContextOptions,
    deed: (page: Page) => Promise<void>,
  ) => {
    const sight = await look(browser, url, options)
    try {
      await deed(sight.page)
      // What is answered with 503 the browser complains of by itself.
      const complaints = sight.complaints.filter((text) => !/status of 503/.test(text))
      expect([sight.strays, complaints]).toEqual([[], []])
    } finally {
      await sight.close()
    }
  }
  const enter = async (page: Page) => {
    await page.goto('/console')
    await page.getByLabel('Key').fill(KEY)
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Log out' }).waitFor()
  }
  const cancel = async (page: Page, store: string, order: string) => {
    await page.goto(`/console/new?store=${store}&order=${order}`)
    await page.getByRole('button', { name: 'Preview' }).click()
    await page.getByRole('button', { name: /^Cancel order .*: / }).dblclick()
    await page.waitForURL(/\/console\/cancellations\/can_/)
  }
  /** As a program does; asked again it is the same cancellation. */
  const ask = (body: object) =>
    fetch(`${dev.url}/v1/cancellations`, {
      method: 'POST',
      headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  /** Nothing is wider than the page, and axe finds nothing. */
  const isWell = async (page: Page, name: string) => {
    // With its sheet: a form that was sent with Enter waits for nothing.
    await page.waitForLoadState('load')
    expect([name, await violations(page)]).toEqual([name, []])
    expect(
      await page.evaluate('document.documentElement.scrollWidth <= innerWidth'),
      `${name} is too wide`,
    ).toBe(true)
  }

  it('logs in, previews, cancels once, follows the story, resolves what needs a person', () =>
    at(dev.url, {}, async (page) => {
      await page.goto('/console/new?store=paris&order=order_open')
      await page.getByLabel('Key').fill('rsk_wrong')
      await page.getByRole('button', { name: 'Log in' }).click()
      await page.getByText('This key is not known.').waitFor()
      await page.getByLabel('Key').fill(KEY)
      await page.keyboard.press('Enter')
      await page.getByRole('button', { name: 'Preview' }).click()
      await page.getByRole('button', { name: /^Cancel order .*: / }).dblclick()
      await page.waitForURL(/\/console\/cancellations\/can_/)
      await page.locator('.status', { hasText: 'Canceled' }).waitFor()
      expect(platforms[1]?.cancels.get('order_open')).toBe(1)

      await cancel(page, 'london', 'order_slow')
      await page.getByText('went back to the buyer').waitFor()

      await cancel(page, 'london', 'order_400-after-refund')
      await page.goto('/console')
      await page.getByText('Money moved, but the order is not canceled').waitFor()
      await page.getByText(/^Resolve order/).click()
      await page.getByRole('radio', { name: /^It is not canceled/ }).check()
      await page.getByLabel('What you saw, for the record').fill('Taken back by hand')
      await page.getByRole('button', { name: 'Write this down' }).click()
      await page.getByText('Nothing needs you.').first().waitFor()
    }))

  it('follows by itself what somebody else asked for', () =>
    at(dev.url, {}, async (page) => {
      await enter(page)
      await page.goto('/console/cancellations')
      await ask({ store: 'paris', orderId: 'order_open-else', reference: 'SO-99' })
      await page.getByText('SO-99').waitFor()
    }))

  it('takes a file, shows what it would come to, and cancels its orders', () =>
    at(dev.url, {}, async (page) => {
      await enter(page)
      await page.goto('/console/batches')
      const rows = Array.from({ length: 12 }, (_, at) => `${STORES[at % 2]},order_open-${at},Late`)
      await page.getByLabel('A CSV file').setInputFiles({
        name: 'orders.csv',
        mimeType: 'text/csv',
        buffer: Buffer.from(['store,orderId,reason', ...rows].join('\r\n')),
      })
      await page.getByRole('button', { name: 'Check the file' }).click()
      await page.getByText('12 orders would be canceled.').waitFor()
      await isWell(page, 'check')
      await page.getByRole('button', { name: 'Cancel 12 orders' }).click()
      await page.waitForURL(/\/console\/batches\/bat_/)
      await page.getByText('Finished', { exact: true }).waitFor()
      const canceled = platforms.flatMap(({ cancels }) => [...cancels])
      expect(canceled.filter(([order]) => /^order_open-\d/.test(order))).toHaveLength(12)
      expect(new Set(canceled.map(([, times]) => times))).toEqual(new Set([1]))
      await isWell(page, 'batch')
    }))

  it.each(VIEWS)('what it shows is well, as %j', (view) =>
    at(dev.url, view, async (page) => {
      await ask({ store: 'paris', orderId: 'order_400-after-refund' })
      await page.goto('/console')
      await isWell(page, 'login')
      await enter(page)
      await page.getByText('Money moved, but the order is not canceled').waitFor()
      await isWell(page, 'home')
      for (const place of ['batches', 'stores']) {
        await page.goto(`/console/${place}`)
        await isWell(page, place)
      }
      await page.goto('/console/cancellations?status=needs_attention')
      await page.locator('[data-row]').first().click()
      await page.getByRole('heading', { name: /^Order/ }).waitFor()
      await isWell(page, 'story')
    }),
  )

  it('without a secret it says what to do, on every address', async () => {
    const bare = await startWrangler(
      join(folder, 'bare'),
      { RESCIND_CONFIG: config, LOG_LEVEL: 'error' },
      root,
      SCRIPT,
    )
    onTestFinished(() => bare.close())
    for (const view of VIEWS.slice(0, 1).concat(VIEWS.slice(-1)))
      await at(bare.url, view, async (page) => {
        const answer = await page.goto('/console/cancellations')
        expect(answer?.status()).toBe(503)
        await page.getByRole('heading', { name: 'The console is not set up yet' }).waitFor()
        await isWell(page, 'closed')
      })
    expect(bare.output()).toContain('the console needs the secret RESCIND_SESSION_SECRET')
  }, 120_000)
})
