/** Four eyes in a real Chromium: both themes, a phone, the keyboard alone, and without scripts. */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { clientOf } from '../http/host.ts'
import { type NodeHost, openNode } from '../http/node.ts'
import { describeChromium, look, openBrowser, violations } from './browser.ts'

const callers = [
  {
    name: 'intern',
    key: 'rsk_intern',
    scopes: ['read', 'cancel'],
    stores: ['*'],
    approval: 'required',
  },
  { name: 'anna', key: 'rsk_anna', scopes: ['read', 'approve'], stores: ['*'] },
] as const
/** Where pictures of the pages are put, for who looks at them. */
const pictures = process.env['RESCIND_PICTURES']

describeChromium('what waits for approval in Chromium', () => {
  let browser: Browser
  let host: NodeHost
  beforeAll(async () => {
    ;[browser, host] = await Promise.all([openBrowser(), openNode({ callers, stores: ['paris'] })])
  }, 30_000)
  afterAll(async () => {
    await browser.close()
    await host.close()
  })
  const ask = async (orderId: string): Promise<string> => {
    const body = { store: 'paris', orderId, reason: 'The buyer ordered twice' }
    return (await clientOf(host, 'rsk_intern')('POST', '/v1/cancellations', body)).body.id
  }
  /** Logged in, and nothing may have gone to another host. */
  const as =
    (key: string, deed: (page: Page) => Promise<void>, options: BrowserContextOptions = {}) =>
    async () => {
      const sight = await look(browser, host.url, options)
      try {
        await sight.page.goto('/console')
        await sight.page.getByLabel('Key').fill(key)
        await sight.page.keyboard.press('Enter')
        await sight.page.getByRole('button', { name: 'Log out' }).waitFor()
        await deed(sight.page)
        expect([sight.strays, sight.complaints]).toEqual([[], []])
      } finally {
        await sight.close()
      }
    }
  const shoot = async (page: Page, name: string) => {
    if (pictures) await page.screenshot({ path: `${pictures}/approve-${name}.png`, fullPage: true })
  }
  const story = async (page: Page, id: string) => {
    await page.goto(`/console/cancellations/${id}`)
    await page.locator('.status').first().waitFor()
  }

  it(
    'is found under “Needs you”, seen as it would be, and approved',
    as('rsk_anna', async (page) => {
      const id = await ask('order_paid-approve')
      await page.goto('/console')
      await page.getByRole('heading', { name: 'Waits for your approval' }).waitFor()
      expect(await violations(page)).toEqual([])
      await page.getByRole('link', { name: /^See what it would do/ }).click()
      await page.getByRole('columnheader', { name: 'What would happen' }).waitFor()
      await page.getByLabel('A note, for the record').fill('Seen with the buyer')
      await page.getByRole('button', { name: /^Approve: cancels order .*refunds/ }).click()
      await page.locator('.status', { hasText: 'Canceled' }).waitFor()
      await page.getByText('Seen with the buyer', { exact: true }).waitFor()
      expect(host.platform('paris').cancels.get('order_paid-approve')).toBe(1)
      expect(page.url()).toContain(id)
    }),
    60_000,
  )

  it(
    'is declined by the keyboard alone and without scripts, with a reason',
    as(
      'rsk_anna',
      async (page) => {
        const id = await ask('order_paid-decline')
        await story(page, id)
        await page.getByLabel('Why not, for the record').focus()
        await page.keyboard.type('It is packed')
        await page.keyboard.press('Tab')
        await page.keyboard.press('Enter')
        await page.locator('.status', { hasText: 'Not canceled' }).waitFor()
        await page.getByText('It is packed', { exact: true }).waitFor()
        expect(host.platform('paris').cancels.has('order_paid-decline')).toBe(false)
      },
      { javaScriptEnabled: false },
    ),
    60_000,
  )

  it(
    'is what who asked can only wait for, or take back',
    as('rsk_intern', async (page) => {
      const id = await ask('order_paid-own')
      await story(page, id)
      expect(await page.getByRole('button', { name: /Approve|Decline/ }).count()).toBe(0)
      await page.getByText('must do so before anything is sent').waitFor()
      expect(await violations(page)).toEqual([])
      await shoot(page, 'own-1280-light')
      await page.getByRole('button', { name: 'Withdraw this request' }).click()
      await page.locator('.status', { hasText: 'Not canceled' }).waitFor()
    }),
    60_000,
  )

  it.each([
    [1280, 'light'],
    [1280, 'dark'],
    [360, 'light'],
    [360, 'dark'],
  ] as const)(
    'has nothing that axe finds wrong, %i px wide and %s',
    async (width, colorScheme) => {
      const id = await ask(`order_paid-${width}-${colorScheme}`)
      await as(
        'rsk_anna',
        async (page) => {
          await page.goto('/console')
          await page.getByRole('heading', { name: 'Waits for your approval' }).waitFor()
          expect(await violations(page)).toEqual([])
          await shoot(page, `home-${width}-${colorScheme}`)
          await story(page, id)
          expect(await violations(page)).toEqual([])
          const wide = await page.evaluate('document.documentElement.scrollWidth')
          expect(wide).toBeLessThanOrEqual(width)
          await shoot(page, `story-${width}-${colorScheme}`)
        },
        { viewport: { width, height: 860 }, colorScheme },
      )()
    },
    60_000,
  )
})
