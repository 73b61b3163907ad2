/**
 * The vectors on the library that BigCommerce's page sends to: it says of each what is written
 * there, given the client secret in Base64 as on that page.
 */
import { readFileSync } from 'node:fs'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { NoticeFile } from '../../src/testing/index.ts'

const file = NoticeFile.parse(
  JSON.parse(readFileSync(new URL('notices/webhooks.json', import.meta.url), 'utf8')),
)
const { webhookSecret } = file.settings as { webhookSecret: string }

beforeAll(() => void vi.useFakeTimers({ toFake: ['Date'], now: Date.parse(file.now) }))
afterAll(() => void vi.useRealTimers())

it.each(file.cases.map((one) => [one.name, one] as const))(
  '%s',
  (_, { body, headers, library }) => {
    const webhook = new Webhook(Buffer.from(webhookSecret).toString('base64'))
    const judge = () => {
      try {
        webhook.verify(body, headers)
        return 'accept'
      } catch {
        return 'refuse'
      }
    }
    expect(judge()).toBe(library)
  },
)
