/**
 * Standard Webhooks beside the library that its makers publish: the same verdicts on the vectors,
 * but where ours is stricter on purpose, and what it signs is proved here.
 */
import fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { medusa } from '../../adapters/medusa/index.ts'
import { readNotice } from '../../src/connection/notices.ts'
import { arrive, settingsFor } from '../../src/testing/notices.ts'
import { vectors } from './vectors.ts'

const open = (secret: string, key: 'base64' | 'text') =>
  key === 'text' ? new Webhook(secret, { format: 'raw' }) : new Webhook(secret)

afterEach(() => void vi.useRealTimers())

const cases = vectors.flatMap(({ adapter, settings, file }) => {
  const signature = adapter.notices?.signature
  return signature?.scheme !== 'standard-webhook'
    ? []
    : file.cases
        .filter(({ library }) => library !== undefined)
        .map(
          (one) =>
            [
              `${adapter.id}: ${one.name}`,
              { adapter, settings, file, one, key: signature.key },
            ] as const,
        )
})

/**
 * It reads a number and what stands behind it, proves nothing by an empty body, and knows no shops.
 */
const STRICTER = /: (timestamp-junk-suffix|empty-body|without a scope|of (another|no) store)$/

describe('standardwebhooks', () => {
  it('judges as many vectors as are its own', () => expect(cases.length).toBeGreaterThan(20))

  it.each(cases)('%s', async (name, { adapter, settings, file, one, key }) => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse(file.now) })
    const { webhookSecret } = settingsFor(adapter, settings, file, one) as { webhookSecret: string }
    const judge = () => open(webhookSecret, key).verify(one.body, one.headers)
    if (one.library === 'accept') expect(judge).not.toThrow()
    else expect(judge).toThrow()
    const { kind } = await arrive(adapter, settings, file, one)
    const ours = kind === 'refused' ? 'refuse' : 'accept'
    expect(ours).toBe(STRICTER.test(name) ? 'refuse' : one.library)
  })

  it('signs what is proved here, whatever is in it', () =>
    fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 24, maxLength: 64 }),
        fc.string({ unit: 'grapheme', maxLength: 40 }),
        fc.stringMatching(/^[!-~]{1,40}$/),
        fc.boolean(),
        async (key, note, id, isPrefixed) => {
          const now = new Date('2026-11-29T12:00:00.000Z')
          const body = JSON.stringify({
            type: 'order.canceled',
            data: { orderId: 'order_1', note },
          })
          const base64 = btoa(String.fromCharCode(...key))
          const headers = new Headers({
            'webhook-id': id,
            'webhook-timestamp': String(now.getTime() / 1_000),
            'webhook-signature': new Webhook(base64).sign(id, now, body),
          })
          const settings = medusa.settings.parse({
            baseUrl: 'https://medusa.example',
            secretKey: 'sk_case',
            webhookSecret: isPrefixed ? `whsec_${base64}` : base64,
          })
          const received = {
            body: new TextEncoder().encode(body),
            headers,
            query: new URLSearchParams(),
          }
          expect(await readNotice(medusa, settings, received, now.getTime())).toEqual({
            kind: 'accepted',
            topic: 'order.canceled',
            namesCancellation: true,
            orderIds: ['order_1'],
          })
        },
      ),
      { numRuns: 200 },
    ))
})
