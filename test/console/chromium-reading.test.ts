/**
 * Finding and reading in a real Chromium over a real gateway: the first page with its chart, the
 * search, what has one cause as one thing, the list's filters and file, errors; light and dark,
 * wide and on a phone.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Started, start } from '../../src/hosts/node/index.ts'
import { openSqliteLedger } from '../../src/ledger/sql/sqlite.ts'
import { DAY_MS, type Status } from '../../src/model/cancellation.ts'
import { money } from '../../src/model/money.ts'
import { problem } from '../../src/model/problem.ts'
import { become, draft } from '../ledger/records.ts'
import { order } from '../model/samples.ts'
import { scratch } from '../scratch.ts'
import { describeChromium, look, openBrowser, type Sight, violations } from './browser.ts'

const STATES: readonly Status[] = ['succeeded', 'succeeded', 'succeeded', 'rejected']

/** Two weeks of a shop, and three orders that need a person for one cause. */
const seed = async (path: string): Promise<void> => {
  const ledger = openSqliteLedger(path)
  const put = async (status: Status, at: number, number: string, store: string) => {
    const made = draft({ store, orderId: `past-${number}`, reference: `PO-${number}`, at })
    const acted = status === 'needs_attention'
    await ledger.claim(
      {
        ...become(made, status, at + 1_000),
        order: order({ id: `past-${number}`, number }, { total: money('51.3971', 'USD') }),
        ...(acted && { problem: problem('needs-attention', 'Look.', { acted: 'yes' }) }),
      },
      null,
    )
  }
  for (let back = 1; back < 14; back++)
    for (let n = 0; n < ((back * 7) % 10) + 2; n++)
      await put(
        STATES[(n + back) % STATES.length] ?? 'succeeded',
        Date.now() - back * DAY_MS,
        `${back}${String(n).padStart(3, '0')}`,
        n % 2 ? 'sandbox-wix' : 'sandbox-medusa',
      )
  for (let n = 0; n < 3; n++)
    await put('needs_attention', Date.now() - n * DAY_MS, `77${n}`, 'sandbox-medusa')
  await ledger.close()
}

describeChromium('finding and reading, in Chromium', () => {
  let browser: Browser
  let gateway: Started
  let folder: string
  beforeAll(async () => {
    folder = mkdtempSync(join(scratch, 'rescind-reading-'))
    const path = join(folder, 'ledger.db')
    await seed(path)
    ;[browser, gateway] = await Promise.all([
      openBrowser(),
      start(
        { PORT: '0', LOG_LEVEL: 'silent', RESCIND_LEDGER: `sqlite:${path}` },
        { sandbox: true },
      ),
    ])
  }, 60_000)
  afterAll(async () => {
    await browser.close()
    await gateway.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const at =
    (deed: (page: Page, sight: Sight) => Promise<void>, options: BrowserContextOptions = {}) =>
    async () => {
      const sight = await look(browser, gateway.url, options)
      try {
        await deed(sight.page, sight)
        expect([sight.strays, sight.complaints]).toEqual([[], []])
      } finally {
        await sight.close()
      }
    }

  const picture = async (page: Page, name: string): Promise<void> => {
    const shots = process.env['RESCIND_SHOTS']
    if (!shots) return
    mkdirSync(shots, { recursive: true })
    await page.screenshot({ path: `${shots}/reading-${name}.png`, fullPage: true })
  }

  it(
    'the first page tells two weeks as an image with its numbers, also without scripts',
    at(
      async (page) => {
        await page.goto('/console')
        const chart = page.getByRole('img', { name: /last two weeks|Today goes/ })
        expect(await chart.count()).toBe(1)
        expect((await chart.boundingBox())?.height).toBeGreaterThan(100)
        // What is drawn is where it belongs: fourteen places, none beyond the card.
        const box = await chart.boundingBox()
        const columns = await page.locator('svg.chart g').all()
        expect(columns).toHaveLength(14)
        for (const one of await page.locator('svg.chart g rect').all()) {
          const drawn = await one.boundingBox()
          expect(
            drawn && box && drawn.x >= box.x - 1 && drawn.x + drawn.width <= box.x + box.width + 1,
          ).toBe(true)
        }
        await page.getByText('Show the numbers').click()
        const numbers = page.getByRole('region', { name: 'The numbers' })
        expect(await numbers.getByRole('row').count()).toBe(15)
      },
      { javaScriptEnabled: false },
    ),
  )

  it(
    'what has one cause opens to its rows, by keyboard too, and stays open as the page follows',
    at(async (page) => {
      await page.goto('/console')
      const summary = page.getByText(
        /^3 orders, 154\.19 USD in all; the oldest was asked for 2 days/,
      )
      await summary.waitFor()
      const row = page.getByRole('link', { name: 'Order 772' })
      expect(await row.isVisible()).toBe(false)
      await page.keyboard.press('j')
      await page.keyboard.press('Enter')
      await row.waitFor()
      // Closed rows are passed over; open ones are walked.
      await page.keyboard.press('j')
      expect(await row.evaluate((element) => element === document.activeElement)).toBe(true)
      await fetch(`${gateway.url}/v1/cancellations`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ store: 'sandbox-wix', orderId: 'paid-follows' }),
      })
      await page
        .locator('[id^=row-]')
        .filter({ hasText: /^1\d{4}$/ })
        .first()
        .waitFor()
      expect(await row.isVisible()).toBe(true)
      await page.getByText('Resolve order 772').click()
      await page.getByText('Close as not canceled: nothing more is sent').first().waitFor()
      await picture(page, 'needs-you')
    }),
  )

  it(
    'the search leads to the record by number and reference, in the way people write them',
    at(async (page) => {
      for (const typed of ['#772', 'po-772', 'PAST-772']) {
        await page.goto('/console/stores')
        await page.keyboard.press('/')
        await page.keyboard.type(typed)
        await page.keyboard.press('Enter')
        await page.getByRole('heading', { name: 'Order 772' }).waitFor()
      }
      expect(page.url()).toMatch(/\/console\/cancellations\/can_/)
    }),
  )

  it(
    'the list: filters in the address, chips that take them away, and a file',
    at(async (page) => {
      await page.goto('/console/cancellations')
      await page.getByLabel('Store').selectOption('sandbox-wix')
      await page.getByLabel('Reference').fill('PO-1001')
      await page.getByRole('button', { name: 'Filter' }).click()
      await page.waitForURL(/reference=PO-1001/)
      expect(await page.locator('[data-row]').count()).toBe(1)
      await page.getByRole('link', { name: 'Take away: Reference PO-1001' }).click()
      await page.waitForURL((url) => !url.search.includes('PO-1001'))
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name: 'Download as CSV' }).click(),
      ])
      expect(download.suggestedFilename()).toMatch(/^cancellations-\d{4}-\d\d-\d\d\.csv$/)
      await picture(page, 'list')
    }),
  )

  it(
    'each of these pages, light and dark, wide and at 360 px: axe finds nothing, none is too wide',
    { timeout: 180_000 },
    at(async (page) => {
      const faults: string[] = []
      for (const [name, path] of [
        ['home', '/console'],
        ['found', '/console/find?q=772&stores=1'],
        ['nothing', '/console/find?q=nowhere-at-all'],
        ['filtered', '/console/cancellations?store=sandbox-wix&reference=PO-1001&from=2026-01-01'],
        ['error', '/console/cancellations/can_01M8Q0A0Y7Q3V5KQC94TKAFYXM'],
        ['wrong', '/console/cancellations?from=yesterday'],
      ] as const) {
        await page.goto(path)
        await page.evaluate(() => {
          for (const fold of document.querySelectorAll('details')) fold.open = true
        })
        for (const width of [1280, 360])
          for (const colorScheme of ['light', 'dark'] as const) {
            await page.setViewportSize({ width, height: 860 })
            await page.emulateMedia({ colorScheme })
            const found = await violations(page)
            faults.push(...found.map((fault) => `${path} ${width} ${colorScheme}: ${fault}`))
            const over = await page.evaluate(
              () => document.documentElement.scrollWidth - innerWidth,
            )
            if (over > 0) faults.push(`${path}: ${over} px too wide at ${width}`)
            await picture(page, `${name}-${width}-${colorScheme}`)
          }
      }
      await page.goto('/console')
      await page.emulateMedia({ forcedColors: 'active' })
      await picture(page, 'forced')
      expect(faults).toEqual([])
    }),
  )
})
