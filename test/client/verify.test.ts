/**
 * What a receiver may believe: signed by the gateway or by the standard's own library, with the
 * secret, lately, and to the byte.
 */
import { describe, expect, it } from 'vitest'
import { Webhook } from 'standardwebhooks'
import { NotVerified, verify } from '../../src/client/index.ts'
import { readSecret, signatureOf } from '../../src/connection/signing.ts'

const base64 = (byte: number, length = 32) => Buffer.alloc(length, byte).toString('base64')
const SECRET = `whsec_${base64(1)}`
const OLD = base64(2)
const NOW = Date.parse('2026-11-21T12:00:00Z')
const ID = 'evt_can_1_7'
const event = {
  type: 'webhook.test',
  timestamp: '2026-11-21T12:00:00Z',
  data: { id: 'ü', url: '/' },
}
const BODY = JSON.stringify(event)

const signed = async (
  secrets: readonly string[] = [SECRET],
  { body = BODY, at = NOW }: { readonly body?: string; readonly at?: number } = {},
): Promise<Record<string, string>> => ({
  'webhook-id': ID,
  'webhook-timestamp': String(at / 1_000),
  'webhook-signature': await signatureOf(
    secrets.map((secret) => readSecret(secret) as Uint8Array<ArrayBuffer>),
    ID,
    at / 1_000,
    body,
  ),
})
const check = (
  headers: Parameters<typeof verify>[0],
  body: Parameters<typeof verify>[1] = BODY,
  secret: string | string[] = SECRET,
) => verify(headers, body, secret, { now: () => NOW })

const refused = async (promise: Promise<unknown>): Promise<[string, string | null]> => {
  const error = await promise.then(
    () => expect.unreachable('it was believed'),
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(NotVerified)
  const { reason, header } = error as NotVerified
  return [reason, header]
}

describe('a webhook that is believed', () => {
  it('is the gateway’s own, whatever form its headers and its body have', async () => {
    const headers = await signed()
    const bytes = new TextEncoder().encode(BODY)
    const shouted = Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value])
    expect(await check(headers)).toEqual(event)
    expect(await check(new Headers(headers), bytes)).toEqual(event)
    expect(await check(Object.fromEntries(shouted), bytes.buffer)).toEqual(event)
    expect(await check(headers, Buffer.from(BODY))).toEqual(event)
  })

  it('is one that the standard’s library has signed', async () => {
    const signature = new Webhook(SECRET).sign(ID, new Date(NOW), BODY)
    expect(await check({ ...(await signed()), 'webhook-signature': signature })).toEqual(event)
  })

  it('may be signed with either secret while it is changed, on both sides', async () => {
    const both = await signed([SECRET, OLD])
    expect(await check(both, BODY, OLD)).toEqual(event)
    expect(await check(both, BODY, SECRET)).toEqual(event)
    expect(await check(await signed([OLD]), BODY, [SECRET, OLD])).toEqual(event)
  })

  it('may carry signatures of other kinds', async () => {
    const headers = await signed()
    const others = `v1a,${base64(9, 64)} ${headers['webhook-signature']} v2,x`
    expect(await check({ ...headers, 'webhook-signature': others })).toEqual(event)
  })

  it.each([-300, 300])('is %i seconds away at most', async (seconds) => {
    expect(await check(await signed([SECRET], { at: NOW + seconds * 1_000 }))).toEqual(event)
    expect(await refused(check(await signed([SECRET], { at: NOW + seconds * 1_010 })))).toEqual([
      'stale',
      null,
    ])
  })

  it('goes by the clock, and by five minutes, where nothing else is said', async () => {
    const at = Math.floor(Date.now() / 1_000) * 1_000
    expect(await verify(await signed([SECRET], { at }), BODY, SECRET)).toEqual(event)
    expect(await refused(verify(await signed(), BODY, SECRET))).toEqual(['stale', null])
    const now = () => NOW + 3_600_000
    expect(await verify(await signed(), BODY, SECRET, { now, toleranceSeconds: 3_600 })).toEqual(
      event,
    )
  })
})

describe('a webhook that is not', () => {
  it.each<[string, (headers: Record<string, string>) => object, string]>([
    ['another id', () => ({ 'webhook-id': 'evt_can_1_8' }), BODY],
    ['another time', () => ({ 'webhook-timestamp': String(NOW / 1_000 + 1) }), BODY],
    ['another body', () => ({}), `${BODY} `],
    ['no body', () => ({}), ''],
    ['no kind', (all) => ({ 'webhook-signature': all['webhook-signature']?.slice(3) }), BODY],
    [
      'a kind that is not understood',
      (all) => ({ 'webhook-signature': all['webhook-signature']?.replace('v1', 'v2') }),
      BODY,
    ],
    ['no base64', () => ({ 'webhook-signature': 'v1,*' }), BODY],
    ['an empty signature', () => ({ 'webhook-signature': 'v1,' }), BODY],
    [
      'a signature cut short',
      (all) => ({
        'webhook-signature': `v1,${Buffer.from(all['webhook-signature']?.slice(3) ?? '', 'base64')
          .subarray(0, 31)
          .toString('base64')}`,
      }),
      BODY,
    ],
  ])('%s', async (_, change, body) => {
    const headers = await signed()
    expect(await refused(check({ ...headers, ...change(headers) }, body))).toEqual(['forged', null])
  })

  it('signed with another secret', async () => {
    expect(await refused(check(await signed([OLD])))).toEqual(['forged', null])
  })

  it.each(['webhook-id', 'webhook-timestamp', 'webhook-signature'])('without %s', async (name) => {
    for (const value of [undefined, '', [ID]])
      expect(await refused(check({ ...(await signed()), [name]: value }))).toEqual([
        'incomplete',
        name,
      ])
  })

  it.each(['now', '-1', '1e9', 'NaN', '0x6', ' 1', '9'.repeat(13)])(
    'at the time “%s”',
    async (timestamp) => {
      expect(await refused(check({ ...(await signed()), 'webhook-timestamp': timestamp }))).toEqual(
        ['incomplete', 'webhook-timestamp'],
      )
    },
  )

  it('signed, and no event', async () => {
    for (const body of [
      '{',
      'null',
      '"x"',
      '[]',
      '{"type":7,"data":{}}',
      '{"type":"x"}',
      '{"type":"x","data":null}',
    ])
      expect(await refused(check(await signed([SECRET], { body }), body))).toEqual([
        'unreadable',
        null,
      ])
  })
})

describe('a secret that is none', () => {
  it('is a mistake of whoever wrote the program, and is not repeated', async () => {
    for (const secret of ['', 'canary', base64(1, 23), base64(1, 65), `whsec_whsec_${base64(1)}`]) {
      const error = await check(await signed(), BODY, secret).catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(TypeError)
      expect(String(error)).not.toContain('canary')
    }
    await expect(check(await signed(), BODY, [SECRET, ''])).rejects.toThrow(TypeError)
    expect(await refused(check(await signed(), BODY, []))).toEqual(['forged', null])
  })
})
