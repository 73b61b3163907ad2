/**
 * Webhooks in the configuration: every mistake is named with its place, no value is repeated, and
 * secrets stay where webhooks are sent.
 */
import { describe, expect, it } from 'vitest'
import { ConfigError, readConfig } from '../src/config/configuration.ts'
import { platforms } from '../src/hosts/platforms.ts'

const CANARY = 'canary-7d2f9'
const base64 = (byte: number, length: number) => Buffer.alloc(length, byte).toString('base64')
const secret = `whsec_${base64(7, 24)}`
const HASH = `sha256:${'0123456789abcdef'.repeat(4)}`
const webhook = { name: 'orders', url: 'https://erp.example/hooks', secret, events: ['*'] }
const caller = { name: 'erp', keyHash: [HASH], scopes: ['read'], stores: ['*'] }

const read = (value: unknown, environment: Record<string, string> = {}) =>
  readConfig(
    value,
    environment,
    platforms.map(({ adapter }) => adapter),
  )
const withWebhooks = (webhooks: unknown, change: object = {}) => ({
  stores: [
    {
      id: 'paris',
      platform: 'medusa',
      settings: { baseUrl: 'https://shop.example', secretKey: 'sk_1' },
    },
  ],
  callers: [{ ...caller, ...change, webhooks }],
})
const withWebhook = (change: object) => withWebhooks([{ ...webhook, ...change }])

const mistakes = (value: unknown, environment: Record<string, string> = {}): string[] => {
  try {
    read(value, environment)
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    expect((error as Error).message).not.toContain(CANARY)
    return (error as Error).message.split('\n')
  }
  return []
}

describe('what is right', () => {
  it('is a webhook of its caller, which sees what the caller may see', () => {
    expect(read(withWebhooks([webhook], { stores: ['paris'] })).webhooks).toEqual([
      {
        id: '["erp","orders"]',
        caller: 'erp',
        name: 'orders',
        url: 'https://erp.example/hooks',
        keys: [new Uint8Array(24).fill(7)],
        events: null,
        stores: new Set(['paris']),
        reach: { allowHttp: false, allowPrivate: false, allowLoopback: false },
      },
    ])
  })

  it('has two keys while a secret is changed, the new one first, from the environment too', () => {
    const [read_] = read(
      withWebhook({ secret: { env: 'NEW' }, previousSecret: { env: 'OLD' }, url: { env: 'URL' } }),
      { NEW: base64(1, 64), OLD: secret, URL: 'https://erp.example/new' },
    ).webhooks
    expect(read_?.keys.map(([first]) => first)).toEqual([1, 7])
    expect(read_?.url).toBe('https://erp.example/new')
  })

  it('is told of all events, or of those that it names', () => {
    const eventsOf = (...events: string[]) => read(withWebhook({ events })).webhooks[0]?.events
    expect(eventsOf('cancellation.succeeded', 'batch.finished')).toEqual(
      new Set(['cancellation.succeeded', 'batch.finished']),
    )
    expect(eventsOf('batch.finished', '*')).toBeNull()
  })

  it('lies in the configuration of no caller, so that no secret goes where callers go', () => {
    const config = read(withWebhooks([webhook]))
    expect(config.callers).toEqual([caller])
    expect(JSON.stringify(config)).not.toContain(secret.slice('whsec_'.length))
  })

  it('two callers may each have one of a name', () => {
    const { webhooks } = read({
      stores: [],
      callers: [
        { ...caller, webhooks: [webhook] },
        { ...caller, name: 'wms', keyHash: [HASH.replace('0', '1')], webhooks: [webhook] },
      ],
    })
    expect(webhooks.map(({ id }) => id)).toEqual(['["erp","orders"]', '["wms","orders"]'])
  })

  it.each([
    ['http elsewhere', { url: 'http://erp.internal/hooks', allowHttp: true }],
    ['a private address', { url: 'https://10.0.0.7/hooks', allowPrivate: true }],
    ['this machine', { url: 'http://127.0.0.1:8080/hooks', allowPrivate: true }],
  ])('%s, where the operator says so', (_, change) =>
    expect(mistakes(withWebhook(change))).toEqual([]),
  )
})

const at = 'callers[0].webhooks[0]'

describe('what is wrong is named with its place', () => {
  it.each<[string, unknown, string[]]>([
    ['an object', withWebhooks(webhook), ['callers[0].webhooks: ']],
    ['text for one', withWebhooks([CANARY]), [`${at}: `]],
    [
      'an unknown member',
      withWebhook({ secrets: [CANARY] }),
      [`${at}: Unrecognized key: "secrets"`],
    ],
    ['no name', withWebhook({ name: undefined }), [`${at}.name: `]],
    ...['', '..', 'a b', 'a/b', 'x'.repeat(65)].map((name): [string, unknown, string[]] => [
      `the name ${JSON.stringify(name)}`,
      withWebhook({ name }),
      [`${at}.name: letters, digits`],
    ]),
    [
      'a name that comes twice',
      withWebhooks([webhook, { ...webhook, url: 'https://b.example' }]),
      ['callers[0].webhooks[1].name: another webhook of this caller has this name too'],
    ],
    ['no events', withWebhook({ events: undefined }), [`${at}.events: `]],
    ['an empty list of events', withWebhook({ events: [] }), [`${at}.events: `]],
    ['an unknown event', withWebhook({ events: ['*', 'order.canceled'] }), [`${at}.events[1]: `]],
    ['no secret', withWebhook({ secret: undefined }), [`${at}.secret: `]],
    ...[
      CANARY,
      '',
      base64(7, 23),
      base64(7, 65),
      `whsec_whsec_${base64(7, 24)}`,
      ` ${secret}`,
      base64(7, 32).replace(/=$/, ''),
    ].map((bad, index): [string, unknown, string[]] => [
      `a secret that is none (${index})`,
      withWebhook({ secret: bad, previousSecret: bad }),
      [`${at}.secret: must be Base64`, `${at}.previousSecret: must be Base64`],
    ]),
    ['text that is no URL', withWebhook({ url: CANARY }), [`${at}.url: is not a URL`]],
    [
      'a login in the URL',
      withWebhook({ url: `https://user:${CANARY}@erp.example` }),
      [`${at}.url: must carry no user name`],
    ],
    [
      'a fragment in the URL',
      withWebhook({ url: `https://erp.example/#${CANARY}` }),
      [`${at}.url: must have no fragment`],
    ],
    ['http', withWebhook({ url: 'http://erp.example' }), [`${at}.url: must be https`]],
    [
      'a private address',
      withWebhook({ url: 'https://192.168.1.9/hooks' }),
      [`${at}.url: is no address in the internet`],
    ],
    ...['https://localhost/', 'https://2130706433/', 'https://[::ffff:127.0.0.1]/'].map(
      (url): [string, unknown, string[]] => [
        url,
        withWebhook({ url, allowHttp: true }),
        [`${at}.url: leads to this machine`],
      ],
    ),
    [
      'a caller that may not read',
      withWebhooks([webhook], { scopes: ['cancel'] }),
      ['callers[0].webhooks: only a caller with the scope read'],
    ],
    [
      'several at once',
      withWebhooks([{ ...webhook, url: 'ftp://erp.example' }, { name: 'x y' }], {
        stores: ['rome'],
      }),
      [
        'callers[0].stores: there is no store rome',
        `${at}.url: must be https`,
        'callers[0].webhooks[1].name: ',
        'callers[0].webhooks[1].url: ',
        'callers[0].webhooks[1].secret: ',
        'callers[0].webhooks[1].events: ',
      ],
    ],
  ])('%s', (_, value, expected) => {
    const found = mistakes(value)
    expect(found.map((line, index) => line.slice(0, expected[index]?.length))).toEqual(expected)
  })

  it('a variable that is not set, once, and whatever else is wrong', () => {
    expect(mistakes(withWebhook({ secret: { env: 'ERP_SECRET' }, previousSecret: 'x' }))).toEqual([
      `${at}.secret: the environment variable ERP_SECRET is not set`,
      expect.stringMatching(/previousSecret: must be Base64/),
    ])
  })

  it('a value from the environment, or in the place of a variable’s name, is not repeated', () => {
    expect(mistakes(withWebhook({ secret: { env: 'A' } }), { A: CANARY })).toEqual([
      expect.stringMatching(/\.secret: must be Base64/),
    ])
    expect(mistakes(withWebhook({ secret: { env: CANARY } }))).toEqual([
      `${at}.secret: the environment variable named here is not set`,
    ])
  })
})
