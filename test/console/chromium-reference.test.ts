/**
 * The reference and a problem's page in a real Chromium over a real gateway: both themes, wide and
 * on a phone, without scripts; and where the address of the gateway leads a person.
 */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Started, start } from '../../src/hosts/node/index.ts'
import { describeChromium, look, openBrowser, violations } from './browser.ts'

const WIDTHS = { wide: 1280, phone: 360 } as const

describeChromium('the reference in Chromium', () => {
  let browser: Browser
  let gateway: Started
  beforeAll(async () => {
    ;[browser, gateway] = await Promise.all([
      openBrowser(),
      start({ PORT: '0', LOG_LEVEL: 'silent', RESCIND_LEDGER: 'memory:' }, { sandbox: true }),
    ])
  }, 30_000)
  afterAll(async () => {
    await browser.close()
    await gateway.close()
  })

  // What another width or theme can change; all of it takes long on a page so large.
  it.each([
    ['wide', 'light', 'all'],
    ['wide', 'dark', 'colors'],
    ['phone', 'light', 'layout'],
  ] as const)(
    '%s, %s: nothing is wrong, nothing runs over, nothing is asked of another host',
    async (width, colorScheme, rules) => {
      const viewport = { width: WIDTHS[width], height: 860 }
      const sight = await look(browser, gateway.url, { viewport, colorScheme })
      const { page } = sight
      try {
        for (const path of ['/docs', '/problems/order-not-cancelable']) {
          await page.goto(path)
          for (const details of await page.locator('#cancel details').all())
            await details.locator('summary').first().click()
          expect(await violations(page, rules), path).toEqual([])
          expect(
            await page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
            path,
          ).toBeLessThanOrEqual(0)
        }
        expect([sight.strays, sight.complaints]).toEqual([[], []])
      } finally {
        await sight.close()
      }
    },
    60_000,
  )

  it('leads from the list to each operation, without a script', async () => {
    const sight = await look(browser, gateway.url, { javaScriptEnabled: false })
    const { page } = sight
    try {
      await page.goto('/docs')
      await page.getByRole('link', { name: 'Withdraw a cancellation' }).first().click()
      expect(page.url()).toMatch(/#withdraw$/)
      const operation = page.locator('#withdraw')
      expect((await operation.boundingBox())?.y).toBeLessThan(100)
      await operation.getByText('Fields', { exact: true }).click()
      await operation.getByText('Every call that was to cancel it.').waitFor()
      expect([sight.strays, sight.complaints]).toEqual([[], []])
    } finally {
      await sight.close()
    }
  })

  it('/ leads a person to the console', async () => {
    const sight = await look(browser, gateway.url)
    try {
      await sight.page.goto('/')
      expect(new URL(sight.page.url()).pathname).toBe('/console')
    } finally {
      await sight.close()
    }
  })
})
