/**
 * The console in a real Chromium over a real gateway: every flow, by mouse, by keyboard alone and
 * without scripts; both themes; on a phone.
 * Longer than 400 lines because one browser serves every flow.
 */
import { mkdirSync, readFileSync } from 'node:fs'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { type Started, start } from '../../src/hosts/node/index.ts'
import { type NodeHost, openNode } from '../http/node.ts'
import { describeChromium, look, openBrowser, type Sight, violations } from './browser.ts'

const KEY = 'rsk_merchant'

describeChromium('the console in Chromium', () => {
  let browser: Browser
  let gateway: Started
  let guarded: NodeHost
  beforeAll(async () => {
    ;[browser, gateway, guarded] = await Promise.all([
      openBrowser(),
      start({ PORT: '0', LOG_LEVEL: 'silent', RESCIND_LEDGER: 'memory:' }, { sandbox: true }),
      openNode({
        callers: [{ name: 'anna', key: KEY, scopes: ['read', 'cancel', 'operate'], stores: ['*'] }],
        stores: ['paris', 'london'],
        // What is held back in a test must not run out of time in it.
        timing: { callTimeoutMs: 60_000 },
      }),
    ])
  }, 30_000)
  afterAll(async () => {
    await browser.close()
    await Promise.all([gateway.close(), guarded.close()])
  })

  /** Does it, and then nothing may have gone to another host, and no script may have failed. */
  const at =
    (
      url: () => string,
      options: BrowserContextOptions,
      deed: (page: Page, sight: Sight) => Promise<void>,
    ) =>
    async () => {
      const sight = await look(browser, url(), options)
      try {
        await deed(sight.page, sight)
        expect([sight.strays, sight.complaints]).toEqual([[], []])
      } finally {
        await sight.close()
      }
    }
  const sandbox = (
    deed: (page: Page, sight: Sight) => Promise<void>,
    options: BrowserContextOptions = {},
  ) => at(() => gateway.url, options, deed)

  /** At the gateway that asks for keys, once it has got one. */
  const loggedIn = (deed: (page: Page) => Promise<void>) =>
    at(
      () => guarded.url,
      {},
      async (page) => {
        await page.goto('/console')
        await page.getByLabel('Key').fill(KEY)
        await page.keyboard.press('Enter')
        await page.getByRole('button', { name: 'Log out' }).waitFor()
        await deed(page)
      },
    )

  const ask = async (body: object, url = gateway.url): Promise<string> =>
    (
      (await (
        await fetch(`${url}/v1/cancellations`, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            prefer: 'respond-async',
            authorization: `Bearer ${KEY}`,
          },
          body: JSON.stringify(body),
        })
      ).json()) as { id: string }
    ).id
  const lead = (page: Page) => page.locator('.lead')
  /** Says which sandbox orders are one sale. */
  const link = (name: string, members: readonly (readonly [string, string, number])[]) =>
    fetch(`${gateway.url}/v1/links/${name}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        members: members.map(([store, orderId, stage]) => ({ store, orderId, stage })),
      }),
    })

  const resolve = async (page: Page) => {
    await page.getByRole('radio', { name: /^It is not canceled/ }).check()
    await page.getByLabel('What you saw, for the record').fill('The refund was taken back by hand')
    await page.getByRole('button', { name: 'Write this down' }).click()
  }

  it(
    'logs in with a key, cancels, logs out',
    at(
      () => guarded.url,
      {},
      async (page) => {
        await page.goto('/console/new?store=paris&order=order_open')
        await page.getByLabel('Key').fill('rsk_wrong')
        await page.getByRole('button', { name: 'Log in' }).click()
        await page.getByText('This key is not known.').waitFor()
        expect(await violations(page)).toEqual([])
        await page.getByLabel('Key').fill(KEY)
        await page.keyboard.press('Enter')
        await page.getByRole('heading', { name: /^Order/ }).waitFor()
        expect(page.url()).toContain('order=order_open')
        await page.getByRole('button', { name: 'Preview' }).click()
        await page.getByRole('button', { name: /^Cancel order .*: / }).click()
        await page.waitForURL(/\/console\/cancellations\/can_/)
        await page.locator('.status', { hasText: 'Canceled' }).waitFor()
        expect(await page.evaluate('document.cookie')).toBe('')
        await page.getByRole('button', { name: 'Log out' }).click()
        await page.waitForURL(/\/console\/login/)
        await page.goto('/console/cancellations')
        expect(page.url()).toContain('/console/login')
      },
    ),
  )

  it(
    'finds an order, shows what would happen, cancels it once however often it is pressed',
    sandbox(async (page) => {
      await page.goto('/console')
      await page.getByRole('link', { name: 'New cancellation' }).click()
      await page.getByLabel('Store').selectOption('sandbox-wix')
      await page.getByLabel('Order number or id').fill('mixed-catalog')
      await page.getByRole('button', { name: 'Find', exact: true }).click()
      await page.getByLabel('Reason, for the record').fill('Wrong quantity')
      await page.getByRole('group', { name: 'Mail the buyer?' }).getByLabel('Yes').check()
      await page.getByRole('group', { name: 'Put the goods back?' }).getByLabel('Yes').check()
      await page.getByRole('button', { name: 'Preview' }).click()
      await page.getByText('would be done in part').waitFor()
      await page
        .getByRole('button', {
          name: /^Cancel order \d+: mails the buyer, puts part of the goods back, moves no money$/,
        })
        .dblclick()
      await page.waitForURL(/can_/)
      expect(await lead(page).textContent()).toBe(
        'The order is canceled. The store mails the buyer, says its manual. The goods went back ' +
          'only in part. 49.90 EUR stay paid.',
      )
      await page.getByText('Not as asked: partly done').waitFor()
      await page.getByText('Refund 49.90 EUR in the store').waitFor()
      await page.goto('/console/cancellations?order=mixed-catalog')
      expect(await page.locator('[data-row]').count()).toBe(1)
    }),
  )

  it(
    'what needs a person shows up by itself, and is resolved with a note',
    sandbox(async (page) => {
      await page.goto('/console')
      const id = await ask({
        store: 'sandbox-medusa',
        orderId: 'order_400-after-refund',
        reason: 'Wrong quantity',
      })
      await page.getByText('Money moved, but the order is not canceled').waitFor()
      expect(await page.getByRole('navigation').getByText('1', { exact: true }).count()).toBe(1)
      await page.getByText('1 needs you.').waitFor({ state: 'attached' })
      await page.getByText(/^Resolve order/).click()
      await resolve(page)
      await page.getByText('Nothing needs you.').first().waitFor()
      await page.goto(`/console/cancellations/${id}`)
      expect(await lead(page).textContent()).toMatch(
        /^A person found that the order is not canceled\. [\d.]+ USD went back to the buyer\.$/,
      )
      await page.getByText('“The refund was taken back by hand”, says local').waitFor()
    }),
  )

  it(
    'follows a cancellation to its end, and says each change once',
    sandbox(async (page) => {
      const id = await ask({ store: 'sandbox-medusa', orderId: 'order_slow' })
      await page.goto(`/console/cancellations/${id}`)
      await page.getByText('The store is being asked.').waitFor()
      await page.getByText(/^As curl/).click()
      await page.getByText('went back to the buyer').waitFor()
      expect(await page.locator('#curl').getAttribute('open')).not.toBeNull()
      expect(await page.getByRole('status').textContent()).toMatch(/^Order \d+: Canceled\.$/)
    }),
  )

  it(
    'withdraws what was not sent',
    loggedIn(async (page) => {
      const london = guarded.platform('london')
      london.mood = 'away'
      onTestFinished(() => {
        london.mood = 'well'
      })
      const id = await ask({ store: 'london', orderId: 'order_open-withdrawn' }, guarded.url)
      await page.goto(`/console/cancellations/${id}`)
      await page.getByRole('button', { name: /^Withdraw this request/ }).click()
      await page.getByText('Taken back before anything was sent.').waitFor()
    }),
  )

  it(
    'a batch: checked, confirmed by its number, paused, resumed, finished, downloaded',
    loggedIn(async (page) => {
      const rows = Array.from(
        { length: 130 },
        (_, n) => `${n < 70 ? 'paris,order_open' : 'london,order_fulfilled'}-b${n},SO-${n}`,
      )
      const file = (lines: readonly string[]) => ({
        name: 'orders.csv',
        mimeType: 'text/csv',
        buffer: Buffer.from(['store,orderId,reference', ...lines].join('\n')),
      })
      const check = async (lines: readonly string[]) => {
        await page.goto('/console/batches')
        await page.getByLabel('A CSV file').setInputFiles(file(lines))
        await page.getByRole('button', { name: 'Check the file' }).click()
      }
      await check(['nowhere,open,SO-1', ...rows])
      await page.getByText('1 mistake in the file').waitFor()
      expect(await page.locator('td').allTextContents()).toEqual([
        '2',
        'store',
        'No store with this id is configured for this key.',
      ])
      await check(rows)
      await page.getByRole('button', { name: 'Cancel 130 orders' }).click()
      expect(page.url()).toContain('/check')
      await page.getByLabel('Type 130 to start').fill('130')
      // However slow the browser is, it is not over before it is paused.
      const release = guarded.platform('paris').hold()
      onTestFinished(release)
      await page.getByRole('button', { name: 'Cancel 130 orders' }).click()
      await page.waitForURL(/bat_/)
      await page.getByRole('button', { name: 'Pause' }).click()
      await page.getByText('Paused', { exact: true }).waitFor()
      await page.locator('.lead', { hasText: / orders wait until it is resumed/ }).waitFor()
      expect(await violations(page)).toEqual([])
      release()
      await page.getByRole('button', { name: 'Resume' }).click()
      await page.getByText(/^70 of 130 orders are canceled\./).waitFor()
      await page.getByText('Finished', { exact: true }).waitFor()
      await page.getByRole('link', { name: /^Not canceled 60/ }).click()
      expect(await page.locator('tbody tr').count()).toBe(50)
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name: 'CSV' }).click(),
      ])
      expect(
        readFileSync(await download.path(), 'utf8')
          .trim()
          .split('\r\n'),
      ).toHaveLength(131)
    }),
  )

  it(
    'by keyboard alone: finds, walks, opens, cancels; single keys change nothing',
    sandbox(async (page) => {
      const press = (...keys: string[]) =>
        keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve())
      /** Tab until the focus is there, and is to be seen. */
      const reach = async (name: RegExp) => {
        for (let n = 0; n < 60; n++) {
          await press('Tab')
          const found = await page.evaluate(() => {
            const element = document.activeElement as HTMLInputElement
            const { outlineStyle, outlineWidth } = getComputedStyle(element)
            return {
              text: (
                `${element.closest('fieldset')?.querySelector('legend')?.textContent ?? ''} ` +
                `${element.labels?.[0]?.textContent ?? ''} ${element.textContent ?? ''}`
              ).trim(),
              seen: outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2,
            }
          })
          expect(found.seen, found.text).toBe(true)
          if (name.test(found.text)) return
        }
        throw new Error(`not reached by Tab: ${name}`)
      }
      await ask({ store: 'sandbox-wix', orderId: 'open-keys', reference: 'KEYS-1' })
      await ask({ store: 'sandbox-wix', orderId: 'open-keys2', reference: 'KEYS-2' })
      await page.goto('/console')
      await press('/')
      await page.keyboard.type('KEYS-1')
      await press('Enter')
      await page.waitForURL(/can_/)
      await press('g', 'c')
      await page.waitForURL(/\/console\/cancellations$/)
      await press('j', 'j', 'k', 'j', 'Enter')
      await page.waitForURL(/can_/)
      await page.getByText('KEYS-1').first().waitFor()
      await press('?')
      await page.getByText('next and previous row').waitFor()
      await page.goto('/console/new?store=sandbox-medusa&order=order_paid-keys')
      await press('y', 'l', 'd', 'x', 'Delete')
      await reach(/^Put the goods back\?/)
      await press('ArrowRight')
      await reach(/^Preview$/)
      await press('Enter')
      await page.waitForURL(/preview/)
      await reach(/^Cancel order \d+: puts the goods back, refunds 51\.40 USD$/)
      await press('Enter')
      await page.waitForURL(/can_/)
      await page.getByText('Put the goods back: yes').waitFor()
      await page.getByRole('button', { name: 'Single keys: on' }).press('Enter')
      await page.getByRole('button', { name: 'Single keys: off' }).waitFor()
      const before = page.url()
      await press('g', 'c')
      await expect(page.waitForURL(/\/console\/cancellations$/, { timeout: 300 })).rejects.toThrow()
      expect(page.url()).toBe(before)
    }),
  )

  it(
    'a linked order: each choice shown before it is made, and the page of its link follows',
    sandbox(async (page) => {
      await link('SO-100', [
        ['sandbox-medusa', 'order_slow-l', 1],
        ['sandbox-wix', 'open-l', 3],
      ])
      await page.goto('/console/new?store=sandbox-wix&order=open-l')
      await page.getByRole('button', { name: 'Preview' }).click()
      await page.getByText('It is linked with other orders').waitFor()
      await page.getByRole('button', { name: 'This order alone' }).click()
      await page.getByText('It would stay as it is.').waitFor()
      await page.getByRole('button', { name: 'All or none' }).click()
      await page.getByRole('button', { name: /^Cancel order \d+ and 1 linked order/ }).click()
      await page.waitForURL(/can_/)
      await page.getByText('Linked as').waitFor()
      await page.getByRole('link', { name: 'SO-100' }).click()
      await page.waitForURL(/links/)
      await page.getByText('All of its orders are canceled.').waitFor()
    }),
  )

  it(
    'a page that is followed in one tab opens in another, and again in its own, at once',
    sandbox(async (page, { another }) => {
      const open = async (tab: Page) => {
        const held = tab.waitForRequest((request) => 'rescind-live' in request.headers())
        // A browser lets nobody at a page of its cache while it is being fetched, for 20 s.
        await tab.goto('/console', { timeout: 10_000 })
        await held
      }
      await open(page)
      await open(await another())
      await open(page)
    }),
  )

  it(
    'without scripts everything works too',
    sandbox(
      async (page) => {
        await page.goto('/console/new?store=sandbox-medusa&order=order_400-after-refund-2')
        await page.getByRole('button', { name: 'Preview' }).click()
        await page.getByRole('button', { name: 'Change the wishes' }).click()
        await page.getByLabel('Reason, for the record').fill('No scripts')
        await page.getByRole('button', { name: 'Preview' }).click()
        await page.getByRole('button', { name: /^Cancel order/ }).click()
        await page.waitForURL(/can_/)
        await lead(page).getByText('A person must look').waitFor()
        await resolve(page)
        await page.getByText('A person found that the order is not canceled.').waitFor()
        await page.getByRole('button', { name: 'Dark' }).click()
        expect(await page.locator('html').getAttribute('data-theme')).toBe('dark')
        await page.getByLabel('Find order or id').fill('order_400-after-refund-2')
        await page.getByLabel('Find order or id').press('Enter')
        await page.waitForURL(/can_/)
      },
      { javaScriptEnabled: false },
    ),
  )

  it(
    'every page, both themes, wide and 320 px: nothing wrong by axe, nothing too wide',
    { timeout: 180_000 },
    sandbox(async (page) => {
      const [needs, done] = await Promise.all([
        ask({
          store: 'sandbox-medusa',
          orderId: 'order_400-after-refund-3',
          restock: true,
          reference: 'SO-4711',
        }),
        ask({
          store: 'sandbox-wix',
          orderId: 'mixed-catalog-2',
          restock: true,
          notify: true,
          reason: 'W'.repeat(200),
          message: 'x'.repeat(300),
          reference: `REF-${'a'.repeat(120)}`,
        }),
      ])
      await page.goto(`/console/cancellations/${needs}`)
      await lead(page).getByText('A person must look').waitFor()
      await link('SO-axe', [
        ['sandbox-medusa', 'order_paid-axe-2', 1],
        ['sandbox-shopline', `paid-${'l'.repeat(90)}`, 2],
        ['sandbox-wix', 'open-axe-2', 3],
      ])
      const alone = { store: 'sandbox-medusa', orderId: 'order_paid-axe-2', linked: 'none' }
      const part = await ask(alone)
      await page.goto('/console')
      await page.getByRole('link', { name: 'Link SO-axe' }).waitFor()
      const faults: string[] = []
      const paths = [
        '/console',
        '/console/cancellations',
        `/console/cancellations/${needs}`,
        `/console/cancellations/${done}`,
        '/console/new',
        '/console/new?find=nowhere-at-all',
        '/console/new?store=sandbox-wix&order=open-axe',
        '/console/batches',
        '/console/stores',
        '/console/links',
        '/console/links/SO-axe',
        `/console/cancellations/${part}`,
        '/console/webhooks',
        '/console/messages',
        '/console/audit',
        '/console/audit?action=buyer.erased',
        '/console/cancellations?status=rejected&order=none',
        '/console/nowhere',
      ]
      for (const path of [...paths, 'order_paid-axe', 'order_paid-axe-2']) {
        if (path.startsWith('order_')) {
          await page.setViewportSize({ width: 1280, height: 860 })
          await page.goto(`/console/new?store=sandbox-medusa&order=${path}`)
          await page.getByRole('button', { name: 'Preview' }).click()
          await page.waitForURL(/preview/)
        } else await page.goto(path)
        await page.evaluate(() => {
          for (const fold of document.querySelectorAll('details')) fold.open = true
        })
        for (const [width, colorScheme, rules] of [
          [1280, 'light', 'all'],
          [1280, 'dark', 'colors'],
          [320, 'light', 'layout'],
        ] as const) {
          await page.setViewportSize({ width, height: 860 })
          await page.emulateMedia({ colorScheme })
          faults.push(
            ...(await violations(page, rules)).map(
              (fault) => `${path} ${width} ${colorScheme}: ${fault}`,
            ),
          )
          const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
          if (over > 0) faults.push(`${path}: ${over} px too wide at ${width}`)
        }
        await page.setViewportSize({ width: 860, height: 860 })
        if (await page.evaluate(() => document.documentElement.scrollWidth > innerWidth))
          faults.push(`${path}: too wide at 860`)
      }
      expect(faults).toEqual([])
    }),
  )

  // Not a test: made on demand, by npm run pictures.
  if (process.env['RESCIND_PICTURES'])
    it(
      'pictures for the docs',
      sandbox(async (page) => {
        const folder = new URL('../../docs/pictures/', import.meta.url).pathname
        mkdirSync(folder, { recursive: true })
        const picture = (name: string) =>
          page.screenshot({
            path: `${folder}console-${name}.png`,
            clip: { x: 0, y: 0, width: 1120, height: 760 },
          })
        const [needs] = await Promise.all([
          ask({
            store: 'sandbox-medusa',
            orderId: 'order_400-after-refund-p',
            restock: true,
            reference: 'SO-4711',
          }),
          ask({ store: 'sandbox-shopline', orderId: 'fulfilled-p', reference: 'SO-4712' }),
          ask({ store: 'sandbox-shopline-asia', orderId: 'restock-fails-p', notify: true }),
          ask({ store: 'sandbox-medusa', orderId: 'order_paid-p', notify: true, restock: true }),
        ])
        await page.setViewportSize({ width: 1120, height: 760 })
        await page.goto(`/console/cancellations/${needs}`)
        await lead(page).getByText('A person must look').waitFor()
        await page.goto('/console')
        await page
          .getByText(/^Resolve order/)
          .first()
          .click()
        await picture('needs-you')
        await page.goto('/console/new?store=sandbox-wix&order=mixed-catalog-p')
        await page.getByLabel('Reason, for the record').fill('Wrong quantity')
        await page.getByRole('group', { name: 'Mail the buyer?' }).getByLabel('Yes').check()
        await page.getByRole('group', { name: 'Put the goods back?' }).getByLabel('Yes').check()
        await page.getByRole('button', { name: 'Preview' }).click()
        await page.waitForURL(/preview/)
        await picture('preview')
        await page.getByRole('button', { name: /^Cancel order/ }).click()
        await page.waitForURL(/can_/)
        await picture('story')
        await page.emulateMedia({ colorScheme: 'dark' })
        await page.goto('/console/cancellations')
        await picture('cancellations')
        await page.emulateMedia({ colorScheme: 'light' })
        const rows = Array.from(
          { length: 900 },
          (_, n) =>
            `${n % 60 === 59 ? 'sandbox-medusa,order_400-after-refund' : n % 9 < 2 ? 'sandbox-shopline,fulfilled' : n % 9 === 2 ? 'sandbox-shoplazza,slow' : n % 2 ? 'sandbox-wix,open' : 'sandbox-medusa,order_paid'}-q${n}`,
        )
        await page.goto('/console/batches')
        await page.getByLabel('A CSV file').setInputFiles({
          name: 'Recall March.csv',
          mimeType: 'text/csv',
          buffer: Buffer.from(
            [
              'Shop;Order ID;Refund;Restock',
              ...rows
                .slice(0, 60)
                .toReversed()
                .map((row) => `${row};ja;x`),
            ]
              .join('\n')
              .replaceAll(',', ';'),
          ),
        })
        await page.getByRole('button', { name: 'Check the file' }).click()
        await page.getByText('Looked at 60 of 60 orders.').waitFor()
        await picture('check')
        const batch = (await (
          await fetch(`${gateway.url}/v1/batches`, {
            method: 'POST',
            headers: { 'content-type': 'text/csv' },
            body: ['store,orderId', ...rows].join('\n'),
          })
        ).json()) as { id: string }
        await page.goto(`/console/batches/${batch.id}`)
        await page
          .getByText(/^Canceled [1-9]/)
          .first()
          .waitFor()
        await page.waitForTimeout(2_500)
        await picture('batch')
        await page.emulateMedia({ colorScheme: 'dark' })
        await page.goto('/console/stores')
        await picture('stores')
        await page.emulateMedia({ colorScheme: 'light' })
        await link('SO-4711', [
          ['sandbox-tryton', '2', 1],
          ['sandbox-medusa', 'order_paid-link', 2],
          ['sandbox-wix', 'open-link', 3],
        ])
        await link('SO-4712', [
          ['sandbox-medusa', 'order_paid-link-2', 1],
          ['sandbox-wix', 'open-link-2', 3],
        ])
        const whole = { store: 'sandbox-medusa', orderId: 'order_paid-link-2' }
        const linked = await ask({ ...whole, reference: 'SO-4712' })
        await page.goto(`/console/cancellations/${linked}`)
        await page.getByText('All of its orders are canceled.').waitFor()
        await picture('linked-story')
        await ask({ store: 'sandbox-medusa', orderId: 'order_paid-link', linked: 'none' })
        await page.goto('/console/links/SO-4711')
        await page.reload()
        await picture('link')
      }),
    )
})
