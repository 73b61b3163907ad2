/**
 * Orders kept in step between a real Medusa, a real Tryton and a storefront: heard of by a webhook
 * or a sweep, canceled together or not at all, and told of.
 */
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hashOf } from '../http/host.ts'
import { openGateway } from './gateway.ts'
import { type Lab, startLab } from './lab/medusa.ts'
import { skipped, startTryton, type TrytonLab } from './lab/tryton.ts'
import { type Delivery, openHooks, openReceiver, openStorefront } from './listeners.ts'

if (skipped !== null) process.stdout.write(`skipped: links with Tryton: ${skipped}\n`)

const KEY = 'rsk_live'
const SECRET = btoa('a secret of 24 bytes ...')
const TOKEN = 'a-token-of-at-least-thirty-two-characters'
const proved: string[] = []
const opened: (() => Promise<void>)[] = []

let medusa: Lab
let tryton: TrytonLab
let hooks: Awaited<ReturnType<typeof openHooks>>
let receiver: Awaited<ReturnType<typeof openReceiver>>
let storefront: Awaited<ReturnType<typeof openStorefront>>
let gateway: Awaited<ReturnType<typeof openGateway>>
/** Sends as the admin's pages do: with the cookie of a session. */
let cookie = ''

const stores = () => [
  {
    id: 'paris',
    platform: 'medusa',
    settings: { baseUrl: medusa.url, secretKey: medusa.secretKey, webhookSecret: SECRET },
    sweep: false,
    test: true,
  },
  {
    id: 'acme',
    platform: 'shopline',
    settings: { ...storefront.settings, baseUrl: storefront.url },
    sweep: false,
    test: true,
  },
  ...(skipped === null
    ? [
        {
          id: 'erp',
          platform: 'tryton',
          settings: {
            ...tryton.clerk,
            baseUrl: tryton.url,
            database: tryton.database,
            webhookToken: TOKEN,
          },
          sweep: { everyMs: 10_000 },
          test: true,
        },
      ]
    : []),
]

beforeAll(async () => {
  hooks = await openHooks()
  receiver = await openReceiver(SECRET)
  storefront = await openStorefront()
  opened.push(hooks.close, receiver.close, storefront.close)
  medusa = await startLab(undefined, { url: `${hooks.url}/hooks/paris`, secret: `whsec_${SECRET}` })
  opened.push(medusa.stop)
  if (skipped === null) {
    tryton = await startTryton()
    opened.push(tryton.stop)
  }
  const webhook = {
    name: 'orders',
    url: receiver.url,
    secret: SECRET,
    events: ['*'],
    allowPrivate: true,
  }
  const caller = { name: 'erp', keyHash: await hashOf(KEY), stores: ['*'], webhooks: [webhook] }
  gateway = await openGateway(
    {
      stores: stores(),
      callers: [{ ...caller, scopes: ['read', 'cancel', 'operate'] }],
      timing: { settleMs: 2_000 },
    },
    KEY,
  )
  opened.push(gateway.close)
  hooks.state.gateway = gateway.url
  cookie = await signIn()
})
afterAll(async () => {
  for (const close of opened.toReversed()) await close()
  process.stdout.write(
    `\nProved of orders kept in step:\n${proved.map((line) => `  ${line}\n`).join('')}`,
  )
})

/** Signs in to Medusa's admin as its pages do (js-sdk: a token, and for that a session). */
const signIn = async (): Promise<string> => {
  const token = await medusa.userToken()
  const headers = { authorization: `Bearer ${token}` }
  const reply = await fetch(`${medusa.url}/auth/session`, { method: 'POST', headers })
  return reply.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ')
}

/** Presses “Cancel” in Medusa's admin. */
const cancelInAdmin = async (id: string): Promise<void> => {
  const headers = { cookie, 'content-type': 'application/json' }
  const reply = await fetch(`${medusa.url}/admin/orders/${id}/cancel`, { method: 'POST', headers })
  expect(reply.status).toBe(200)
}
/** Presses a button of a sale in Tryton's client. */
const press = (button: 'cancel' | 'draft', id: number) =>
  tryton.admin.call(`model.sale.sale.${button}`, [id])

const shopOrder = async (id: string) =>
  (
    await medusa.admin<{ order: { status: string; updated_at: string } }>(
      'GET',
      `/admin/orders/${id}`,
    )
  ).order
const isCanceled = async (id: string) => (await shopOrder(id)).status === 'canceled'

type Member = readonly [store: string, orderId: string | number, stage: number]
let links = 0
/** Says that these are one sale; the name of the link. */
const link = async (follow: 'tell' | 'cancel', ...members: readonly Member[]): Promise<string> => {
  const name = `SO-${++links}`
  const { status } = await gateway.ask('PUT', `/v1/links/${name}`, {
    members: members.map(([store, orderId, stage]) => ({ store, orderId: String(orderId), stage })),
    follow,
  })
  expect(status).toBe(201)
  return name
}
const linkStatus = async (name: string) =>
  (await gateway.ask('GET', `/v1/links/${name}`)).body.status

const recordsOf = async (orderId: string | number): Promise<any[]> =>
  (await gateway.ask('GET', `/v1/cancellations?orderId=${orderId}`)).body.data
const told = (type: string, orderId: string | number) =>
  receiver.events.filter(
    (event) => event.type === type && String(event.data.orderId) === String(orderId),
  )
const toldOf = (type: string, name: string) =>
  receiver.events.filter((event) => event.type === type && event.data.id === name)

const within = <T>(timeout: number, read: () => T) => expect.poll(read, { timeout, interval: 50 })
const MINUTE = 60_000

describe('canceled in the admin of a shop', () => {
  it('every order that is linked is canceled, on record and told of within 5 s', async () => {
    const [asked, split] = [await medusa.order('captured'), await medusa.order('authorized')]
    const name = await link(
      'cancel',
      ['paris', asked.id, 2],
      ['paris', split.id, 2],
      ['acme', 'open-a', 2],
    )
    const heardBefore = hooks.deliveries.length
    const began = performance.now()
    const since = (of: { readonly at: number } | undefined) => Math.round((of?.at ?? NaN) - began)
    await cancelInAdmin(asked.id)
    const answered = since({ at: performance.now() })
    const succeeded = [asked.id, 'open-a', split.id].map(
      (id) => () => told('cancellation.succeeded', id),
    )
    for (const events of succeeded) await within(MINUTE, () => events().length).toBe(1)
    await within(MINUTE, () => toldOf('link.canceled', name).length).toBe(1)
    expect(storefront.cancels.get('open-a')).toBe(1)
    expect(await isCanceled(split.id)).toBe(true)
    const [record] = await recordsOf(asked.id)
    expect(record).toMatchObject({
      origin: 'platform',
      status: 'succeeded',
      alreadyCanceled: true,
      link: { name, status: 'canceled' },
      attempts: [],
    })
    for (const id of [split.id, 'open-a'])
      expect(await recordsOf(id)).toMatchObject([
        { origin: 'link', causedBy: record.id, status: 'succeeded' },
      ])
    const [event, other, own] = succeeded.map((events) => events()[0])
    expect(event?.data).toMatchObject({ id: record.id, origin: 'platform', store: 'paris' })
    proved.push(
      `canceled in Medusa’s admin, which answered after ${answered} ms: its webhook came after ` +
        `${since(hooks.deliveries[heardBefore])} ms, the event after ${since(event)} ms, shop B ` +
        `was canceled after ${since(other)} ms, another order of this Medusa after ` +
        `${since(own)} ms, and the link after ${since(toldOf('link.canceled', name)[0])} ms`,
    )
    process.stdout.write(`${proved.at(-1)}\n`)
    expect(since(event)).toBeLessThan(answered + 5_000)
    expect(since(other)).toBeLessThan(answered + 5_000)
  })

  it('the cancel waits for no answer; what failed is sent again as the same webhook', async () => {
    const { id } = await medusa.order('authorized')
    const from = hooks.deliveries.length
    const first503 = Promise.withResolvers<Response>()
    const answers = [first503.promise]
    hooks.state.between = async () => answers.shift() ?? null
    await cancelInAdmin(id)
    // Nobody has answered the shop's webhook yet.
    expect(hooks.deliveries).toHaveLength(from)
    first503.resolve(new Response(null, { status: 503 }))
    await within(MINUTE, () => told('cancellation.succeeded', id).length).toBe(1)
    const [first, second, ...more] = hooks.deliveries.slice(from) as [Delivery, Delivery]
    expect([first.status, second.status, more.length]).toEqual([503, 200, 0])
    const verified = [first, second].map(({ body, headers }) =>
      new Webhook(SECRET).verify(body, headers),
    )
    expect(verified[0]).toEqual({
      type: 'order.canceled',
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
      data: { orderId: id },
    })
    expect(second.body).toBe(first.body)
    const same = (name: string) => first.headers[name] === second.headers[name]
    expect(['webhook-id', 'webhook-timestamp', 'webhook-signature'].map(same)).toEqual([
      true,
      false,
      false,
    ])
    proved.push(
      'the shop’s cancel was answered while its webhook hung; 503, then the same webhook again ' +
        `${Math.round(second.at - first.at)} ms after the first, newly signed`,
    )
  })
})

describe.skipIf(skipped !== null)('an ERP, a shop and a storefront', () => {
  /** The sale in three stages: who fulfils, a copy, who holds the money. */
  const open = async (state: 'draft' | 'processing', follow: 'tell' | 'cancel', tag: string) => {
    const sale = await tryton.sale(state, `SYNC-${tag}`)
    const { id: order } = await medusa.order('captured')
    const shown = `open-${tag}`
    const name = await link(follow, ['erp', sale, 1], ['paris', order, 2], ['acme', shown, 3])
    return { sale, order, shown, name }
  }
  type Opened = Awaited<ReturnType<typeof open>>

  /** What the storefront was asked about an order beside reads. */
  const writesOf = (shown: string) =>
    storefront.writes.filter((path) => path.split('/').some((part) => part.startsWith(shown)))

  const isAsItWas = async ({ order, shown }: Opened, was: unknown) => {
    expect(await shopOrder(order)).toEqual(was)
    expect(storefront.cancels.has(shown)).toBe(false)
    expect(writesOf(shown)).toEqual([])
  }

  it('a draft sale: all are canceled, in the order of their stages', async () => {
    const { sale, order, shown, name } = await open('draft', 'tell', 'draft')
    const { status, body } = await gateway.cancel({
      store: 'acme',
      orderId: shown,
      reference: name,
      linked: 'all',
    })
    expect(status, JSON.stringify(body)).toBe(201)
    await within(MINUTE, () => linkStatus(name)).toBe('canceled')
    expect((await tryton.read(sale))['state']).toBe('cancelled')
    expect(await isCanceled(order)).toBe(true)
    expect([storefront.cancels.get(shown), writesOf(shown).length]).toEqual([1, 1])
    const records = (await Promise.all([sale, order, shown].map(recordsOf))).flat()
    expect(records.map(({ status, attempts }) => [status, attempts.length])).toEqual(
      [0, 1, 2].map(() => ['succeeded', 1]),
    )
    const sent = records.map(({ attempts }) => Date.parse(attempts[0].at))
    const settled = records.map(({ settledAt }) => Date.parse(settledAt))
    expect(sent[1]).toBeGreaterThanOrEqual(settled[0] ?? Infinity)
    expect(sent[2]).toBeGreaterThanOrEqual(settled[1] ?? Infinity)
    proved.push(
      'a draft sale: Tryton, Medusa and the storefront canceled one after the other, ' +
        `${(settled[2] ?? 0) - (sent[0] ?? 0)} ms from the first call to the last answer`,
    )
  })

  it('a confirmed sale: nothing is sent anywhere, whoever is asked', async () => {
    const opened = await open('processing', 'cancel', 'confirmed')
    const { sale, order, shown, name } = opened
    const was = await shopOrder(order)
    const asked: readonly (readonly [string, string, string])[] = [
      ['acme', shown, 'linked_refused'],
      ['paris', order, 'linked_refused'],
      ['erp', String(sale), 'refused'],
    ]
    for (const [store, orderId, cause] of asked) {
      const answer = await gateway.cancel({ store, orderId, linked: 'all' })
      expect({ store, status: answer.status, cause: answer.body.cause }).toEqual({
        store,
        status: 409,
        cause,
      })
      expect(answer.body.acted).toBe('no')
    }
    for (const [, orderId] of asked)
      for (const record of await recordsOf(orderId))
        expect(record).toMatchObject({ status: 'rejected', attempts: [] })
    await isAsItWas(opened, was)
    expect((await tryton.read(sale))['state']).toBe('processing')
    expect(await medusa.eventLog(order)).not.toContainEqual(
      expect.objectContaining({ name: 'order.canceled' }),
    )
    expect(await linkStatus(name)).toBe('open')
    proved.push('a confirmed sale: linked_refused, its own cause where it is asked; nothing sent')
  })

  it('canceled in Tryton’s client: found by the sweep; the others follow where told to', async () => {
    const following = await open('draft', 'cancel', 'follow')
    const telling = await open('draft', 'tell', 'tell')
    const was = await shopOrder(telling.order)
    const began = performance.now()
    await press('cancel', following.sale)
    await press('cancel', telling.sale)
    await within(MINUTE, () => told('cancellation.succeeded', following.sale).length).toBe(1)
    const found = performance.now() - began
    await within(MINUTE, () => toldOf('link.canceled', following.name).length).toBe(1)
    const all = performance.now() - began
    expect(await isCanceled(following.order)).toBe(true)
    expect(storefront.cancels.get(following.shown)).toBe(1)
    expect(await recordsOf(following.sale)).toMatchObject([
      { origin: 'platform', status: 'succeeded', attempts: [] },
    ])

    // The others have five minutes to follow by themselves before that is told of.
    await within(MINUTE, async () => (await recordsOf(telling.sale)).length).toBe(1)
    const { body } = await gateway.ask('GET', `/v1/links/${encodeURIComponent(telling.name)}`)
    expect(body.members.map(({ canceled }: { canceled: boolean }) => canceled)).toEqual([
      true,
      false,
      false,
    ])
    await isAsItWas(telling, was)
    expect(await recordsOf(telling.sale)).toMatchObject([{ origin: 'platform' }])
    expect([await recordsOf(telling.order), await recordsOf(telling.shown)]).toEqual([[], []])
    proved.push(
      'canceled in Tryton’s client: found by a sweep of every 10 s after ' +
        `${Math.round(found)} ms, all canceled after ${Math.round(all)} ms; with “tell” nothing ` +
        'was sent',
    )
  })

  it('put back to draft: told of as reopened, once, and nothing is sent', async () => {
    const sale = await tryton.sale('draft', 'SYNC-reopened')
    const { body } = await gateway.cancel({ store: 'erp', orderId: String(sale) })
    expect(body.status).toBe('succeeded')
    await press('draft', sale)
    const hook = () =>
      gateway.ask('POST', `/hooks/erp/${TOKEN}`, { data: { orderId: String(sale) } })
    expect((await hook()).status).toBe(200)
    await within(MINUTE, () => told('cancellation.reopened', sale).length).toBe(1)
    await hook()
    await within(MINUTE, async () => {
      const { notices } = (await gateway.ask('GET', '/v1/stores/erp')).body
      return notices.waiting
    }).toBe(0)
    expect(told('cancellation.reopened', sale)).toHaveLength(1)
    const record = (await gateway.ask('GET', `/v1/cancellations/${body.id}`)).body
    expect(record).toMatchObject({ status: 'succeeded', reopenedAt: expect.any(String) })
    expect(record.attempts).toHaveLength(1)
    expect((await tryton.read(sale))['state']).toBe('draft')
    proved.push('put back to draft in Tryton: cancellation.reopened once, nothing sent')
  })
})
