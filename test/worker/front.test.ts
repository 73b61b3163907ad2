/**
 * The front on Workers: an id leads to its object, lists are merged, nobody gets in without a
 * caller, and a wrong configuration says where.
 */
import { runInDurableObject } from 'cloudflare:test'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Store } from '../../src/connection/store.ts'
import { markOf, openFront } from '../../src/hosts/workers/front.ts'
import { timing } from '../../src/gateway/workflow/timing.ts'
import { clientOf, configOf } from '../http/host.ts'
import { settings } from '../http/platform.ts'
import { openBound, openWorker, type WorkerHost } from './hosts.ts'

const callers = [
  { name: 'erp', key: 'rsk_erp', scopes: ['cancel', 'read', 'operate'], stores: ['*'] },
] as const
const closing: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const host of closing.splice(0)) await host.close()
})

const open = async (stores: readonly string[], hostname?: (store: string) => string) => {
  const host = await openWorker({ callers, stores }, hostname)
  closing.push(host)
  return { host, ask: clientOf(host, 'rsk_erp') }
}
/** The accounts that were spoken to meanwhile. */
const askedBy = async (host: WorkerHost, work: () => Promise<unknown>) => {
  host.asked.length = 0
  await work()
  return [...new Set(host.asked)].sort()
}

describe('ids', () => {
  it('end in their account’s mark, and lead to its object and to no other', async () => {
    const { host, ask } = await open(['a', 'b', 'c'])
    for (const store of ['a', 'b', 'c']) {
      const account = host.account(store)
      const { body } = await ask('POST', '/v1/cancellations', { store, orderId: 'order_open' })
      expect(body.id).toMatch(new RegExp(`^can_[0-9A-HJKMNP-TV-Z]{20}${markOf(account)}$`))
      expect(await askedBy(host, () => ask('GET', `/v1/cancellations/${body.id}`))).toEqual([
        account,
      ])
      expect(
        await askedBy(host, () => ask('POST', `/v1/cancellations/${body.id}/withdraw`)),
      ).toEqual([account])
      expect(await askedBy(host, () => ask('GET', `/v1/cancellations?store=${store}`))).toEqual([
        account,
      ])
      expect(
        await askedBy(host, () => ask('GET', `/v1/stores/${store}/orders/order_open`)),
      ).toEqual([account])
    }
    expect(
      await askedBy(host, () => ask('GET', '/v1/cancellations/can_01KAK3J0X5T9V2W8Q6N4M7R1ZB')),
    ).toEqual([])
  })

  it('two accounts of one mark: each record is found, and what neither knows is not', async () => {
    const names: Record<string, string> = { a: 'shop30824.test', b: 'shop88106.test' }
    expect(markOf(names['a'] ?? '')).toBe(markOf(names['b'] ?? ''))
    const { host, ask } = await open(['a', 'b'], (store) => names[store] ?? '')
    for (const store of ['a', 'b']) {
      const { body } = await ask('POST', '/v1/cancellations', {
        store,
        orderId: 'order_400-after-refund',
      })
      const id = body.cancellation.split('/').at(-1)
      expect((await ask('GET', `/v1/cancellations/${id}`)).body).toMatchObject({
        id,
        store,
        status: 'needs_attention',
      })
      expect(
        (await ask('POST', `/v1/cancellations/${id}/resolve`, { as: 'canceled', note: 'seen' }))
          .body,
      ).toMatchObject({ id, store, status: 'succeeded' })
    }
    const nobody = `can_01KAK3J0X5T9V2W8Q6N4${markOf(names['a'] ?? '')}`
    expect(
      await askedBy(host, async () =>
        expect((await ask('GET', `/v1/cancellations/${nobody}`)).status).toBe(404),
      ),
    ).toEqual(Object.values(names))
  })

  it('two stores of one account share its object, and its guard of an order', async () => {
    const { host, ask } = await open(['a', 'b'], () => 'shared.test')
    await Promise.all(
      ['a', 'b'].map((store) => ask('POST', '/v1/cancellations', { store, orderId: 'order_paid' })),
    )
    expect(host.platform('a').cancels.get('order_paid')).toBe(1)
    expect(await askedBy(host, () => ask('GET', '/v1/cancellations'))).toEqual(['shared.test'])
  })
})

describe('lists', () => {
  it('are merged over the accounts, in order, page by page, whatever is written', async () => {
    const stores = ['a', 'b', 'c']
    const { ask } = await open(stores)
    const ids: string[] = []
    for (let index = 0; index < 11; index++)
      ids.push(
        (
          await ask('POST', '/v1/cancellations', {
            store: stores[(index * 7) % 3],
            orderId: `order_open-${index}`,
          })
        ).body.id,
      )
    for (const [order, expected] of [
      ['asc', ids],
      ['desc', ids.toReversed()],
    ] as const) {
      for (const limit of [1, 3, 100]) {
        const met: string[] = []
        let cursor = ''
        do {
          const { body } = await ask(
            'GET',
            `/v1/cancellations?order=${order}&limit=${limit}` +
              (cursor && `&cursor=${encodeURIComponent(cursor)}`),
          )
          met.push(...body.data.map(({ id }: any) => id))
          cursor = body.nextCursor ?? ''
          if (order === 'desc' && met.length === 3)
            await ask('POST', '/v1/cancellations', {
              store: 'a',
              orderId: `order_open-later-${limit}`,
            })
        } while (cursor)
        expect(
          met.filter((id) => ids.includes(id)),
          `${order} ${limit}`,
        ).toEqual(expected)
        expect(new Set(met).size).toBe(met.length)
      }
    }
  })

  it('a caller of more stores than a statement takes values', async () => {
    const stores = Array.from({ length: 150 }, (_, index) => `store-${index}`)
    const host = await openWorker(
      { callers: [{ ...callers[0], stores: stores.slice(1) }], stores },
      () => 'many.test',
    )
    closing.push(host)
    const ask = clientOf(host, 'rsk_erp')
    const { body } = await ask('POST', '/v1/cancellations', {
      store: 'store-149',
      orderId: 'order_open',
    })
    expect((await ask('GET', '/v1/cancellations')).body.data.map(({ id }: any) => id)).toEqual([
      body.id,
    ])
  })
})

describe('a ledger that fails', () => {
  it('an object that goes away under a call may have done it, unless it only read', async () => {
    const gone = {
      idFromName: (name: string) => name,
      get: () => ({ call: () => Promise.reject(new Error('reset')) }),
    }
    const front = openFront({
      stores: new Map([['a', { account: 'a', adapter: {} } as unknown as Store]]),
      timing: timing(),
      namespace: gone as never,
      directory: async () => ({
        of: new Map([['a', { ledger: 'a', account: 'a' }]]),
        objects: ['a'],
      }),
      hasWebhooks: () => false,
      onSplit: () => {},
    })
    await expect(
      front.cancel({ store: 'a', orderId: 'open' } as never, 'erp', null, null),
    ).rejects.toMatchObject({
      name: 'LedgerUnavailable',
      written: null,
    })
    await expect(front.batches.create([], 'erp', null)).rejects.toMatchObject({ written: null })
    await expect(front.list({ stores: null, order: 'asc', limit: 1 })).rejects.toMatchObject({
      written: false,
    })
  })

  it('503 on all that needs it, nothing is accepted, and the other accounts go on', async () => {
    const { host, ask } = await open(['a', 'b'])
    const object = host.object(host.account('a'))
    const { body: record } = await ask('POST', '/v1/cancellations', {
      store: 'a',
      orderId: 'order_open',
    })
    const sql = (...statements: string[]) =>
      runInDurableObject(object, (_, { storage }) =>
        statements.forEach((text) => void storage.sql.exec(text)),
      )
    await sql(
      'alter table meta rename to gone_meta',
      'alter table cancellations rename to gone_cancellations',
    )
    for (const [method, path, sent] of [
      ['POST', '/v1/cancellations', { store: 'a', orderId: 'order_paid' }],
      ['GET', '/v1/cancellations'],
      ['GET', `/v1/cancellations/${record.id}`],
      ['POST', `/v1/cancellations/${record.id}/withdraw`],
      ['GET', '/readyz'],
    ] as const) {
      const { status, headers, body } = await ask(method, path, sent)
      expect([
        path,
        status,
        body.code,
        body.retryable,
        body.acted,
        headers.get('retry-after'),
      ]).toEqual([path, 503, 'ledger-unavailable', true, 'no', '1'])
    }
    expect((await ask('GET', '/healthz')).status).toBe(200)
    expect(
      (await ask('POST', '/v1/cancellations', { store: 'b', orderId: 'order_paid' })).status,
    ).toBe(201)
    await sql(
      'alter table gone_meta rename to meta',
      'alter table gone_cancellations rename to cancellations',
    )
    expect((await ask('GET', '/readyz')).status).toBe(200)
    expect(
      (await ask('POST', '/v1/cancellations', { store: 'a', orderId: 'order_paid' })).status,
    ).toBe(201)
  })
})

describe('the configuration', () => {
  const paris = { id: 'paris', platform: 'medusa', settings: settings('https://paris.test') }
  const bound = (values: Record<string, string>) => {
    const opened = openBound(values)
    closing.push(opened.host)
    return { ...opened, ask: clientOf(opened.host, 'rsk_erp') }
  }

  it.each([
    ['GET', '/'],
    ['GET', '/docs'],
    ['GET', '/openapi.json'],
    ['GET', '/problems/internal'],
    ['GET', '/readyz'],
    ['GET', '/v1/platforms'],
    ['GET', '/v1/platforms/medusa'],
    ['GET', '/v1/stores'],
    ['POST', '/v1/cancellations'],
    ['GET', '/v1/cancellations/can_x'],
    ['POST', '/sandbox/medusa/auth/user/emailpass'],
    ['GET', '/nope'],
    ['DELETE', '/healthz/x'],
    ['PUT', '/v1/cancellations'],
    ['OPTIONS', '/docs'],
  ])('without callers nobody gets in: %s %s is 401', async (method, path) => {
    for (const config of [{ stores: [paris] }, { stores: [paris], callers: [] }]) {
      const { ask, asked } = bound({ RESCIND_CONFIG: JSON.stringify(config) })
      const { status, body, headers } = await ask(method, path, method === 'POST' ? {} : undefined)
      expect([status, body.code, headers.get('www-authenticate'), asked]).toEqual([
        401,
        'unauthenticated',
        'Bearer',
        [],
      ])
      expect((await ask('GET', '/healthz')).body).toEqual({ status: 'ok' })
    }
  })

  it('without any the sandbox is open, and says so by its stores', async () => {
    const { ask } = bound({})
    const { body } = await ask('GET', '/v1/stores')
    expect(body.data.length).toBeGreaterThan(3)
    for (const { id } of body.data) expect(id).toMatch(/^sandbox-/)
  })

  it('secrets come from other bindings by their names', async () => {
    const config = await configOf({ callers, stores: ['paris'] }, () => 'https://named.test')
    const text = JSON.stringify(config).replace(
      JSON.stringify((settings('') as { readonly secretKey?: string }).secretKey),
      '{"env":"PARIS_KEY"}',
    )
    expect(text).toContain('PARIS_KEY')
    expect(
      (await bound({ RESCIND_CONFIG: text, PARIS_KEY: 'sk_x' }).ask('GET', '/v1/stores/paris'))
        .status,
    ).toBe(200)
    expect((await bound({ RESCIND_CONFIG: text }).ask('GET', '/v1/stores/paris')).status).toBe(500)
  })

  it.each([
    ['no JSON', '{ "stores": [', /not valid JSON: line 1/],
    ['a member twice', '{ "stores": [], "stores": [] }', /\/stores is there twice/],
    [
      'an unknown platform',
      JSON.stringify({ stores: [{ ...paris, platform: 'no-such-shop' }] }),
      /stores\[0\]\.platform: there is no such platform/,
    ],
    ['an empty secret', '', /not valid JSON/],
  ])(
    '%s: every request answers 500, and the log says where and no value',
    async (_, text, says) => {
      const lines: string[] = []
      const console = vi
        .spyOn(globalThis.console, 'log')
        .mockImplementation((line: string) => void lines.push(line))
      try {
        const { ask, asked } = bound({ RESCIND_CONFIG: text, LOG_LEVEL: 'info' })
        for (const [method, path] of [
          ['GET', '/healthz'],
          ['GET', '/v1/stores'],
          ['POST', '/v1/cancellations'],
        ] as const) {
          const { status, body } = await ask(method, path, method === 'POST' ? {} : undefined)
          expect([status, body.code, body.detail, asked]).toEqual([
            500,
            'internal',
            'This gateway’s configuration is not valid; its log says where.',
            [],
          ])
        }
      } finally {
        console.mockRestore()
      }
      expect(lines).toHaveLength(3)
      for (const line of lines) {
        expect(JSON.parse(line)).toMatchObject({
          level: 'error',
          msg: 'RESCIND_CONFIG is not valid',
        })
        expect(line).toMatch(says)
        expect(line).not.toMatch(/sandbox-password|sk_sandbox/)
      }
    },
  )

  it('logs each request by its route, and each record it saved', async () => {
    const lines: any[] = []
    const console = vi
      .spyOn(globalThis.console, 'log')
      .mockImplementation((line: string) => void lines.push(JSON.parse(line)))
    try {
      const { ask } = bound({ LOG_LEVEL: 'info' })
      await ask('POST', '/v1/cancellations', {
        store: 'sandbox-medusa',
        orderId: 'order_open',
        reason: 'canary',
      })
      for (const line of lines)
        expect(Object.keys(line)).toEqual(['level', 'time', ...Object.keys(line).slice(2)])
      expect(lines.every(({ time }) => new Date(time).toISOString() === time)).toBe(true)
      expect(lines.filter(({ msg }) => msg === 'request')).toMatchObject([
        { level: 'info', method: 'POST', route: '/v1/cancellations', status: 201 },
      ])
      expect(lines.filter(({ msg }) => msg === 'saved').map(({ status }) => status)).toEqual([
        'accepted',
        'sending',
        'succeeded',
      ])
      expect(JSON.stringify(lines)).not.toMatch(/canary|order_open/)
      lines.length = 0
      await bound({ LOG_LEVEL: 'warn' }).ask('GET', '/healthz')
      expect(lines).toEqual([])
    } finally {
      console.mockRestore()
    }
  })
})
