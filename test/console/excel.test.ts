/**
 * A file that Excel made, in a real Chromium: its mistakes by the lines that Excel shows, what it
 * would come to by store, what went wrong first, and what was refused as a file to be sent again.
 */
import { mkdirSync, readFileSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type NodeHost, openNode } from '../http/node.ts'
import { describeChromium, look, openBrowser, type Sight, violations } from './browser.ts'

/** Where the pages are kept as pictures; left out: nowhere. */
const SHOTS = process.env['RESCIND_SHOTS']

/** As Excel saves “Unicode text”: UTF-16 with its mark, tabs, quotes where a cell needs them. */
const unicodeText = (rows: readonly (readonly string[])[]) => ({
  name: 'Storno März.txt',
  mimeType: 'text/plain',
  buffer: Buffer.from(
    `\ufeff${rows
      .map((cells) =>
        cells
          .map((cell) => (/["\t\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell))
          .join('\t'),
      )
      .join('\r\n')}\r\n`,
    'utf16le',
  ),
})

const HEADER = ['Shop', 'Order ID', 'Reason', 'NOTIFY', 'Re-stock', 'refund']
/** 60 orders of two stores: 54 can be canceled, four are sent, two are canceled already. */
const ORDERS = Array.from({ length: 60 }, (_, n) => {
  const kind = n % 15 === 4 ? 'fulfilled' : n % 30 === 9 ? 'canceled' : n < 40 ? 'paid' : 'open'
  return [
    n < 40 ? 'paris' : 'london',
    `order_${kind}-e${n}`,
    n === 2 ? 'Größe falsch,\nFarbe auch' : 'Rückruf',
    n % 2 === 0 ? 'ja' : 'Nein',
    'oui',
    n < 40 ? 'X' : '',
  ]
})

describeChromium('a batch from Excel in Chromium', () => {
  let browser: Browser
  let gateway: NodeHost
  beforeAll(async () => {
    ;[browser, gateway] = await Promise.all([
      openBrowser(),
      openNode({ callers: [], stores: ['paris', 'london'], timing: { callTimeoutMs: 60_000 } }),
    ])
    if (SHOTS) mkdirSync(SHOTS, { recursive: true })
  }, 30_000)
  afterAll(async () => {
    await browser.close()
    await gateway.close()
  })

  /** Nothing for axe in both themes, wide and narrow, and no page wider than its window. */
  const inspect = async (page: Page, name: string) => {
    for (const width of [1280, 360])
      for (const theme of ['light', 'dark'] as const) {
        await page.setViewportSize({ width, height: 860 })
        await page.emulateMedia({ colorScheme: theme })
        const found = await violations(page)
        expect([name, width, theme, found]).toEqual([name, width, theme, []])
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(
          width,
        )
        if (SHOTS)
          await page.screenshot({
            path: `${SHOTS}/excel-${name}-${width}-${theme}.png`,
            fullPage: true,
          })
      }
    await page.setViewportSize({ width: 1280, height: 860 })
    await page.emulateMedia({ colorScheme: 'light' })
  }
  const withPage = async (deed: (page: Page, sight: Sight) => Promise<void>, scripts = true) => {
    const sight = await look(browser, gateway.url, { javaScriptEnabled: scripts })
    try {
      await deed(sight.page, sight)
      expect([sight.strays, sight.complaints]).toEqual([[], []])
    } finally {
      await sight.close()
    }
  }
  const choose = async (page: Page, file: { name: string; mimeType: string; buffer: Buffer }) => {
    await page.goto('/console/batches')
    await page.getByLabel('A CSV file').setInputFiles(file)
    await page.getByRole('button', { name: 'Check the file' }).click()
  }
  const figure = (page: Page, store: string, name: string) =>
    page
      .locator('section', { has: page.getByRole('heading', { name: store, exact: true }) })
      .locator('.facts div', { has: page.getByText(name, { exact: true }) })
      .locator('dd')
      .textContent()

  /** Two mistakes, by the lines that Excel shows. */
  const seesMistakes = async (page: Page) => {
    await page.goto('/console/batches')
    await inspect(page, 'choose')
    // The third order’s reason has two lines, and an empty line stands before the fifth.
    const wrong = ORDERS.map((row, n) =>
      n === 10 ? row.with(1, '1,23457E+12') : n === 50 ? row.with(3, 'vielleicht') : row,
    )
    await choose(page, unicodeText([HEADER, ...wrong.slice(0, 4), [''], ...wrong.slice(4)]))
    await page.getByText('2 mistakes in the file').waitFor()
    const told = await page.locator('tbody tr').allInnerTexts()
    expect(told.map((text) => text.split(/\s+/).slice(0, 2))).toEqual([
      ['13', 'orderId'],
      ['53', 'notify'],
    ])
    expect(told[0]).toContain('a long number that the spreadsheet rounded')
    expect(told[1]).toContain('mean yes (yes, y, true, 1, x, ja,')
    await inspect(page, 'mistakes')
  }
  /** The mended file: its figures by store, and nothing sent. */
  const seesCheck = async (page: Page) => {
    await choose(page, unicodeText([HEADER, ...ORDERS.slice(0, 4), [''], ...ORDERS.slice(4)]))
    await page.getByRole('heading', { name: 'Cancel 60 orders?' }).waitFor()
    await page.getByText('Looked at 60 of 60 orders. Nothing was sent yet.').waitFor()
    await page.getByText('Storno März.txt').waitFor()
    expect(await page.locator('.lead').textContent()).toBe(
      '54 orders would be canceled, 4 cannot be, 2 are canceled already.',
    )
    for (const [store, name, value] of [
      ['paris', 'Would be canceled', '35'],
      ['paris', 'Cannot be canceled', '3'],
      ['paris', 'Canceled already', '2'],
      ['paris', 'Not known', '0'],
      ['london', 'Would be canceled', '19'],
      ['london', 'Cannot be canceled', '1'],
      ['london', 'Goods put back', '19'],
      ['paris', 'Buyers mailed', '0 (18 asked for)'],
    ])
      expect([store, name, await figure(page, store ?? '', name ?? '')]).toEqual([
        store,
        name,
        value,
      ])
    expect(await figure(page, 'paris', 'Money going back')).toMatch(/^[\d.]+ [A-Z]{3}$/)
    await inspect(page, 'check')
    expect(gateway.platform('paris').cancels.size + gateway.platform('london').cancels.size).toBe(0)
  }
  /** Started, and over: what was not canceled first. */
  const seesResult = async (page: Page) => {
    await page.getByRole('button', { name: 'Cancel 60 orders' }).click()
    await page.waitForURL(/bat_/)
    await page.getByText('Finished', { exact: true }).waitFor()
    expect(await page.locator('thead th').allTextContents()).toEqual([
      'Store',
      'Order',
      'Amount',
      'What happened',
    ])
    const first = await page.locator('tbody tr').allInnerTexts()
    expect(first.slice(0, 4).every((text) => /Not canceled/.test(text))).toBe(true)
    expect(first.slice(4).every((text) => /Canceled|Was already canceled/.test(text))).toBe(true)
    await page.getByRole('link', { name: 'Next 50' }).click()
    await page.waitForURL(/from=succeeded/)
    expect(await page.locator('tbody tr').count()).toBe(10)
    await page.goBack()
    await inspect(page, 'result')
  }
  /** What was refused, as it was sent and with its reason. */
  const downloads = async (page: Page) => {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download what was not canceled' }).click(),
    ])
    const buffer = readFileSync(await download.path())
    const lines = buffer.toString('utf16le').trim().split('\r\n')
    expect(lines[0]).toBe('\ufeffstore\torderId\treason\tnotify\trestock\trefund\twhy'.trim())
    expect(lines).toHaveLength(5)
    expect(lines[1]).toMatch(/^paris\torder_fulfilled-e4\tRückruf\tyes\tyes\tyes\t\S.+$/)
    return buffer
  }

  it(
    'is mended by Excel’s own lines, checked by store, started, and what was refused sent again',
    () =>
      withPage(async (page) => {
        await seesMistakes(page)
        await seesCheck(page)
        await seesResult(page)
        const buffer = await downloads(page)
        await choose(page, { name: 'again.csv', mimeType: 'text/csv', buffer })
        await page.getByRole('heading', { name: 'Cancel 4 orders?' }).waitFor()
        await page.getByText('No order would be canceled, 4 cannot be.').waitFor()
      }),
    240_000,
  )

  it(
    'works without scripts: what is looked at so far, and a way to refresh',
    () =>
      withPage(async (page) => {
        const release = gateway.platform('paris').hold()
        try {
          await choose(page, unicodeText([HEADER, ...ORDERS.slice(38, 42)]))
          await page
            .getByText('Looked at 2 of 4 orders so far. Nothing was sent yet. This page')
            .waitFor()
          release()
          await page.getByRole('link', { name: 'refresh' }).click()
          await page.getByText('Looked at 4 of 4 orders.').waitFor()
        } finally {
          release()
        }
      }, false),
    120_000,
  )

  it(
    'follows by itself while the stores are asked, and says so aloud',
    () =>
      withPage(async (page) => {
        const release = gateway.platform('paris').hold()
        try {
          await choose(page, unicodeText([HEADER, ...ORDERS.slice(38, 42)]))
          await page
            .getByText('Looked at 2 of 4 orders so far. Nothing was sent yet. This page')
            .waitFor()
          await inspect(page, 'waiting')
          release()
          await page.locator('#said', { hasText: 'Looked at 4 of 4 orders.' }).waitFor()
          expect(await page.locator('#live').getAttribute('data-mark')).toBeNull()
        } finally {
          release()
        }
      }),
    120_000,
  )

  it(
    'takes a file that is dropped where it is chosen, and stays where it is dropped beside',
    () =>
      withPage(async (page) => {
        await page.goto('/console/batches')
        const drop = (selector: string) =>
          page.evaluate((at) => {
            const data = new DataTransfer()
            data.items.add(new File(['store,orderId\nparis,order_paid-drop\n'], 'dropped.csv'))
            const place = document.querySelector(at)
            for (const type of ['dragover', 'drop'])
              place?.dispatchEvent(
                new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }),
              )
            return document.querySelector<HTMLInputElement>('#file')?.files?.[0]?.name ?? null
          }, selector)
        expect(await drop('h1')).toBeNull()
        expect(await drop('.drop .hint')).toBe('dropped.csv')
        await page.getByRole('button', { name: 'Check the file' }).click()
        await page.getByRole('heading', { name: 'Cancel 1 order?' }).waitFor()
      }),
    60_000,
  )
})
