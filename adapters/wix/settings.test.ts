/** Wix: which settings open a store, where that leads, and how fast. */
import { describe, expect, it } from 'vitest'
import { wix } from './index.ts'
import vectors from './notices/wix.json' with { type: 'json' }

describe('wix: settings', () => {
  const [key, app] = [
    { apiKey: 'k', siteId: 's' },
    { appId: 'a', appSecret: 'b', instanceId: 'c' },
  ]
  it.each([
    [key],
    [app],
    [{ ...key, baseUrl: 'http://127.0.0.1:1/wix' }],
    [{ ...app, allowHttp: true, baseUrl: 'http://wix.internal' }],
  ])('takes %j', (settings) => {
    expect(wix.settings.safeParse(settings).success).toBe(true)
  })
  it.each([
    [{}],
    [{ apiKey: 'k' }],
    [{ siteId: 's' }],
    [{ appId: 'a', appSecret: 'b' }],
    [{ ...key, ...app }],
    [{ ...key, appId: 'a' }],
    [{ ...app, siteId: 's' }],
    [{ ...key, siteId: 's\n' }],
    [{ ...key, apiKey: '' }],
  ])('refuses %j', (settings) => {
    expect(wix.settings.safeParse(settings).success).toBe(false)
  })
  it('takes the key of webhooks, which only an app has, and no text in its place', () => {
    const { webhookSecret } = vectors.settings
    const takes = (settings: object) => wix.settings.safeParse(settings).success
    expect(takes({ ...app, webhookSecret })).toBe(true)
    expect(takes({ ...key, webhookSecret })).toBe(false)
    expect(takes({ ...app, webhookSecret: 'sixteen-letters-or-more' })).toBe(false)
  })
  it('has a host of its own, unless the store says otherwise', () => {
    expect(wix.baseUrl(wix.settings.parse(key))).toBe('https://www.wixapis.com')
    expect(wix.baseUrl(wix.settings.parse({ ...key, baseUrl: 'https://proxy.example/wix/' }))).toBe(
      'https://proxy.example/wix',
    )
  })
  it('keeps within 200 requests a minute', () => {
    expect(wix.pace.burst + 60 * wix.pace.perSecond).toBeLessThanOrEqual(200)
  })
})
