/** The vectors on Wix's own SDK: it says of each what is written there, stricter than us or not. */
import { AppStrategy, createClient } from '@wix/sdk'
import { orders } from '@wix/ecom'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { NoticeFile } from '../../src/testing/index.ts'

const file = NoticeFile.parse(
  JSON.parse(readFileSync(new URL('notices/wix.json', import.meta.url), 'utf8')),
)
const { appId, webhookSecret } = file.settings as { appId: string; webhookSecret: string }

beforeAll(() => void vi.useFakeTimers({ toFake: ['Date'], now: Date.parse(file.now) }))
afterAll(() => void vi.useRealTimers())

it.each(file.cases.flatMap((one) => (one.library ? [[one.name, one] as const] : [])))(
  '%s',
  async (_, { body, library }) => {
    const auth = AppStrategy({ appId, publicKey: webhookSecret })
    const { webhooks } = createClient({ auth, modules: { orders } })
    const judged = webhooks.process(body).then(
      () => 'accept',
      () => 'refuse',
    )
    expect(await judged).toBe(library)
  },
)
