/**
 * A platform's sandbox behind a gateway, with its replies bent on the way: what the tests of poor
 * replies and of whole cancels share, here and in the platforms' folders.
 */
import { expect } from 'vitest'
import type { CallFailure } from '../../src/adapter/failure.ts'
import { CancelRequest } from '../../src/model/request.ts'
import { openHarness, sandboxTransport } from '../../src/testing/harness.ts'
import type { Loaded } from './loaded.ts'

export type Between = NonNullable<Parameters<typeof sandboxTransport>[1]>
// oxlint-disable-next-line typescript/no-explicit-any
export type Loose = any

export const open = ({ adapter, createSandbox }: Loaded, between?: Between, more: object = {}) => {
  const sandbox = createSandbox()
  const settings = { ...sandbox.settings, baseUrl: `https://${adapter.id}.example`, ...more }
  return {
    sandbox,
    settings,
    ...openHarness(adapter, settings, sandboxTransport(sandbox, between)),
  }
}

export const isCancel = ({ method, url }: Request): boolean =>
  method !== 'GET' && /\/cancel(?:\.json)?$/.test(new URL(url).pathname)

/** The order in a reply, wherever the platform puts it. */
export const orderIn = (body: Loose): Loose =>
  body?.order ?? body?.data?.order ?? body?.orders?.[0] ?? (body?.status && body.id ? body : null)

/** Changes every order that the platform tells. */
export const bend =
  (change: (order: Loose) => void): Between =>
  async (_, pass) => {
    const reply = await pass()
    const body = await reply.json().catch(() => null)
    const order = orderIn(body)
    if (order) change(order)
    return Response.json(body, { status: reply.status })
  }

export const ask = (body: object) => ({ ...CancelRequest.parse(body), store: 'case' })

/** How a look after a call is asked for. */
export const view = { request: null, sent: true, byCustomer: false, memo: null }

/** What a call that was answered so came to. */
export const failureOf = async (
  platform: Loaded,
  status: number,
  body: unknown,
  reason: string | null = null,
) => {
  const answer = () =>
    typeof body === 'string'
      ? new Response(body, { status, headers: { 'content-type': 'text/html' } })
      : Response.json(body, { status })
  const { store, settings } = open(platform, async () => answer())
  const call = platform.adapter.order.cancel({
    settings: platform.adapter.settings.parse(settings),
    request: ask({ orderId: 'paid', reason }),
    byCustomer: false,
    before: null as never,
    memo: null,
  })
  return store.client
    .perform(call, () => false)
    .then(
      () => {
        throw new Error('it did not fail')
      },
      (error: CallFailure) => error.failure,
    )
}

/** Whether the reply of success to a cancel says that the order, which was `was`, is canceled. */
export const says = ({ adapter }: Loaded, was: string, reply: unknown): boolean =>
  adapter.order.says?.({ before: { native: { status: was } } } as Loose, reply) ?? true

/** What became of a cancel between two looks that were answered so. `reply` is the cancel's. */
export const factsOf = async (platform: Loaded, before: Loose, after: Loose, reply?: object) => {
  const read = (given: Loose) =>
    platform.adapter.order.look(
      open(platform, async () => Response.json(given)).store.client,
      '1',
      view,
    )
  const [was, is] = [await read(before), await read(after)]
  const facts = platform.adapter.order.facts?.({
    settings: open(platform).settings,
    request: ask({ orderId: '1', restock: true, reason: 'x' }),
    byCustomer: false,
    before: was.order,
    memo: was.memo ?? null,
    reply: reply ?? null,
    look: is,
  })
  return facts ?? {}
}

/**
 * The first cancel is refused for its credentials, and the order is touched then; the second is
 * answered by `second`.
 */
export const startedOver = async (
  platform: Loaded,
  find: RegExp,
  touch: (order: Loose) => void,
  second: Between,
  more: object = {},
) => {
  let cancels = 0
  let isTouched = false
  const opened = open(
    platform,
    async (request, pass) => {
      if (isCancel(request))
        return ++cancels === 1
          ? Response.json(
              { type: 'unauthorized', message: 'No such key', errors: 'No such key' },
              { status: 401 },
            )
          : second(request, pass)
      const reply = await pass()
      if (!isTouched || request.method !== 'GET') return reply
      const body = (await reply.json()) as Loose
      for (const order of body.orders ?? [body.order]) if (order) touch(order)
      return Response.json(body, { status: reply.status })
    },
    more,
  )
  const request = {
    ...CancelRequest.parse({
      orderId: opened.sandbox.examples.find(({ id: example }) => find.test(example))!.id,
    }),
    store: 'case',
  }
  const ask = async () =>
    opened.rest((await opened.gateway.cancel(request, 'test', 'key', null)).record.id)
  expect(await ask()).toMatchObject({
    status: 'rejected',
    problem: { code: 'platform-credentials' },
  })
  isTouched = true
  return ask()
}
