/**
 * The suite every platform must pass: shape, cases to the byte, hostile replies, its own sandbox.
 */
import { setupServer } from 'msw/node'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Platform } from '../../src/adapter/platform.ts'
import type { Sandbox } from '../adapter/sandbox.ts'
import { openStore } from '../connection/store.ts'
import type { AnyAdapter } from '../../src/adapter/platform.ts'
import { fetchTransport } from '../connection/transport.ts'
import { decide, foretold } from '../gateway/workflow/decide.ts'
import { preview } from '../gateway/read.ts'
import { INPUTS } from '../model/capability.ts'
import { report } from '../model/effect.ts'
import { Order } from '../model/order.ts'
import { CancelRequest } from '../model/request.ts'
import { toAnswer } from '../http/answers.ts'
import { type Case, play, readCases, readSuite, type SHOWS, type SuiteOptions } from './cases.ts'
import { openHarness, sandboxTransport } from './harness.ts'
import { HARMLESS, HOSTILE } from './hostile.ts'

const REQUIRED: readonly (typeof SHOWS)[number][] = [
  'success',
  'reason',
  'wishes',
  'already_canceled',
  'refused',
  'not_found',
  'credentials',
  'doubt',
]

/** Whether a request of the transport is the platform's destructive call for an order. */
const destroys = (adapter: AnyAdapter, settings: unknown, orderId: string) => {
  const request = { ...CancelRequest.parse({ orderId }), store: 'case' }
  const order = Order.parse(emptyOrder(orderId))
  const { method, path } = adapter.order.cancel({
    settings,
    request,
    byCustomer: false,
    before: order,
    memo: null,
  })
  return (sent: Request) => sent.method === method && new URL(sent.url).pathname.endsWith(path)
}

const emptyOrder = (id: string) => ({
  id,
  number: null,
  status: 'open',
  paymentStatus: 'unknown',
  fulfillmentStatus: 'unknown',
  currency: null,
  totals: {
    subtotal: null,
    discount: null,
    shipping: null,
    tax: null,
    total: null,
    paid: null,
    refunded: null,
  },
  customer: null,
  lines: [],
  reason: null,
  canceledAt: null,
  createdAt: null,
  updatedAt: null,
  native: { status: null, paymentStatus: null, fulfillmentStatus: null },
  readAt: new Date().toISOString(),
})

/** A sandbox and a harness over it; `between` may come between the two. */
const openSandboxed = async (
  platform: Platform,
  between?: Parameters<typeof sandboxTransport>[1],
  options = {},
) => {
  const sandbox = await platform.createSandbox()
  const settings = { ...sandbox.settings, baseUrl: `https://${platform.adapter.id}.example` }
  return {
    sandbox,
    settings,
    ...openHarness(platform.adapter, settings, sandboxTransport(sandbox, between), options),
  }
}

const canceledTimes = (sandbox: Sandbox, id: string) => sandbox.cancels.get(id) ?? 0

/**
 * Registers the suite for one platform, in a test file of its folder. `folder` holds its `cases/`
 * and its `suite.json`, unless `options` are given.
 */
export const testAdapter = (
  platform: Platform,
  folder: URL,
  options: SuiteOptions = readSuite(folder),
): void => {
  const { settings, orders } = options
  const { adapter } = platform

  describe(`${adapter.id}: shape`, () => {
    it('says where everything it claims is written', () => {
      expect(adapter.docs).toMatch(/^https:\/\//)
      for (const input of INPUTS)
        expect(adapter.capabilities[input].source.length, input).toBeGreaterThan(10)
      for (const rule of adapter.errors)
        expect(rule.source.length, String(rule.status)).toBeGreaterThan(10)
      expect(adapter.repeat.source.length).toBeGreaterThan(10)
      expect(adapter.pace.source.length).toBeGreaterThan(5)
    })
    it('knows what it does not know: settings are strict', () => {
      expect(adapter.settings.safeParse({ ...settings, somethingElse: 1 }).success).toBe(false)
    })
    it('declares transfers where it says that there are any', () => {
      expect(adapter.capabilities.transfer.can === 'never').toBe(adapter.transfer === undefined)
    })
  })

  describe(`${adapter.id}: cases`, () => {
    const server = setupServer()
    beforeAll(() => server.listen({ onUnhandledFrame: 'error' }))
    afterEach(() => server.resetHandlers())
    afterAll(() => server.close())
    const cases = readCases(folder)

    it('covers what every platform must show', () => {
      const shown = new Set(cases.flatMap(({ shows }) => shows))
      expect(
        REQUIRED.filter((what) => !shown.has(what)),
        'what no case shows',
      ).toEqual([])
    })

    it.each(cases.map((one): [string, Case] => [one.name, one]))('%s', async (_, one) => {
      const all = Object.fromEntries(
        Object.entries({ ...settings, ...one.settings }).filter(([, value]) => value !== null),
      )
      const { cancel } = openHarness(
        adapter,
        all,
        fetchTransport((url, init) => globalThis.fetch(url, init)),
        { settleMs: 600_000 },
      )
      const played = play(server, adapter.baseUrl(adapter.settings.parse(all)), one)
      const record = await cancel(one.request, one.customerToken)
      played.done()
      const {
        status,
        code,
        cause,
        acted,
        retryable,
        via,
        alreadyCanceled,
        effects,
        details,
        amount,
        order,
      } = one.expect
      const answer = toAnswer(record)
      expect({ status: answer.status, problem: answer.problem?.code }).toEqual({
        status,
        problem: code,
      })
      expect(answer.alreadyCanceled).toBe(alreadyCanceled)
      if (cause) expect(answer.problem?.cause).toBe(cause)
      if (acted) expect(answer.problem?.acted).toBe(acted)
      if (retryable !== undefined) expect(answer.problem?.retryable).toBe(retryable)
      if (via) expect(answer.via).toBe(via)
      expect(
        Object.fromEntries(
          Object.keys(effects).map((name) => [
            name,
            answer.effects[name as keyof typeof effects].outcome,
          ]),
        ),
      ).toEqual(effects)
      for (const [name, words] of Object.entries(details))
        expect(answer.effects[name as keyof typeof details].detail ?? '', name).toContain(words)
      if (amount) expect(answer.effects.payment.amount?.amount).toBe(amount)
      if (answer.order) expect(answer.order).toMatchObject(order)
      expect(answer.order === null && Object.keys(order).length > 0).toBe(false)
      if (one.customerToken) expect(JSON.stringify(record)).not.toContain(one.customerToken)
    })
  })

  describe(`${adapter.id}: hostile replies`, () => {
    const rows: { readonly name: string; readonly wish: string; readonly end: string }[] = []
    afterAll(() => {
      const names = [...new Set(rows.map(({ name }) => name.replace(/, (not )?processed$/, '')))]
      const end = (name: string, how: string, wish: string) =>
        (rows.find((row) => row.name === `${name}, ${how}` && row.wish === wish)?.end ?? '').padEnd(
          24,
        )
      const wishes = [...new Set(rows.map(({ wish }) => wish))]
      process.stdout.write(
        [
          `${'the platform'.padEnd(26)}${wishes.map((wish) => `${'had done it'.padEnd(24)}${`had not (onDoubt: ${wish})`.padEnd(24)}`).join('')}`,
          ...names.map(
            (name) =>
              name.padEnd(26) +
              wishes
                .map((wish) => end(name, 'processed', wish) + end(name, 'not processed', wish))
                .join(''),
          ),
          `${adapter.id}: ${rows.length} hostile replies, each with the right end and never ` +
            `more than one effective cancel\n`,
        ]
          .map((line) => line.trimEnd())
          .join('\n') + '\n',
      )
    })

    it.each(
      HOSTILE.flatMap((hostile) => [
        { ...hostile, wish: 'ask' as const },
        ...(adapter.repeat.effect === 'unknown' ? [{ ...hostile, wish: 'resend' as const }] : []),
      ]),
    )('$name ($wish)', async ({ name, processed, play: bend, wish }) => {
      const id = orders.open
      let calls = 0
      const opened = await openSandboxed(
        platform,
        (request, pass) => {
          if (
            !destroys(adapter, adapter.settings.parse(opened.settings), id)(request) ||
            ++calls > 1
          )
            return pass()
          return bend(pass, request.signal)
        },
        { onDoubt: wish },
      )
      const record = await opened.rest((await opened.cancel({ orderId: id })).id)
      const safe = adapter.repeat.effect === 'refused' || adapter.repeat.effect === 'harmless'
      // A redirect is an explicit answer: looked at, not sent again. All others are doubt.
      const refused = name.startsWith('redirect')
      const expected = processed
        ? 'succeeded'
        : refused
          ? 'rejected'
          : safe || wish === 'resend'
            ? 'succeeded'
            : 'needs_attention'
      expect(record.status).toBe(expected)
      expect(calls).toBe(expected === 'succeeded' && !processed ? 2 : 1)
      expect(canceledTimes(opened.sandbox, id)).toBe(expected === 'succeeded' ? 1 : 0)
      expect(
        (
          await opened.store.adapter.order.look(opened.store.client, id, {
            request: null,
            sent: true,
            byCustomer: false,
            memo: record.memo,
          })
        ).done,
      ).toBe(expected === 'succeeded')
      rows.push({ name, wish, end: `${record.status}, ${calls} call${calls > 1 ? 's' : ''}` })
    })

    it.each(HARMLESS)('$name', async ({ bend }) => {
      const opened = await openSandboxed(platform, async (_, pass) => {
        const reply = await pass()
        const text = await reply.text()
        return new Response(text === '' ? null : JSON.stringify(bend(JSON.parse(text))), {
          status: reply.status,
          headers: { 'content-type': 'application/json' },
        })
      })
      expect((await opened.cancel({ orderId: orders.open })).status).toBe('succeeded')
      expect(canceledTimes(opened.sandbox, orders.open)).toBe(1)
    })

    it('an unknown word of the platform is kept and mapped to unknown', async () => {
      const opened = await openSandboxed(platform, async (_, pass) => {
        const text = await (await pass()).text()
        return new Response(
          text.replaceAll(/"([a-z_A-Z]*[sS]tatus|state)": ?"[^"]*"/g, '"$1":"brand_new"'),
          { headers: { 'content-type': 'application/json' } },
        )
      })
      const { order } = await opened.store.adapter.order.look(opened.store.client, orders.open, {
        request: null,
        sent: false,
        byCustomer: false,
        memo: null,
      })
      expect(Order.safeParse(order).success).toBe(true)
      // Not every platform has a word for the status of an order.
      if (order.native.status !== null)
        expect({ status: order.status, native: order.native.status }).toEqual({
          status: 'unknown',
          native: 'brand_new',
        })
    })
  })

  describe(`${adapter.id}: sandbox`, () => {
    it('every example reads as a canonical order, previews as it then ends, and is canceled at most once', async () => {
      const rows: string[] = []
      for (const { id } of (await platform.createSandbox()).examples) {
        const opened = await openSandboxed(platform, undefined, { callTimeoutMs: 6_000 })
        if (/late|slow|throttled/.test(id)) continue
        const request = {
          ...CancelRequest.parse({ orderId: id, reasonCode: 'customer' }),
          store: 'case',
        }
        const seen = await preview(opened.store, request, false)
        expect(Order.safeParse(seen.order).error?.message, id).toBe(undefined)
        const first = await opened.cancel({ orderId: id, reasonCode: 'customer' })
        const record = first.status === 'in_doubt' ? await opened.rest(first.id) : first
        rows.push(`${id}: ${record.status}`)
        expect(canceledTimes(opened.sandbox, id), id).toBeLessThanOrEqual(1)
        if (seen.alreadyCanceled) expect(record.alreadyCanceled, id).toBe(true)
        if (!seen.cancelable && !seen.alreadyCanceled) {
          expect(record.status, id).toBe('rejected')
          expect(record.problem?.cause, id).toBe(seen.problem?.cause)
          expect(canceledTimes(opened.sandbox, id), id).toBe(0)
        }
        const look = await opened.store.adapter.order.look(opened.store.client, id, {
          request: null,
          sent: true,
          byCustomer: false,
          memo: record.memo,
        })
        expect(look.done, id).toBe(record.status === 'succeeded')
      }
      expect(rows.length).toBeGreaterThan(4)
    })

    it('names of the contract mean what they say', async () => {
      const opened = await openSandboxed(platform)
      expect((await opened.cancel({ orderId: orders.open })).status).toBe('succeeded')
      expect((await opened.cancel({ orderId: orders.paid })).status).toBe('succeeded')
      expect(await opened.cancel({ orderId: orders.canceled })).toMatchObject({
        status: 'succeeded',
        alreadyCanceled: true,
      })
      expect(canceledTimes(opened.sandbox, orders.canceled)).toBe(0)
      for (const id of orders.refused)
        expect((await opened.cancel({ orderId: id })).status, id).toBe('rejected')
      expect((await opened.cancel({ orderId: orders.missing })).problem?.code).toBe(
        'order-not-found',
      )
    })

    it('every combination of flags ends as foretold', async () => {
      for (const notify of [true, false, null]) {
        for (const restock of [true, false, null]) {
          const opened = await openSandboxed(platform)
          const body = {
            orderId: orders.paid,
            notify,
            restock,
            ...(notify && { message: 'Sorry for that.' }),
          }
          const request = { ...CancelRequest.parse(body), store: 'case' }
          const seen = await opened.store.adapter.order.look(opened.store.client, orders.paid, {
            request,
            sent: false,
            byCustomer: false,
            memo: null,
          })
          const predicted = report(request, foretold(opened.store, request, seen))
          const record = await opened.cancel(body)
          expect(record.status).toBe('succeeded')
          for (const name of ['notify', 'message', 'restock'] as const) {
            const happened = record.effects[name].outcome
            if (predicted[name].outcome !== 'unverified')
              expect({ notify, restock, name, happened }).toEqual({
                notify,
                restock,
                name,
                happened: predicted[name].outcome,
              })
          }
        }
      }
    })

    it('a reason comes back where the capability says it is kept', async () => {
      const opened = await openSandboxed(platform)
      const record = await opened.cancel({ orderId: orders.paid, reason: 'Wrong quantity ordered' })
      const { can } = opened.store.capabilities.reason
      expect(record.effects.reason.outcome).toBe(can === 'never' ? 'unsupported' : 'applied')
    })

    it('twenty at once for one order: one cancel', async () => {
      const opened = await openSandboxed(platform)
      const records = await Promise.all(
        Array.from({ length: 20 }, () => opened.cancel({ orderId: orders.paid })),
      )
      const ended = await opened.rest(records[0]?.id ?? '')
      expect(ended.status).toBe('succeeded')
      expect(new Set(records.map(({ id }) => id)).size).toBe(1)
      expect(canceledTimes(opened.sandbox, orders.paid)).toBe(1)
    })

    it.runIf(adapter.find)(
      'finds an order by the number people see, and nothing by another',
      async () => {
        const { store } = await openSandboxed(platform)
        const { order } = await adapter.order.look(store.client, orders.open, {
          request: null,
          sent: false,
          byCustomer: false,
          memo: null,
        })
        const find = async (number: string) =>
          (await adapter.find?.(store.client, number))?.orders.map(({ id }) => id)
        expect(await find(order.number ?? '')).toContain(orders.open)
        expect(await find('0000')).toEqual([])
      },
    )

    it('decides from a look alone', async () => {
      const opened = await openSandboxed(platform)
      const record = await opened.cancel({ orderId: orders.canceled })
      const look = await opened.store.adapter.order.look(opened.store.client, orders.canceled, {
        request: null,
        sent: false,
        byCustomer: false,
        memo: null,
      })
      expect(
        decide(
          { ...record, status: 'accepted' },
          look,
          openStore('x', adapter, adapter.settings.parse(opened.settings), {
            transport: sandboxTransport(opened.sandbox),
            callTimeoutMs: 1,
            settleMs: 1,
          }),
          Date.now(),
          1,
        ),
      ).toEqual({ do: 'succeed', ours: false })
    })
  })
}
