/**
 * Secrets and personal data, planted in every input and in every field of the platform's replies,
 * reach no log, problem or metric, and stay in no record that is settled.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createSandbox } from '../../adapters/medusa/sandbox/index.ts'
import { deep } from '../../src/testing/hostile.ts'
import { type Answer, type Client, clientOf, hashOf, until } from '../http/host.ts'
import { serve, type Served } from '../http/node.ts'
import { openProgram, type Program } from '../http/program.ts'
import { hold } from './probes.ts'

const MAIL = 'canary.mail+1@shop-canary.test'
const PHONE = '+49 (151) 234-56-789'
const SECRETS = {
  secretKey: 'sk_canary0123456789abcdef',
  email: 'admin@canary.test',
  password: 'canary-password',
  publishableKey: 'pk_canary0123456789',
}
const JWT = 'eyJjYW5hcnkiOiJ0b2tlbiJ9.canary.signature'
/** Who bought: known to the platform only. */
const BUYER = {
  mail: 'buyer.canary@people.test',
  first: 'Ottilie',
  last: 'von Canary-Buyer',
  phone: '+49 (30) 765-43-210',
  street: 'Canary street 17',
}
const PLANTED = /canary|eyJjYW5|234-56-789|23456789|765-43-210|76543210|Ottilie/i

/** What a platform may blurt out in an error. */
const blurted =
  `for ${MAIL}, call ${PHONE}, Basic ${btoa(`${SECRETS.secretKey}:`)}, ` +
  `${SECRETS.secretKey} ${SECRETS.password} ${JWT}`

const { app: imitation, settings } = createSandbox()
/** Puts our canaries into what the imitation answers, and takes our credentials for its own. */
const talkative = async (request: Request): Promise<Response> => {
  const url = new URL(request.url)
  const moody = /\/order_open-(html|500|redirect|hang)\/cancel$/.exec(url.pathname)?.[1]
  if (moody) {
    if (moody === 'redirect')
      return new Response(null, {
        status: 302,
        headers: { location: `https://${MAIL.split('@')[1]}/?${blurted.replaceAll(/\s/g, '+')}` },
      })
    if (moody === 'hang') return new Promise(() => {})
    return new Response(`<html>${blurted}</html>`, {
      status: moody === 'html' ? 200 : 500,
      headers: { 'content-type': 'text/html', 'x-trace': 'canary-trace' },
    })
  }
  const headers = new Headers(request.headers)
  if (headers.get('authorization')?.startsWith('Basic '))
    headers.set('authorization', `Basic ${btoa(`${settings['secretKey']}:`)}`)
  const response = await imitation.fetch(
    new Request(request.url, {
      method: request.method,
      headers,
      body: request.body === null ? null : await request.text(),
    }),
  )
  const body = deep(await response.json(), (one) => ({
    ...one,
    canary_field: `canary-field ${BUYER.mail} ${SECRETS.secretKey}`,
  })) as any
  const person = {
    first_name: BUYER.first,
    last_name: BUYER.last,
    phone: BUYER.phone,
    address_1: BUYER.street,
  }
  const planted = response.ok
    ? {
        ...body,
        ...(body.order && {
          order: {
            ...body.order,
            email: BUYER.mail,
            customer: { email: BUYER.mail, ...person },
            shipping_address: person,
            billing_address: person,
            metadata: { ...body.order.metadata, note: 'canary-note' },
          },
        }),
      }
    : {
        ...body,
        message: `${body.message} ${blurted}`,
        ...(response.status === 400 && { type: `${body.type} ${MAIL}` }),
      }
  return Response.json(planted, { status: response.status, headers: { 'x-trace': 'canary-trace' } })
}

const openGateway = async (platform: Served): Promise<Program> =>
  openProgram({
    stores: [
      {
        id: 'paris',
        platform: 'medusa',
        test: true,
        settings: { baseUrl: platform.url, ...SECRETS },
      },
    ],
    callers: [
      {
        name: 'erp',
        keyHash: await hashOf('rsk_canary-key'),
        scopes: ['read', 'cancel', 'operate'],
        stores: ['*'],
      },
    ],
    timing: { callTimeoutMs: 500, settleMs: 100, waitMs: 1_000, giveUpMs: 1_500 },
  })

const WISHES = {
  reason: `canary reason ${MAIL}`,
  notify: true,
  message: 'canary message',
  reference: 'canary-reference',
}

/**
 * A problem must hold nothing that was planted; in a record only the caller's own words may stand.
 */
const clean = (answer: Answer): Answer => {
  const { status, text, headers } = answer
  const said = `${text} ${JSON.stringify([...headers])}`
  if (status >= 400)
    hold(() => expect(said.replaceAll('/v1/cancellations/can_', '')).not.toMatch(PLANTED))
  return answer
}

export const canaries = (): void => {
  let platform: Served
  let gateway: Program
  let ask: Client
  beforeAll(async () => {
    platform = await serve({ fetch: talkative })
    gateway = await openGateway(platform)
    ask = clientOf(gateway, 'rsk_canary-key')
  })
  afterAll(async () => {
    await gateway?.close()
    await platform?.close()
  })

  const cancel = (orderId: string, more: object = {}, headers: Record<string, string> = {}) =>
    ask(
      'POST',
      '/v1/cancellations',
      { orderId, ...WISHES, ...more },
      {
        'idempotency-key': `canary-${orderId}`,
        'user-agent': 'canary-agent',
        cookie: 'canary=1',
        'x-forwarded-for': 'canary',
        ...headers,
      },
    )
  const recordOf = async (answer: Answer): Promise<any> => {
    const { body } = await until(
      () => ask('GET', answer.headers.get('location') ?? '', undefined, { prefer: 'wait=5' }),
      (read) => read.body.final || read.body.status === 'needs_attention',
    )
    const { reason: _, message: __, reference: ___, order, ...rest } = body
    hold(() => expect(JSON.stringify(rest)).not.toMatch(PLANTED))
    // The platform gives the caller's own reason back.
    if (body.final)
      hold(() => expect(JSON.stringify({ ...order, reason: null })).not.toMatch(PLANTED))
    return body
  }

  it('in what succeeds', async () => {
    const done = await cancel('order_paid')
    expect(done.status).toBe(201)
    const { reason, message, reference } = await recordOf(done)
    expect({ reason, message, reference, notify: true }).toEqual(WISHES)
  })

  it('even where the platform’s words are passed on', async () => {
    const { body } = clean(await cancel('order_400-after-refund-words'))
    expect(body.upstream).toMatchObject({
      status: 400,
      code: expect.stringContaining('[email]'),
      message: expect.stringMatching(/\[email\].*\[number\].*\[secret\]/),
    })
  })

  it.each([
    'order_completed',
    'order_fulfilled',
    'order_canceled',
    'order_nobody',
    'order_open-change',
    'order_400-after-refund',
    'order_open-html',
    'order_open-500',
    'order_open-redirect',
    'order_open-hang',
    'order_refund-refused',
  ])('in what the platform says of %s', async (orderId) => {
    await recordOf(clean(await cancel(orderId)))
    clean(await cancel(orderId, { restock: true }))
    clean(
      await cancel(
        orderId,
        { strict: true, restock: false },
        { 'idempotency-key': 'canary-other' },
      ),
    )
  })

  it('in a customer’s token, taken and refused', async () => {
    for (const token of [JWT, 'canary-token'])
      await recordOf(
        clean(
          await cancel(
            `order_transfer-${token.length}`,
            { target: 'transfer' },
            { 'rescind-customer-token': token },
          ),
        ),
      )
    clean(await cancel('order_transfer-login', { target: 'transfer' }))
  })

  it('in what is refused before anything happens', async () => {
    for (const answer of [
      await ask('POST', '/v1/cancellations', '{"orderId":"order_open","reason":canary}'),
      await ask('POST', '/v1/cancellations', {
        orderId: 'canary canary',
        notify: 'canary',
        reasonCode: 'canary',
      }),
      await cancel('order_open', { store: 'canary-store' }),
      await cancel('order_open', {}, { 'idempotency-key': 'canary canary' }),
      await cancel('order_open', {}, { 'rescind-customer-token': 'canary' }),
      await cancel('order_open', {}, { 'content-type': 'text/canary' }),
      await ask('GET', '/v1/cancellations?limit=canary&cursor=canary'),
      await ask('GET', '/v1/cancellations?cursor=canary'),
      await ask('POST', '/v1/cancellations/can_x/resolve', { as: 'retry', note: 'canary' }),
      await ask('POST', '/v1/cancellations', 'canary'.repeat(4_000)),
      await ask('GET', '/v1/stores', undefined, { authorization: 'Bearer rsk_canary-unknown' }),
      await ask('GET', '/v1/stores', undefined, { authorization: 'canary' }),
    ]) {
      expect(answer.status).toBeGreaterThanOrEqual(400)
      clean(answer)
    }
    // These name what was sent, to whom sent it; the log must not.
    for (const path of [
      '/canary',
      '/v1/stores/canary',
      '/v1/cancellations/canary',
      '/v1/stores/paris/orders/canary',
      '/v1/stores/paris/orders?number=canary',
      '/problems/canary',
      '/v1/platforms/canary?canary=canary',
    ])
      await ask('GET', path)
    await ask('POST', '/v1/cancellations', { orderId: 'x', canary: 1 })
  })

  it('in what is read and resolved', async () => {
    clean(await ask('GET', '/v1/stores/paris/orders/order_paid?raw=true'))
    const { body } = await ask(
      'GET',
      '/v1/cancellations?status=needs_attention&reference=canary-reference',
    )
    expect(body.data.length).toBeGreaterThan(0)
    for (const { id } of body.data)
      expect(
        (
          await ask('POST', `/v1/cancellations/${id}/resolve`, {
            as: 'canceled',
            note: 'canary note',
          })
        ).status,
      ).toBe(200)
    expect((await ask('GET', '/v1/stores/paris')).text).not.toMatch(PLANTED)
    expect((await ask('GET', '/v1/stores')).text).not.toMatch(PLANTED)
  })

  it('none of it is in the audit log, which says who did what', async () => {
    const { text } = await ask('GET', '/v1/audit/export')
    hold(() => expect(text.split('\n').filter((line) => PLANTED.test(line))).toEqual([]))
    for (const action of ['cancellation.asked', 'cancellation.resolved', 'order.read'])
      expect(text).toContain(`"${action}"`)
  })

  it('none of it is in the metrics', async () => {
    const { text } = await ask('GET', '/metrics')
    hold(() => expect(text.split('\n').filter((line) => PLANTED.test(line))).toEqual([]))
    expect(text).toContain(
      'rescind_cancellations_total{store="paris",platform="medusa",status="needs_attention"}',
    )
    // All of it is settled: what follows looks at what is kept.
    for (const status of ['accepted', 'sending', 'in_doubt', 'needs_attention'])
      expect(text).toContain(`rescind_cancellations_open{status="${status}"} 0\n`)
  })

  it('none of it is in the log, which says what it may', async () => {
    await gateway.stop()
    const lines = gateway.lines()
    hold(() => expect(lines.filter((line) => PLANTED.test(JSON.stringify(line)))).toEqual([]))
    const allowed: Record<string, readonly string[]> = {
      request: [
        'level',
        'time',
        'requestId',
        'method',
        'route',
        'status',
        'ms',
        'caller',
        'code',
        'msg',
      ],
      saved: [
        'level',
        'time',
        'cancellation',
        'status',
        'store',
        'platform',
        'target',
        'version',
        'attempts',
        'result',
        'ms',
        'code',
        'cause',
        'detail',
        'hindrance',
        'msg',
      ],
    }
    for (const [msg, fields] of Object.entries(allowed)) {
      const found = lines.filter((line) => line['msg'] === msg)
      expect(found.length, msg).toBeGreaterThan(20)
      for (const line of found)
        expect(Object.keys(line).filter((name) => !fields.includes(name))).toEqual([])
    }
    expect(lines.filter(({ msg }) => msg === 'needs attention').length).toBeGreaterThan(0)
    expect(lines.filter(({ msg }) => msg === 'fault')).toEqual([])
  })

  it('the ledger’s file holds nobody’s credential, and nothing of buyers that are settled', () => {
    const stored = readdirSync(gateway.folder)
      .filter((name) => name.startsWith('ledger.db'))
      .map((name) => readFileSync(join(gateway.folder, name), 'latin1'))
      .join('')
    expect(stored).toContain('canary-reference')
    for (const planted of [
      JWT,
      'canary-token',
      'rsk_canary-key',
      ...Object.values(SECRETS),
      ...Object.values(BUYER),
    ])
      hold(() => expect(stored.includes(planted), planted).toBe(false))
  })
}
