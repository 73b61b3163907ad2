/**
 * The vectors on Saleor's own SDK, which proves what this gateway does not (a detached JWS), and
 * nothing that this gateway proves (an HMAC): it is said aloud, and seen from both sides.
 */
import { generateKeyPairSync, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readNotice } from '../../src/connection/notices.ts'
import { NoticeFile } from '../../src/testing/index.ts'
import { Settings } from './access.ts'
import { saleor } from './index.ts'
import { type AppSdk, sdk } from './sdk.fixture.ts'

const file = NoticeFile.parse(
  JSON.parse(readFileSync(new URL('notices/webhooks.json', import.meta.url), 'utf8')),
)
const settings = Settings.parse({
  ...file.settings,
  baseUrl: 'https://shop.example.com',
  appToken: 'token',
})

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const kid = '1'
const jwks = JSON.stringify({
  keys: [{ ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' }],
})

/** A signature as Saleor makes it: of a header, a dot and the body, which is left out. */
const detachedJws = (body: string): string => {
  const header = { alg: 'RS256', b64: false, crit: ['b64'], kid, typ: 'JWT' }
  const first = Buffer.from(JSON.stringify(header)).toString('base64url')
  const signature = sign('RSA-SHA256', Buffer.from(`${first}.${body}`), privateKey)
  return `${first}..${signature.toString('base64url')}`
}

const lowerCase = (headers: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(headers).map(([name, text]) => [name.toLowerCase(), text]))

const accepted = file.cases.filter(({ verdict }) => verdict.kind === 'accepted')
const [valid] = accepted

if (typeof sdk === 'string') process.stdout.write(`skipped: ${sdk}\n\n`)
describe.skipIf(typeof sdk === 'string')('Saleor’s own SDK', () => {
  const { getSaleorHeaders, verifySignatureWithJwks } = sdk as AppSdk
  const judge = (signature: string, body: string) =>
    verifySignatureWithJwks(jwks, signature, body).then(
      () => 'accept',
      () => 'refuse',
    )

  it.each(accepted.map((one) => [one.name, one] as const))(
    'finds event and signature of “%s” where they are read here, and proves no HMAC',
    async (_, { headers, body, verdict }) => {
      const { event, signature } = getSaleorHeaders(lowerCase(headers))
      expect(event).toBe((verdict as { topic?: string }).topic)
      expect(signature).toBe(new Headers(headers).get('saleor-signature'))
      expect(await judge(signature ?? '', body)).toBe('refuse')
    },
  )

  it('proves a detached JWS, which is refused here', async () => {
    const { body, headers } = valid as (typeof accepted)[number]
    const jws = detachedJws(body)
    expect([await judge(jws, body), await judge(jws, `${body} `)]).toEqual(['accept', 'refuse'])
    const received = {
      body: new TextEncoder().encode(body),
      headers: new Headers({ ...headers, 'Saleor-Signature': jws }),
      query: new URLSearchParams(),
    }
    const verdict = await readNotice(saleor, settings, received, Date.parse(file.now))
    expect(verdict).toEqual({ kind: 'refused', because: 'unproved' })
  })
})
