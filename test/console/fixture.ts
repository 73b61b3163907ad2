/** A console over sandbox stores in this process, and what a browser would send to it. */
import type { Alert } from '../../src/alerts/alert.ts'
import { createDesk } from '../../src/alerts/desk.ts'
import { type ConsoleOptions, createConsole } from '../../src/console/index.ts'
import type { CallerConfig } from '../../src/config/configuration.ts'
import { fetchTransport } from '../../src/connection/transport.ts'
import { openStore, type Store } from '../../src/connection/store.ts'
import { createBatches } from '../../src/gateway/batches/service.ts'
import { createWebhooks } from '../../src/gateway/deliveries/service.ts'
import { type Webhook, webhookId } from '../../src/gateway/deliveries/webhook.ts'
import { createGateway } from '../../src/gateway/gateway.ts'
import { timing } from '../../src/gateway/workflow/timing.ts'
import { createApp } from '../../src/http/app.ts'
import type { FullLedger } from '../../src/ledger/port.ts'
import { guarded } from '../../src/ledger/rules.ts'
import { openMemoryLedger } from '../../src/ledger/memory/memory.ts'
import { platforms } from '../../src/hosts/platforms.ts'
import { loaded, openLoaded } from '../adapter/loaded.ts'
import { hashOf } from '../http/host.ts'

export const ORIGIN = 'http://gateway.test'
export const TOKEN = 'a-token-of-the-tests-that-is-long-enough'
export const SECRET = 'a secret of the tests, long enough'

export const callerOf = async (
  name: string,
  key: string,
  scopes: CallerConfig['scopes'],
  stores: readonly string[] = ['*'],
): Promise<CallerConfig> => ({ name, keyHash: [await hashOf(key)], scopes, stores: [...stores] })

export interface FixtureOptions {
  readonly callers?: readonly CallerConfig[] | null
  readonly secret?: string | null
  readonly ledger?: FullLedger
  readonly closing?: AbortSignal
  readonly says?: (reply: string) => string | null
  /** Webhooks by their caller and name, and how each answers whatever it is sent. */
  readonly webhooks?: readonly { readonly caller: string; readonly name: string }[]
  readonly answers?: () => number
  /** Which people are told. */
  readonly alerts?: readonly Alert[]
  /** Adds the store `heard`, a Medusa whose webhooks are taken and which is swept. */
  readonly heard?: boolean
  /** How what runs stands to the configuration file. */
  readonly standing?: ConsoleOptions['standing']
}

/**
 * The sandbox's Medusa, its replies rewritten: what a hostile buyer may have typed; null: it
 * refuses our key.
 */
const rewritten = (says: (reply: string) => string | null): Store => {
  const { adapter, createSandbox } = loaded.find(({ adapter }) => adapter.id === 'medusa')!
  const sandbox = createSandbox()
  const transport = fetchTransport(async (url, init) => {
    const answer = await sandbox.app.fetch(new Request(url, init))
    const said = says(await answer.text())
    return said === null
      ? Response.json({ type: 'unauthorized', message: 'Unauthorized' }, { status: 401 })
      : new Response(said, answer)
  })
  return openStore(
    'hostile',
    adapter,
    adapter.settings.parse({ ...sandbox.settings, baseUrl: 'http://medusa.sandbox' }),
    { callTimeoutMs: 2_000, transport, settleMs: 100, test: true },
  )
}

/** The sandbox's Medusa with an address for its webhooks. */
const heardStore = (): Store => {
  const { adapter, createSandbox } = loaded.find(({ adapter }) => adapter.id === 'medusa')!
  const sandbox = createSandbox()
  return openStore(
    'heard',
    adapter,
    adapter.settings.parse({
      ...sandbox.settings,
      baseUrl: 'http://medusa.sandbox',
      webhookToken: TOKEN,
    }),
    {
      callTimeoutMs: 2_000,
      transport: fetchTransport(async (url, init) => sandbox.app.fetch(new Request(url, init))),
      settleMs: 100,
      sweepMs: 60_000,
      test: true,
    },
  )
}

const webhookOf = ({ caller, name }: { caller: string; name: string }): Webhook => ({
  id: webhookId(caller, name),
  caller,
  name,
  url: `https://${caller}.example/hooks`,
  keys: [new Uint8Array(24)],
  events: null,
  stores: null,
  reach: { allowHttp: false, allowPrivate: false, allowLoopback: false },
})

/** What a browser would send to a console, and how its forms are pressed. */
const browserAt = (app: ReturnType<typeof createApp>) => {
  /** A request as a browser at our own pages makes it. */
  const ask = async (
    path: string,
    {
      form,
      body,
      cookie,
      headers = {},
    }: {
      form?: Record<string, string>
      body?: FormData
      cookie?: string | undefined
      headers?: Record<string, string>
    } = {},
  ) => {
    const answer = await app.fetch(
      new Request(ORIGIN + path, {
        method: form || body ? 'POST' : 'GET',
        redirect: 'manual',
        ...(form && { body: new URLSearchParams(form) }),
        ...(body && { body }),
        headers: {
          ...((form || body) && { origin: ORIGIN }),
          ...(cookie && { cookie }),
          ...headers,
        },
      }),
    )
    return {
      status: answer.status,
      headers: answer.headers,
      text: await answer.text(),
      location: answer.headers.get('location'),
    }
  }
  const enter = async (key: string): Promise<string> =>
    (await ask('/console/login', { form: { key } })).headers.get('set-cookie')?.split(';')[0] ?? ''
  const wish = { store: 'sandbox-medusa', orderId: 'order_paid', target: 'order' }
  /** Cancels through the forms: the preview's own hidden fields, and so its key. */
  const cancel = async (fields: Record<string, string> = {}, cookie?: string) => {
    const preview = await ask('/console/new/preview', { form: { ...wish, ...fields }, cookie })
    const form =
      /<form method="post" action="\/console\/new\/cancel">(.*?)<\/form>/s.exec(
        preview.text,
      )?.[1] ?? ''
    const hidden = Object.fromEntries(
      [...form.matchAll(/name="([^"]+)" value="([^"]*)"/g)].map(([, name, value]) => [name, value]),
    )
    return { preview, hidden, press: () => ask('/console/new/cancel', { form: hidden, cookie }) }
  }
  return { ask, enter, cancel }
}

const furtherStores = (says: FixtureOptions['says'], heard: boolean) => [
  ...(says ? [['hostile', rewritten(says)] as const] : []),
  ...(heard ? [['heard', heardStore()] as const] : []),
]

export const openFixture = ({
  callers = null,
  secret = SECRET,
  ledger = openMemoryLedger(),
  says,
  webhooks = [],
  answers = () => 204,
  alerts = [],
  heard = false,
  ...more
}: FixtureOptions = {}) => {
  const { stores, sandboxes } = openLoaded({ callTimeoutMs: 5_000 })
  const all = new Map([...stores, ...furtherStores(says, heard)])
  const kept = guarded(ledger)
  const gateway = createGateway({
    ledger: kept,
    stores: all,
    timing: timing({ waitMs: 2_000 }),
    onSaved: (record) => batches.onRecordSaved(record),
  })
  const batches = createBatches({ ledger: kept.batches, gateway })
  const told: string[] = []
  const own = createWebhooks({
    deliveries: kept.deliveries,
    webhooks: webhooks.map(webhookOf),
    send: async (_, __, body) => {
      told.push(body)
      const status = answers()
      const result = String(status)
      return status < 300
        ? { kind: 'delivered', result }
        : { kind: 'failed', result, retryAfterMs: null, isGone: false }
    },
    wake: () => {},
    now: Date.now,
  })
  const faults: unknown[] = []
  const app = createApp({
    gateway,
    batches,
    ready: ledger.ready,
    callers,
    adapters: platforms.map(({ adapter }) => adapter),
    onFault: (error) => void faults.push(error),
    console: createConsole({
      gateway,
      batches,
      webhooks: own,
      alerts: createDesk(kept, alerts),
      callers,
      secret,
      ...more,
      onFault: (error) => void faults.push(error),
    }),
  })
  return { app, gateway, batches, sandboxes, ledger: kept, told, faults, ...browserAt(app) }
}
