/** The vectors in workerd: its Web Crypto proves and refuses what Node's does. */
import { describe, expect, it } from 'vitest'
import { medusa } from '../../adapters/medusa/index.ts'
import standard from '../../adapters/medusa/notices/standard-webhooks.json' with { type: 'json' }
import { shopline } from '../../adapters/shopline/index.ts'
import hmac from '../../adapters/shopline/notices/shopline.json' with { type: 'json' }
import { shoplineAsia } from '../../adapters/shopline-asia/index.ts'
import sorted from '../../adapters/shopline-asia/notices/shopline-asia.json' with { type: 'json' }
import { wix } from '../../adapters/wix/index.ts'
import token from '../../adapters/wix/notices/wix.json' with { type: 'json' }
import { readTokenNotice } from '../../src/connection/notices.ts'
import { arrive, NoticeFile, receivedOf } from '../../src/testing/notices.ts'

const version = { accessToken: 'case-token', apiVersion: 'v20260601' }

describe.each([
  ['standard-webhook', medusa, { baseUrl: 'https://medusa.example', secretKey: 'sk' }, standard],
  ['hmac-of-body', shopline, version, hmac],
  ['hmac-of-sorted-json', shoplineAsia, { shop: 'fixture', accessToken: 'case-token' }, sorted],
  ['jwt-rs256', wix, {}, token],
] as const)('%s', (scheme, adapter, settings, vectors) => {
  const file = NoticeFile.parse(vectors)
  it.each(file.cases.map((one) => [one.name, one] as const))('%s', async (_, one) => {
    expect(adapter.notices?.signature.scheme).toBe(scheme)
    expect(await arrive(adapter, settings, file, one)).toEqual(one.verdict)
  })
})

it('a token is told from another one', async () => {
  const settings = { webhookToken: 't'.repeat(32) }
  const [one] = NoticeFile.parse(standard).cases
  const by = (given: string) => readTokenNotice(medusa, settings, given, receivedOf(one!))
  expect((await by('t'.repeat(32))).kind).toBe('accepted')
  expect((await by(`${'t'.repeat(31)}u`)).kind).toBe('refused')
})
