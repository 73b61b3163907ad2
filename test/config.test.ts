/**
 * Configuration: every mistake is named with its place, no value is repeated, and what is dangerous
 * is refused.
 */
import { describe, expect, it } from 'vitest'
import { platforms } from '../src/hosts/platforms.ts'
import { ConfigError, readConfig } from '../src/config/configuration.ts'

const known = platforms.map(({ adapter }) => adapter)
const adapters = [
  ...known,
  ...known
    .filter(({ id }) => id === 'medusa')
    .map((medusa) => ({
      ...medusa,
      id: 'harmful',
      name: 'Harmful',
      repeat: { effect: 'harmful', source: 'made up' } as const,
    })),
]
const SECRET = 'canary-5e3c1'
const HASH = `sha256:${'0123456789abcdef'.repeat(4)}`

const settings = { baseUrl: 'https://shop.example', secretKey: `sk_${SECRET}` }
const store = { id: 'paris', platform: 'medusa', settings }
const caller = { name: 'erp', keyHash: [HASH], scopes: ['cancel', 'read'], stores: ['*'] }
const good = { stores: [store], callers: [caller] }

const read = (value: unknown, environment: Record<string, string> = {}) =>
  readConfig(value, environment, adapters)
const mistakes = (value: unknown, environment: Record<string, string> = {}): string[] => {
  try {
    read(value, environment)
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    expect((error as Error).message).not.toContain(SECRET)
    return (error as Error).message.split('\n')
  }
  return []
}
const withStore = (change: object) => ({ ...good, stores: [{ ...store, ...change }] })
const withSettings = (change: object) => withStore({ settings: { ...settings, ...change } })
const withCaller = (change: object) => ({ ...good, callers: [{ ...caller, ...change }] })

describe('what is right', () => {
  it('is read, with every default', () => {
    expect(read(good)).toMatchObject({
      stores: [
        {
          id: 'paris',
          adapter: { id: 'medusa' },
          settings: { baseUrl: 'https://shop.example', allowHttp: false },
          onDoubt: undefined,
          test: undefined,
        },
      ],
      callers: [{ name: 'erp' }],
      timing: {},
    })
    expect(read({ stores: [] })).toEqual({
      alerts: [],
      smtp: null,
      stores: [],
      callers: [],
      webhooks: [],
      timing: {},
      retention: {},
    })
  })

  it('for how long things are kept, in days', () => {
    const days = { keysDays: 1, recordsDays: 90, auditDays: 3_650 }
    expect(read({ ...good, retention: days }).retention).toEqual(days)
  })

  it('one hash may stand without its list, in any case', () => {
    expect(read(withCaller({ keyHash: HASH.toUpperCase() })).callers[0]?.keyHash).toEqual([HASH])
    expect(
      read(withCaller({ keyHash: [HASH, HASH.replace('0', '1')] })).callers[0]?.keyHash,
    ).toHaveLength(2)
  })

  it('secrets, or anything else of the settings, come from the environment', () => {
    const { stores } = read(
      withSettings({ secretKey: { env: 'PARIS_KEY' }, baseUrl: { env: 'PARIS_URL' } }),
      { PARIS_KEY: `sk_${SECRET}`, PARIS_URL: 'https://paris.example/medusa/' },
    )
    expect(stores[0]?.settings).toMatchObject({
      secretKey: `sk_${SECRET}`,
      baseUrl: 'https://paris.example/medusa',
    })
  })

  it.each([
    'https://shop.example',
    'https://shop.example:8443/prefix/',
    'http://localhost:9000',
    'http://127.0.0.1:9000',
    'http://127.1.2.3',
    'http://[::1]:9000',
  ])('%s as baseUrl', (baseUrl) => {
    expect(mistakes(withSettings({ baseUrl }))).toEqual([])
  })

  it('http elsewhere, where the operator says so', () =>
    expect(
      mistakes(withSettings({ baseUrl: 'http://medusa.internal:9000', allowHttp: true })),
    ).toEqual([]))
})

describe('what is wrong is named with its place', () => {
  it.each<[string, unknown, RegExp[]]>([
    ['a list', [good], [/^the file: /]],
    ['null', null, [/^the file: /]],
    ['text', 'x', [/^the file: /]],
    ['nothing', {}, [/^stores: /]],
    ['an unknown member', { ...good, stors: [] }, [/^the file: .*"stors"/]],
    ['stores as an object', { stores: { paris: store } }, [/^stores: /]],
    ['an unknown member of a store', withStore({ setings: {} }), [/^stores\[0\]: .*"setings"/]],
    ['no id', withStore({ id: undefined }), [/^stores\[0\]\.id: /]],
    ['an empty id', withStore({ id: '' }), [/^stores\[0\]\.id: letters/]],
    ['an id with a slash', withStore({ id: 'a/b' }), [/^stores\[0\]\.id: /]],
    ['an id too long', withStore({ id: 'x'.repeat(129) }), [/^stores\[0\]\.id: /]],
    ['no platform', withStore({ platform: undefined }), [/^stores\[0\]\.platform: /]],
    [
      'an unknown platform',
      withStore({ platform: 'no-such-shop' }),
      [/^stores\[0\]\.platform: there is no such platform; known: .*\bmedusa\b/],
    ],
    ['no settings', withStore({ settings: undefined }), [/^stores\[0\]\.settings: /]],
    ['settings as text', withStore({ settings: `sk_${SECRET}` }), [/^stores\[0\]\.settings: /]],
    ['onDoubt', withStore({ onDoubt: 'maybe' }), [/^stores\[0\]\.onDoubt: .*"ask"\|"resend"/]],
    [
      'onDoubt where a second cancel does harm',
      withStore({ platform: 'harmful', onDoubt: 'resend' }),
      [
        /^stores\[0\]\.onDoubt: a second cancel does harm at Harmful, so nothing is ever sent again/,
      ],
    ],
    [
      'a pace of nothing',
      withStore({ pace: { perSecond: 0, burst: 0 } }),
      [/^stores\[0\]\.pace\.perSecond: /, /^stores\[0\]\.pace\.burst: /],
    ],
    ['half a pace', withStore({ pace: { perSecond: 2 } }), [/^stores\[0\]\.pace\.burst: /]],
    ['test as text', withStore({ test: 'true' }), [/^stores\[0\]\.test: /]],
    [
      'two stores of one name',
      { stores: [store, { ...store }] },
      [/^stores\[1\]\.id: another store is called paris too/],
    ],
    [
      'an unknown setting',
      withSettings({ secretkey: SECRET }),
      [/^stores\[0\]\.settings: .*"secretkey"/],
    ],
    [
      'days that are none',
      { ...good, retention: { keysDays: 0, recordsDays: 4_000, auditDays: 1.5 } },
      [/^retention\.keysDays: /, /^retention\.recordsDays: /, /^retention\.auditDays: /],
    ],
    [
      'keys that outlive their records',
      { ...good, retention: { recordsDays: 20 } },
      [/^retention: keysDays \(30\) must not be more/],
    ],
    [
      'a setting of the wrong type',
      withSettings({ secretKey: 17 }),
      [/^stores\[0\]\.settings\.secretKey: /],
    ],
    [
      'a secret with a space',
      withSettings({ secretKey: `sk ${SECRET}` }),
      [/^stores\[0\]\.settings\.secretKey: must be visible ASCII/],
    ],
    [
      'an empty secret',
      withSettings({ secretKey: '' }),
      [
        /^stores\[0\]\.settings\.secretKey: Too small/,
        /^stores\[0\]\.settings\.secretKey: must be visible/,
        /^stores\[0\]\.settings: needs/,
      ],
    ],
    [
      'no credentials at all',
      withStore({ settings: { baseUrl: settings.baseUrl } }),
      [/^stores\[0\]\.settings: needs secretKey, or email and password/],
    ],
    [
      'no baseUrl where one is needed',
      withSettings({ baseUrl: undefined }),
      [/^stores\[0\]\.settings\.baseUrl: /],
    ],
    [
      'a baseUrl that is none',
      withSettings({ baseUrl: 'shop.example' }),
      [/^stores\[0\]\.settings\.baseUrl: /],
    ],
    [
      'another scheme',
      withSettings({ baseUrl: 'ftp://shop.example' }),
      [/^stores\[0\]\.settings\.baseUrl: /],
    ],
    [
      'a login in the baseUrl',
      withSettings({ baseUrl: `https://user:${SECRET}@shop.example` }),
      [/^stores\[0\]\.settings\.baseUrl: must be scheme, host and path only/],
    ],
    [
      'a query in the baseUrl',
      withSettings({ baseUrl: `https://shop.example?key=${SECRET}` }),
      [/^stores\[0\]\.settings\.baseUrl: must be/],
    ],
    ...[
      'http://shop.example',
      'http://10.0.0.7:9000',
      'http://localhost.shop.example',
      'http://127.0.0.1.shop.example',
      'http://[::2]',
    ].map((baseUrl): [string, unknown, RegExp[]] => [
      baseUrl,
      withSettings({ baseUrl }),
      [/^stores\[0\]\.settings\.baseUrl: http is for loopback only/],
    ]),
    ['callers as an object', { ...good, callers: { erp: caller } }, [/^callers: /]],
    ['an unknown member of a caller', withCaller({ scope: 'read' }), [/^callers\[0\]: .*"scope"/]],
    ['a caller without a name', withCaller({ name: '' }), [/^callers\[0\]\.name: /]],
    ...['erp\u0000', 'erp\u200b', 'erp\u202e', '\ud800', ' erp', ' '].map(
      (name) =>
        [
          `a caller called ${JSON.stringify(name)}`,
          withCaller({ name }),
          [/^callers\[0\]\.name: must be visible/],
        ] as [string, object, RegExp[]],
    ),
    [
      'a key in place of its hash',
      withCaller({ keyHash: `rsk_${SECRET}` }),
      [/^callers\[0\]\.keyHash\[0\]: must be "sha256:"/],
    ],
    [
      'a key in place of one of the hashes',
      withCaller({ keyHash: [HASH, `rsk_${SECRET}`] }),
      [/^callers\[0\]\.keyHash\[1\]: must be "sha256:"/],
    ],
    [
      'a hash cut short',
      withCaller({ keyHash: [HASH.slice(0, -1)] }),
      [/^callers\[0\]\.keyHash\[0\]: must be/],
    ],
    ['no hash', withCaller({ keyHash: [] }), [/^callers\[0\]\.keyHash: /]],
    [
      'a number as hash',
      withCaller({ keyHash: 17 }),
      [/^callers\[0\]\.keyHash: must be "sha256:"/],
    ],
    [
      'an unknown scope',
      withCaller({ scopes: ['read', 'write'] }),
      [/^callers\[0\]\.scopes\[1\]: .*"preview"\|"read"\|"cancel"\|"approve"\|"operate"/],
    ],
    [
      'an approval that is none',
      withCaller({ approval: true }),
      [/^callers\[0\]\.approval: .*"required"/],
    ],
    [
      'an approval that nobody could give, not even who asks',
      withCaller({ approval: 'required', scopes: ['cancel', 'approve'] }),
      [/^callers\[0\]\.approval: no other caller with the scope approve reaches the store paris/],
    ],
    ['no scope', withCaller({ scopes: [] }), [/^callers\[0\]\.scopes: /]],
    ['no store', withCaller({ stores: [] }), [/^callers\[0\]\.stores: /]],
    [
      'a store that is not there',
      withCaller({ stores: ['paris', 'rome'] }),
      [/^callers\[0\]\.stores: there is no store rome/],
    ],
    [
      'a limit of nothing',
      withCaller({ limits: { perMinute: 0 } }),
      [/^callers\[0\]\.limits\.perMinute: /],
    ],
    [
      'an unknown limit',
      withCaller({ limits: { perHour: 1 } }),
      [/^callers\[0\]\.limits\.perMinute: /, /^callers\[0\]\.limits: .*"perHour"/],
    ],
    [
      'two callers of one name',
      { ...good, callers: [caller, { ...caller, keyHash: [HASH.replace('0', '1')] }] },
      [/^callers\[1\]\.name: another caller is called erp too/],
    ],
    [
      'one key for two callers',
      { ...good, callers: [caller, { ...caller, name: 'shop', keyHash: [HASH.toUpperCase()] }] },
      [/^callers\[1\]\.keyHash: another caller has this key too/],
    ],
    ['a negative time', { ...good, timing: { settleMs: -1 } }, [/^timing\.settleMs: /]],
    ['a wait too long', { ...good, timing: { waitMs: 25_001 } }, [/^timing\.waitMs: /]],
    ['a time as text', { ...good, timing: { deadlineMs: '1h' } }, [/^timing\.deadlineMs: /]],
    ['half a millisecond', { ...good, timing: { giveUpMs: 0.5 } }, [/^timing\.giveUpMs: /]],
    [
      'a call without time',
      { ...good, timing: { callTimeoutMs: 0 } },
      [/^timing\.callTimeoutMs: /],
    ],
    ['an unknown time', { ...good, timing: { retryMs: 1 } }, [/^timing: .*"retryMs"/]],
    [
      'several at once',
      {
        stores: [{ ...store, id: 'a b', onDoubt: 'x' }],
        callers: [{ ...caller, scopes: ['x'] }],
        timing: { waitMs: -1 },
        more: 1,
      },
      [
        /^stores\[0\]\.id: /,
        /^stores\[0\]\.onDoubt: /,
        /^callers\[0\]\.scopes\[0\]: /,
        /^timing\.waitMs: /,
        /^the file: /,
      ],
    ],
    [
      'several deeper down',
      {
        stores: [
          store,
          { ...store, settings: { ...settings, baseUrl: 'http://a.example' } },
          { ...store, id: 'rome', platform: 'x' },
        ],
        callers: [{ ...caller, stores: ['oslo'] }],
      },
      [
        /^stores\[1\]\.id: /,
        /^stores\[1\]\.settings\.baseUrl: /,
        /^stores\[2\]\.platform: /,
        /^callers\[0\]\.stores: /,
      ],
    ],
  ])('%s', (_, value, expected) => {
    const found = mistakes(value)
    expect(found).toHaveLength(expected.length)
    for (const one of expected)
      expect(
        found.filter((line) => one.test(line)),
        `${one} in ${found.join(' | ')}`,
      ).toHaveLength(1)
  })

  it('a variable that is not set, or set to nothing', () => {
    for (const [environment, is] of [
      [{}, 'not set'],
      [{ PARIS_KEY: '' }, 'empty'],
    ] as const)
      expect(mistakes(withSettings({ secretKey: { env: 'PARIS_KEY' } }), environment)).toEqual([
        `stores[0].settings.secretKey: the environment variable PARIS_KEY is ${is}`,
      ])
  })

  it('a variable that is not set is not judged by what stands in its place', () => {
    expect(mistakes(withSettings({ baseUrl: { env: 'PARIS_URL' } }), {})).toEqual([
      'stores[0].settings.baseUrl: the environment variable PARIS_URL is not set',
    ])
  })

  it('a secret in place of a variable’s name is not repeated', () => {
    expect(mistakes(withSettings({ secretKey: { env: `sk_${SECRET}` } }))).toEqual([
      'stores[0].settings.secretKey: the environment variable named here is not set',
    ])
  })

  it('a value from the environment is not repeated either', () => {
    expect(
      mistakes(withSettings({ secretKey: { env: 'A' }, baseUrl: { env: 'B' } }), {
        A: `sk ${SECRET}`,
        B: `http://${SECRET}.example`,
      }),
    ).toHaveLength(1)
    expect(
      mistakes(withSettings({ baseUrl: { env: 'B' } }), { B: `http://${SECRET}.example` }),
    ).toEqual([expect.stringMatching(/^stores\[0\]\.settings\.baseUrl: http is for loopback only/)])
  })

  it('an object that only looks like a variable', () => {
    for (const secretKey of [
      { env: 'A', or: 'B' },
      { env: 17 },
      { environment: 'A' },
      [{ env: 'A' }],
    ])
      expect(mistakes(withSettings({ secretKey }), { A: 'x' })).toEqual([
        expect.stringMatching(/^stores\[0\]\.settings\.secretKey: /),
      ])
  })
})
