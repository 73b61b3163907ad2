/** The suite's part on notices: every vector's verdict, and what is so of any that is proved. */
import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Signature } from '../adapter/notices.ts'
import type { AnyAdapter } from '../adapter/platform.ts'
import { secretsOf } from '../adapter/settings.ts'
import { readTokenNotice } from '../connection/notices.ts'
import { readFile } from './cases.ts'
import { arrive, firstAccepted, NoticeFile, receivedOf, settingsFor } from './notices.ts'
import type { SuiteOptions } from './options.ts'

const readVectors = (folder: URL): [string, NoticeFile][] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => [name, readFile(NoticeFile, new URL(name, folder))])

const pemOf = (key: ArrayBuffer) => {
  const text = btoa(String.fromCharCode(...new Uint8Array(key)))
  return `-----BEGIN PUBLIC KEY-----\n${text}\n-----END PUBLIC KEY-----`
}

/** A secret of the right form that proves nothing. */
const anotherSecret = async ({ scheme }: Signature): Promise<string> => {
  if (scheme !== 'jwt-rs256') return `whsec_${btoa('another secret of 32 characters.')}`
  const { publicKey } = await crypto.subtle.generateKey(
    {
      name: 'RSASSA-PKCS1-v1_5',
      hash: 'SHA-256',
      modulusLength: 2048,
      publicExponent: new Uint8Array([1, 0, 1]),
    },
    true,
    ['sign', 'verify'],
  )
  return pemOf(await crypto.subtle.exportKey('spki', publicKey))
}

const TOKEN = 'a-token_of.32~characters-or-more'

const testFile = (
  adapter: AnyAdapter,
  signature: Signature,
  settings: SuiteOptions['settings'],
  file: NoticeFile,
) => {
  const valid = firstAccepted(file)
  const { webhookSecret } = settingsFor(adapter, settings, file, valid) as {
    webhookSecret: string
  }
  const play = (changed: Partial<typeof valid>, as = {}) =>
    arrive(adapter, settings, file, { ...valid, ...changed }, as)
  const refused = (because: string) => ({ kind: 'refused', because })

  it.each(file.cases.map((one) => [one.name, one] as const))('%s', async (_, one) =>
    expect(await arrive(adapter, settings, file, one)).toEqual(one.verdict),
  )
  it('is proved by the secret before, and by no other', async () => {
    const another = await anotherSecret(signature)
    const rotated = { webhookSecret: another, previousWebhookSecret: webhookSecret }
    expect(await play({ settings: { ...valid.settings, ...rotated } })).toEqual(valid.verdict)
    expect(await play({ settings: { ...valid.settings, webhookSecret: another } })).toEqual(
      refused('unproved'),
    )
  })
  it('is refused when empty or longer than 1 MiB, and absent without a secret', async () => {
    expect(await play({ body: '' })).toEqual(refused('empty'))
    expect(await play({ body: 'x'.repeat(1_048_577) })).toEqual(refused('too long'))
    expect(await play({ settings: { ...valid.settings, webhookSecret: null } })).toEqual({
      kind: 'absent',
    })
  })
  it('is refused where one bit of it is another, or its end is missing', async () => {
    const { body } = receivedOf(valid)
    const step = Math.ceil(body.length / 100)
    for (let at = 0; at < body.length; at += step) {
      const flipped = body.slice()
      flipped[at] = (flipped[at] ?? 0) ^ 1
      expect((await play({}, { body: flipped })).kind, `bit of byte ${at}`).toBe('refused')
      expect((await play({}, { body: body.slice(0, at) })).kind, `${at} bytes`).toBe('refused')
    }
  })
  it('comes unsigned to the address with the token, and to no other', async () => {
    const given = settingsFor(adapter, { ...settings, webhookToken: TOKEN }, file, valid)
    const received = {
      ...receivedOf(valid),
      body: new TextEncoder().encode('{"orderId":"order-1"}'),
    }
    const byToken = (token: string) => readTokenNotice(adapter, given, token, received)
    expect(await byToken(TOKEN)).toMatchObject({ kind: 'accepted', orderIds: ['order-1'] })
    expect(await byToken(`${TOKEN.slice(0, -1)}x`)).toEqual(refused('unproved'))
    expect(await byToken('')).toEqual(refused('unproved'))
  })
}

/** Registers the tests of an adapter's notices, with the vectors of a folder. */
export const testNotices = (
  adapter: AnyAdapter,
  folder: URL,
  { settings }: Pick<SuiteOptions, 'settings'>,
): void => {
  const { notices } = adapter
  if (!notices) return
  describe(`${adapter.id}: notices`, () => {
    const vectors = readVectors(folder)

    it('says where it is written, and shows a cancellation', () => {
      expect(notices.source.length).toBeGreaterThan(10)
      expect(Object.values(notices.topics)).toContain('cancellation')
      const verdicts = vectors.flatMap(([, { cases }]) => cases.map(({ verdict }) => verdict))
      expect(verdicts.some((one) => one.kind === 'accepted' && one.namesCancellation)).toBe(true)
    })
    it('takes no secret that is too short', () => {
      const store = { ...settings, ...vectors[0]?.[1].settings }
      const known = Object.fromEntries(Object.entries(store).filter(([, value]) => value !== null))
      const takes = (more: object) => adapter.settings.safeParse({ ...known, ...more }).success
      expect(takes({})).toBe(true)
      for (const name of ['webhookSecret', 'previousWebhookSecret'])
        expect(takes({ [name]: 'fifteen-letters' }), name).toBe(false)
      expect(takes({ webhookToken: TOKEN })).toBe(true)
      expect(takes({ webhookToken: TOKEN.slice(1) })).toBe(false)
    })
    it('has its secrets hidden like any other', () => {
      for (const [, file] of vectors) {
        const { webhookSecret, ...others } = settingsFor(
          adapter,
          { ...settings, webhookToken: TOKEN },
          file,
          firstAccepted(file),
        )
        const both = { ...others, webhookSecret, previousWebhookSecret: webhookSecret }
        const hidden = secretsOf(adapter.settings, both)
        expect(hidden.filter((one) => one === webhookSecret)).toHaveLength(2)
        expect(hidden).toContain(TOKEN)
      }
    })
    describe.each(vectors)('%s', (_, file) => testFile(adapter, notices.signature, settings, file))
  })
}
