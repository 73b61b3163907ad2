/**
 * A real Chromium over a real gateway: one browser for all tests, every request that leaves the
 * gateway's own origin counted.
 */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { describe } from 'vitest'

const CHROMIUM = '/usr/bin/chromium'
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Null: they run. Where RESCIND_REQUIRE_CHROMIUM=1 says so, a missing browser is a failure. */
export const skipped =
  process.env['RESCIND_REQUIRE_CHROMIUM'] === '1' || existsSync(CHROMIUM)
    ? null
    : `there is no ${CHROMIUM} (on Debian: apt-get install chromium), so nothing is tested in ` +
      'a browser'

/** A `describe` that needs Chromium; skipped only where there is none, and aloud. */
export const describeChromium = (name: string, tests: () => void): void => {
  if (skipped === null) return void describe(name, tests)
  process.stdout.write(`skipped: ${name}: ${skipped}\n`)
  return void describe.skip(`${name} (${skipped})`, tests)
}

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: CHROMIUM, args: FLAGS, headless: true })

export interface Sight {
  readonly page: Page
  /** Requests to another origin, and what the page complained of: both must stay empty. */
  readonly strays: string[]
  readonly complaints: string[]
  /** One more tab of the same person. */
  another(): Promise<Page>
  close(): Promise<void>
}

/** A fresh profile on this gateway. */
export const look = async (
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Sight> => {
  const context = await browser.newContext({
    baseURL: url,
    viewport: { width: 1280, height: 860 },
    reducedMotion: 'reduce',
    ...options,
  })
  const strays: string[] = []
  const complaints: string[] = []
  context.on('request', (request) => {
    if (new URL(request.url()).origin !== url) strays.push(request.url())
  })
  const another = async () => {
    const page = await context.newPage()
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error' && !/status of 4\d\d/.test(message.text()))
        complaints.push(message.text())
    })
    // A limit says that something hangs; a busy machine must not reach it.
    page.setDefaultTimeout(25_000)
    return page
  }
  return {
    page: await another(),
    strays,
    complaints,
    another,
    close: () => context.close(),
  }
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const RULES = {
  all: {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    rules: { 'target-size': { enabled: true } },
    resultTypes: ['violations'],
  },
  /** What another width can change: what is shown, how large, and in which order. */
  layout: {
    runOnly: {
      type: 'rule',
      values: [
        'aria-hidden-focus',
        'button-name',
        'heading-order',
        'label',
        'landmark-one-main',
        'link-name',
        'region',
        'scrollable-region-focusable',
        'target-size',
      ],
    },
    rules: { 'target-size': { enabled: true } },
    resultTypes: ['violations'],
  },
  /** What another theme can change. */
  colors: {
    runOnly: { type: 'rule', values: ['color-contrast', 'link-in-text-block'] },
    resultTypes: ['violations'],
  },
}

/**
 * What axe finds wrong, as text. Evaluated through the debugger, so the page's own policy stays as
 * strict as it is.
 */
export const violations = async (
  page: Page,
  rules: keyof typeof RULES = 'all',
): Promise<string[]> => {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(AXE)
  return page.evaluate(async (options) => {
    const { violations } = await (globalThis as any).axe.run(document, options)
    return violations.map(
      ({ id, nodes }: any) =>
        `${id}: ${nodes
          .slice(0, 3)
          .map(({ html, failureSummary }: any) => `${html.slice(0, 160)} ${failureSummary}`)
          .join(' | ')}`,
    )
  }, RULES[rules])
}
