/** Plays recorded exchanges on the imitation of Mercur and holds the replies against each other. */
import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import type { MercurSandbox } from './index.ts'

export type Json = Record<string, any>
interface Recording {
  readonly request: {
    readonly method: string
    readonly path: string
    readonly headers: Readonly<Record<string, string>>
    readonly body: unknown
  }
  readonly response: {
    readonly status: number
    readonly headers: Readonly<Record<string, string>>
    readonly body: any
  }
}

const folder = new URL('../recordings/', import.meta.url)
const load = (name: string): any =>
  JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8'))
export const observed: Readonly<Record<'1' | '2', Json>> = {
  '1': load('v1-observations'),
  '2': load('v2-observations'),
}
export const send = async (
  sandbox: MercurSandbox,
  method: string,
  path: string,
  headers: Json = {},
  body?: unknown,
) => {
  const reply = await sandbox.app.fetch(
    new Request(`http://mercur.test${path}`, {
      method,
      headers: { ...headers },
      ...(body === undefined || body === null
        ? {}
        : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    }),
  )
  const text = await reply.text()
  const type = reply.headers.get('content-type')?.toLowerCase() ?? ''
  return {
    status: reply.status,
    type,
    body: type.includes('json') ? (JSON.parse(text) as any) : (text as any),
  }
}

export const login = async (
  sandbox: MercurSandbox,
  actor: string,
  who: { email: string; password: string },
) => {
  const { status, body } = await send(
    sandbox,
    'POST',
    `/auth/${actor}/emailpass`,
    { 'content-type': 'application/json' },
    { email: who.email, password: who.password },
  )
  expect(status).toBe(200)
  return `Bearer ${body.token}`
}
const vendorType = (sandbox: MercurSandbox) =>
  sandbox.settings.version === '1' ? 'seller' : 'member'
export const asAdmin = async (sandbox: MercurSandbox) => ({
  authorization: await login(sandbox, 'user', sandbox.settings.admin),
})
export const asVendor = async (sandbox: MercurSandbox, who: 'alpha' | 'beta' = 'alpha') => ({
  authorization: await login(sandbox, vendorType(sandbox), sandbox.vendors[who]),
  'x-seller-id': sandbox.vendors[who].sellerId,
})

/** The recorded headers with this sandbox's credentials in the place of the recorded ones. */
const credentials = async (sandbox: MercurSandbox, recorded: Readonly<Record<string, string>>) => {
  const basic = (key: string) => `Basic ${btoa(`${key}:`)}`
  const known: Readonly<Record<string, () => string | Promise<string>>> = {
    'Bearer <admin-jwt>': () => login(sandbox, 'user', sandbox.settings.admin),
    'Basic <base64(secret-key:)>': () => basic(sandbox.secretKey),
    'Basic <base64(sk_nope:)>': () => basic('sk_nope'),
    'Bearer <vendor:alpha>': () => login(sandbox, vendorType(sandbox), sandbox.vendors.alpha),
    'Bearer <vendor:beta>': () => login(sandbox, vendorType(sandbox), sandbox.vendors.beta),
    'Bearer <customer:carol>': () => login(sandbox, 'customer', sandbox.customers.owner),
    'Bearer <customer:dave>': () => login(sandbox, 'customer', sandbox.customers.recipient),
    'Bearer nope': () => 'Bearer nope',
  }
  const headers: Record<string, string> = { ...recorded }
  const { authorization, 'x-seller-id': seller, 'x-publishable-api-key': key } = recorded
  if (authorization !== undefined)
    headers['authorization'] = await (
      known[authorization] ??
      (() => {
        throw new Error(authorization)
      })
    )()
  if (seller !== undefined)
    headers['x-seller-id'] =
      sandbox.vendors[seller === 'sel_01M7ZRCA86W20EK547BGQSHZS4' ? 'beta' : 'alpha'].sellerId
  if (key === '<publishable-key>')
    headers['x-publishable-api-key'] = sandbox.settings.publishableKey
  return headers
}

export const ID = /\b(?:order|ordset|og|pay)_(?!id\b)\w+(?:-\w+)*/
export const names = (value: unknown) =>
  Object.keys(value as object)
    .filter((name) => !name.startsWith('raw_'))
    .sort()

/** What an order's reply says, apart from ids, times and the goods. */
export const facts = (order: Json): Json => {
  const collection = order['payment_collections']?.[0]
  const pick = (from: Json | undefined, wanted: string) =>
    from === undefined
      ? undefined
      : Object.fromEntries(wanted.split(' ').map((name) => [name, from[name]]))
  return {
    ...pick(
      order,
      'status version total subtotal original_total item_total shipping_total credit_line_total ' +
        'payment_status fulfillment_status currency_code',
    ),
    canceled: 'canceled_at' in order ? order['canceled_at'] !== null : undefined,
    credits: order['credit_lines']?.map(({ amount }: Json) => amount),
    summary: pick(
      order['summary'],
      'paid_total refunded_total accounting_total credit_line_total transaction_total ' +
        'pending_difference current_order_total original_order_total',
    ),
    collection: pick(collection, 'status amount authorized_amount captured_amount refunded_amount'),
    payments: collection?.payments?.map((one: Json) => ({
      amount: one['amount'],
      captured: one['captured_at'] !== null,
      voided: one['canceled_at'] !== null,
      refunds: one['refunds'].map(({ amount }: Json) => amount),
      captures: one['captures']?.map(({ amount }: Json) => amount),
    })),
    split: pick(
      order['split_order_payment'],
      'status currency_code authorized_amount captured_amount refunded_amount',
    ),
    lines: order['items']?.map((line: Json) =>
      pick(line, 'title variant_sku unit_price quantity total'),
    ),
  }
}

/**
 * The same names at every place that a client reads; of a line of goods the sandbox tells only
 * names that Mercur tells, too.
 */
export const sameShape = (ours: Json, theirs: Json) => {
  expect(names(ours)).toEqual(names(theirs))
  for (const place of ['summary', 'split_order_payment', 'seller', 'customer', 'shipping_address'])
    if (place in theirs) expect(names(ours[place]), place).toEqual(names(theirs[place]))
  const first = (one: Json, ...path: string[]) =>
    path.reduce<any>((at, name) => at?.[name]?.[0], one)
  for (const path of [
    ['payment_collections'],
    ['payment_collections', 'payments'],
    ['payment_collections', 'payments', 'refunds'],
    ['payment_collections', 'payments', 'captures'],
    ['credit_lines'],
  ]) {
    expect(first(ours, ...path) === undefined, path.join('.')).toBe(
      first(theirs, ...path) === undefined,
    )
    if (first(theirs, ...path) !== undefined)
      expect(names(first(ours, ...path)), path.join('.')).toEqual(names(first(theirs, ...path)))
  }
  for (const goods of ['items', 'shipping_methods', 'fulfillments']) {
    const told = first(ours, goods)
    if (told !== undefined)
      expect(names(first(theirs, goods)), goods).toEqual(expect.arrayContaining(names(told)))
  }
}

/**
 * Plays a recorded request on the sandbox, about `id`, and holds the two replies against each
 * other.
 */
export const replay = async (
  sandbox: MercurSandbox,
  name: string,
  id: string,
  but: 'facts' | 'shape only' = 'facts',
) => {
  const { request, response }: Recording = load(name)
  const recorded = ID.exec(request.path)?.[0] ?? 'none'
  const named =
    recorded.endsWith('_nope') || recorded === 'none'
      ? request.path
      : request.path.replace(recorded, id)
  const reply = await send(
    sandbox,
    request.method,
    named,
    await credentials(sandbox, request.headers),
    request.body,
  )
  expect(
    { status: reply.status, type: reply.type },
    `${name}: ${JSON.stringify(reply.body).slice(0, 200)}`,
  ).toEqual({ status: response.status, type: response.headers['content-type'] })
  if (typeof response.body === 'string' || response.body.message !== undefined) {
    const same = (body: unknown) =>
      JSON.parse(JSON.stringify(body), (_, one) =>
        typeof one === 'string'
          ? one.replace(ID, (found) => (found.endsWith('_nope') ? found : 'ID'))
          : one,
      )
    expect(same(reply.body), name).toEqual(same(response.body))
  } else if (response.body.order !== undefined) {
    sameShape(reply.body.order, response.body.order)
    if (but === 'facts') expect(facts(reply.body.order), name).toEqual(facts(response.body.order))
  }
  return { ours: reply.body, theirs: response.body }
}

/**
 * The state of a purchase in the words of the database snapshots that were taken beside the
 * recordings.
 */
export const state = async (sandbox: MercurSandbox, ...ids: string[]) => {
  const admin = await asAdmin(sandbox)
  const read = await Promise.all(
    ids.map(
      async (id) =>
        (await send(sandbox, 'GET', `/admin/orders/${id}?fields=%2B*seller`, admin)).body.order,
    ),
  )
  const {
    payments: [payment],
    ...collection
  } = read[0].payment_collections[0]
  const orders = read.map(({ status, version, seller }) => ({
    seller: seller.name.split(' ')[0],
    status,
    version,
  }))
  return {
    orders,
    canceled: payment.canceled_at !== null,
    refunds: payment.refunds.map(({ amount }: Json) => amount),
    payment_collection: Object.fromEntries(
      Object.keys(observed['1']['after both vendors cancelled'].payment_collection).map((name) => [
        name,
        collection[name],
      ]),
    ),
  }
}
export const snapshot = (version: '1' | '2', label: string) => {
  const { split: _, ...rest } = observed[version][label]
  return rest
}
