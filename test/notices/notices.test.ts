/** Notices beyond the vectors: what is strange in them, their settings, and who sends them. */
import { describe, expect, it } from 'vitest'
import { medusa } from '../../adapters/medusa/index.ts'
import { shoplineAsia } from '../../adapters/shopline-asia/index.ts'
import { wix } from '../../adapters/wix/index.ts'
import { inBody, type Notices } from '../../src/adapter/index.ts'
import type { AnyAdapter } from '../../src/adapter/platform.ts'
import { publicKey, standardKey } from '../../src/adapter/webhook-secret.ts'
import { readNotice, readTokenNotice, type Received } from '../../src/connection/notices.ts'
import { toy } from '../gateway/toy.ts'

const NOW = Date.parse('2026-11-29T12:00:00.000Z')
const SECRET = 'sixteen-letters-or-more'
const encode = (text: string) => new TextEncoder().encode(text)
const hex = (bytes: ArrayBuffer) =>
  Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')
const base64 = (bytes: Iterable<number>) => btoa(String.fromCharCode(...bytes))

const hmac = async (signed: BufferSource, key: BufferSource = encode(SECRET)) => {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const imported = await crypto.subtle.importKey('raw', key, algorithm, false, ['sign'])
  return crypto.subtle.sign('HMAC', imported, signed)
}
const received = (
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
  query: Record<string, string> = {},
): Received => ({
  body: typeof body === 'string' ? encode(body) : body,
  headers: new Headers(headers),
  query: new URLSearchParams(query),
})

const notices: Notices<unknown> = {
  signature: { scheme: 'hmac-of-body', header: 'x-signature', codings: ['hex', 'base64'] },
  topic: inBody('/topic'),
  topics: { changed: 'change', canceled: 'cancellation' },
  orderIds: inBody('/orders', '/id'),
  source: 'made up for these tests',
}
const acme: AnyAdapter = { ...toy(), notices }

const sent = async (body: string | Uint8Array<ArrayBuffer>, adapter = acme) => {
  const signature = hex(await hmac(typeof body === 'string' ? encode(body) : body))
  const came = received(body, { 'x-signature': signature })
  return readNotice(adapter, { webhookSecret: SECRET }, came, NOW)
}
const accepted = (orderIds: string[], topic = 'changed') => ({
  kind: 'accepted',
  topic,
  namesCancellation: topic === 'canceled',
  orderIds,
})

describe('the orders of a notice', () => {
  it('are each there once, a number as its digits', async () => {
    expect(await sent('{"topic":"changed","orders":["a",7,"a","b"]}')).toEqual(
      accepted(['a', '7', 'b']),
    )
    expect(await sent('{"topic":"canceled","id":12345678901234567890}')).toEqual(
      accepted(['12345678901234567890'], 'canceled'),
    )
  })
  it('have the one spelling that the platform reads, or are none', async () => {
    const canonicalId = (id: string) => (/^[a-z]+$/i.test(id) ? id.toLowerCase() : null)
    const adapter = { ...acme, canonicalId }
    expect(await sent('{"topic":"changed","orders":["AB","ab","7"]}', adapter)).toEqual(
      accepted(['ab']),
    )
    const global = {
      ...acme,
      canonicalId: (id: string) => id.replace(/^gid:\/\/acme\/Order\//, ''),
    }
    const orders = ['gid://acme/Order/1', '1', 'gid://other/Order/2']
    expect(await sent(JSON.stringify({ topic: 'changed', orders }), global)).toEqual(
      accepted(['1']),
    )
  })
  it.each([
    '',
    '..',
    'a b',
    'a/b',
    'gid://acme/Order/1',
    'x'.repeat(129),
    '\u0000',
    '\ud800',
    null,
    true,
    {},
    ['a'],
  ])('are only what a request may name: not %j', async (id) =>
    expect(await sent(JSON.stringify({ topic: 'changed', orders: [id] }))).toEqual({
      kind: 'ignored',
      because: 'no order',
    }),
  )
  it('are at most a hundred', async () => {
    const orders = Array.from({ length: 101 }, (_, at) => `o${at}`)
    const hundred = orders.slice(0, 100)
    expect(await sent(JSON.stringify({ topic: 'changed', orders: hundred }))).toEqual(
      accepted(hundred),
    )
    expect(await sent(JSON.stringify({ topic: 'changed', orders }))).toEqual({
      kind: 'ignored',
      because: 'too many orders',
    })
  })
})

describe('a notice that is proved', () => {
  it.each(['constructor', '__proto__', 'toString', 'other', 7, {}])(
    'of the topic %j is ignored',
    async (topic) =>
      expect(await sent(JSON.stringify({ topic, id: 'a' }))).toEqual({
        kind: 'ignored',
        because: 'another topic',
      }),
  )
  it.each(['no JSON', '"text"', '[]', 'null', '{"topic":', '{"id":"a"}', '['.repeat(100_000)])(
    'and says no topic is refused: %.20s',
    async (body) => expect(await sent(body)).toEqual({ kind: 'refused', because: 'no topic' }),
  )
  it('and is no UTF-8 says nothing', async () => {
    expect(await sent(Uint8Array.of(0x22, 0xff, 0x22))).toEqual({
      kind: 'refused',
      because: 'no topic',
    })
  })
  it('comes to nobody where the platform has no notices', async () => {
    const came = received('{"id":"a"}')
    const none = { kind: 'absent' }
    const { notices: _, ...mute } = toy()
    expect(await readNotice(mute, { webhookSecret: SECRET }, came, NOW)).toEqual(none)
    expect(await readNotice(acme, { previousWebhookSecret: SECRET }, came, NOW)).toEqual(none)
  })
})

describe('a signature', () => {
  const body = '{"topic":"changed","id":"a"}'
  const judge = (signature: string) =>
    readNotice(acme, { webhookSecret: SECRET }, received(body, { 'x-signature': signature }), NOW)

  it('has one spelling: its bits, its letters, its length', async () => {
    const bytes = new Uint8Array(await hmac(encode(body)))
    const text = base64(bytes)
    expect((await judge(text)).kind).toBe('accepted')
    // The last letter before the padding has two bits that no byte is made of.
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
    const last = letters.indexOf(text.at(-2)!)
    for (const more of [1, 2, 3])
      expect((await judge(`${text.slice(0, -2)}${letters[last + more]}=`)).kind).toBe('refused')
    for (const other of [
      text.slice(0, -1),
      `${text}=`,
      text.replaceAll('+', '-').replaceAll('/', '_').replace('=', ''),
      hex(bytes.buffer).slice(0, 62),
      `${hex(bytes.buffer)}00`,
      hex(bytes.buffer).toUpperCase(),
      '',
    ])
      expect((await judge(other)).kind, other).toBe('refused')
  })
  it('of sorted JSON is not sought in what is too deep, whatever a member is called', async () => {
    const time = '1767225600'
    const settings = { webhookSecret: SECRET }
    const judge = async (body: string, printed: string) => {
      const sign = hex(await hmac(encode(`${time}:${printed}`)))
      const headers = { 'x-shopline-developer-event-timestamp': time }
      return readNotice(shoplineAsia, settings, received(body, headers, { sign }), NOW)
    }
    const deep = `{"topic":${'['.repeat(300_000)}${']'.repeat(300_000)}}`
    expect((await judge(deep, deep)).kind).toBe('refused')
    const odd =
      '{"topic":"order/cancel","10":1,"9":{"b":null,"a":"\\u2028"},"__proto__":[],"resource":{"_id":"A"}}'
    const printed = `{"10":1,"9":{"a":"\u2028","b":null},"__proto__":[],"resource":{"_id":"A"},"topic":"order/cancel"}`
    expect(await judge(odd, printed)).toMatchObject({ kind: 'accepted', orderIds: ['A'] })
  })
  it('of a Standard Webhook is looked for in eight, not in hundreds', async () => {
    const key = crypto.getRandomValues(new Uint8Array(32))
    const body = '{"type":"order.canceled","data":{"orderId":"a"}}'
    const time = String(NOW / 1_000)
    const right = `v1,${base64(new Uint8Array(await hmac(encode(`m.${time}.${body}`), key)))}`
    const wrong = `v1,${base64(new Uint8Array(32))}`
    const judge = (signatures: string[]) => {
      const headers = { 'webhook-id': 'm', 'webhook-timestamp': time }
      const came = received(body, { ...headers, 'webhook-signature': signatures.join(' ') })
      return readNotice(medusa, { webhookSecret: base64(key) }, came, NOW)
    }
    expect((await judge([...Array(7).fill(wrong), right])).kind).toBe('accepted')
    expect((await judge([...Array(8).fill(wrong), right])).kind).toBe('refused')
  })
})

describe('a token of a platform', () => {
  const RS256 = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
  const part = (value: unknown) =>
    base64(encode(JSON.stringify(value)))
      .replaceAll('+', '-')
      .replaceAll('/', '_')
      .replace(/=+$/, '')
  const instanceId = '0A1B2C3D-0000-4000-8000-0000000000AA'
  const event = (more: object = {}) => ({
    data: JSON.stringify({
      eventType: 'wix.ecom.v1.order_canceled',
      instanceId: instanceId.toLowerCase(),
      data: JSON.stringify({ entityId: '7001D34B-11A6-4A34-8746-DC8ABABECA42' }),
      ...more,
    }),
    exp: NOW / 1_000 + 1,
  })
  const open = async () => {
    const pair = await crypto.subtle.generateKey(
      { ...RS256, modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1) },
      true,
      ['sign', 'verify'],
    )
    const spki = base64(new Uint8Array(await crypto.subtle.exportKey('spki', pair.publicKey)))
    const webhookSecret = `-----BEGIN PUBLIC KEY-----\n${spki}\n-----END PUBLIC KEY-----`
    return async (claims: object, header: object = {}, end = '') => {
      const signed = `${part({ alg: 'RS256', ...header })}.${part(claims)}`
      const made = await crypto.subtle.sign(RS256.name, pair.privateKey, encode(signed))
      const signature = base64(new Uint8Array(made)).replaceAll('+', '-').replaceAll('/', '_')
      const body = `${signed}.${signature.replace(/=+$/, '')}${end}`
      return readNotice(wix, { webhookSecret, instanceId } as object, received(body), NOW)
    }
  }
  it('counts with its own algorithm, an end to come and nothing critical', async () => {
    const judge = await open()
    expect(await judge(event())).toMatchObject({
      kind: 'accepted',
      orderIds: ['7001d34b-11a6-4a34-8746-dc8ababeca42'],
    })
    const unproved = { kind: 'refused', because: 'unproved' }
    for (const header of [{ alg: 'rs256' }, { alg: 'PS256' }, { alg: null }, { crit: ['exp'] }])
      expect(await judge(event(), header)).toEqual(unproved)
    for (const end of ['.', '.e30', '=', 'A'])
      expect(await judge(event(), {}, end)).toEqual(unproved)
    const stale = { kind: 'refused', because: 'stale' }
    for (const exp of [NOW / 1_000, 0, -1, null, `${NOW}`, undefined])
      expect(await judge({ ...event(), exp }), String(exp)).toEqual(stale)
  })
  it('is for the site that it names', async () => {
    const judge = await open()
    for (const named of ['other', '', null, 7])
      expect(await judge(event({ instanceId: named }))).toEqual({
        kind: 'refused',
        because: 'another shop',
      })
  })
})

describe('an address with a token', () => {
  const settings = { webhookToken: 't'.repeat(32) }
  const judge = (body: string, adapter: AnyAdapter = toy(), token = settings.webhookToken) =>
    readTokenNotice(adapter, settings, token, received(body))

  it.each(['{"data":{"orderId":"a"}}', '{"data":{"id":"a"}}', '{"order_id":"a"}', '{"_id":"a"}'])(
    'takes %s, whatever the platform',
    async (body) =>
      expect(await judge(body)).toEqual({
        kind: 'accepted',
        topic: null,
        namesCancellation: false,
        orderIds: ['a'],
      }),
  )
  it('reads the platform’s own form, and its topics, where there is one', async () => {
    expect(await judge('{"type":"order.canceled","data":{"orderId":"a"}}', medusa)).toEqual({
      kind: 'accepted',
      topic: 'order.canceled',
      namesCancellation: true,
      orderIds: ['a'],
    })
  })
  it('is closed to others, and takes nothing without an order', async () => {
    for (const token of ['', 't'.repeat(31), 't'.repeat(33), 'T'.repeat(32), `${'t'.repeat(32)}\0`])
      expect(await judge('{"id":"a"}', toy(), token)).toEqual({
        kind: 'refused',
        because: 'unproved',
      })
    expect(await judge('{"mail":"ada@example.com"}')).toEqual({
      kind: 'ignored',
      because: 'no order',
    })
    expect(await judge('')).toEqual({ kind: 'refused', because: 'empty' })
    expect(await readTokenNotice(toy(), {}, '', received('{"id":"a"}'))).toEqual({ kind: 'absent' })
  })
})

describe('secrets', () => {
  it('of Standard Webhooks are 24 to 64 bytes in Base64, to the letter', () => {
    const of = (length: number) => base64(new Uint8Array(length).fill(251))
    for (const length of [24, 32, 64]) {
      expect(standardKey(of(length))).toHaveLength(length)
      expect(standardKey(`whsec_${of(length)}`)).toHaveLength(length)
    }
    for (const wrong of [of(23), of(65), of(32).slice(0, -1), `whsec_whsec_${of(32)}`])
      expect(standardKey(wrong), wrong).toBeNull()
    for (const wrong of [` ${of(32)}`, `${of(32)}\n`, of(32).replaceAll('+', '-'), ''])
      expect(standardKey(wrong), wrong).toBeNull()
  })
  it('that are public keys are SPKI, as PEM or its Base64', async () => {
    const make = async (modulusLength: number) => {
      const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
      const { publicKey: key } = await crypto.subtle.generateKey(
        { ...algorithm, modulusLength, publicExponent: Uint8Array.of(1, 0, 1) },
        true,
        ['sign', 'verify'],
      )
      return base64(new Uint8Array(await crypto.subtle.exportKey('spki', key)))
    }
    const [der, short] = [await make(2048), await make(1024)]
    const pem = (body: string, end = '\n') =>
      `-----BEGIN PUBLIC KEY-----${end}${body.replaceAll(/.{64}/g, `$&${end}`)}${end}-----END PUBLIC KEY-----${end}`
    for (const right of [pem(der), pem(der, '\r\n'), btoa(pem(der)), `${btoa(pem(der))}\n`])
      expect(publicKey(right)).toHaveLength(294)
    for (const wrong of [
      der,
      pem(der, '\\n'),
      pem(der).replaceAll('PUBLIC', 'RSA PUBLIC'),
      pem(der.slice(0, -4)),
      pem(short),
      '',
    ])
      expect(publicKey(wrong), wrong).toBeNull()
  })
})
