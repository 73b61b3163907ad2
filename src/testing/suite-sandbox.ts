/** The suite's part on a platform's imitation: what was foretold happens, once, and is seen. */
import { describe, expect, it, vi } from 'vitest'
import type { Platform } from '../adapter/platform.ts'
import type { Sandbox } from '../adapter/sandbox.ts'
import { preview } from '../gateway/read.ts'
import { decide } from '../gateway/workflow/decide.ts'
import { foretold } from '../gateway/workflow/foretell.ts'
import { type Cancellation, isAtRest } from '../model/cancellation.ts'
import { report } from '../model/effect.ts'
import { Order } from '../model/order.ts'
import { CancelRequest } from '../model/request.ts'
import { openSandboxed, told } from './harness.ts'
import type { SuiteOptions } from './options.ts'

const requestOf = (body: object) => ({ ...CancelRequest.parse(body), store: 'case' })

/** What has not come to rest by then never will. */
const LONGEST_MS = 2 * 3_600_000
const TURN_MS = 50

/**
 * Works with all clocks turned: the seconds that an example takes, or wants to be left alone, cost
 * none.
 */
const withTurnedClocks = async (work: () => Promise<void>): Promise<void> => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] })
  try {
    const working = work()
    const ended = working.then(
      () => true,
      () => true,
    )
    const turned = () => vi.advanceTimersByTimeAsync(TURN_MS).then(() => false)
    for (let ms = 0; !(await Promise.race([ended, turned()])); ms += TURN_MS)
      if (ms > LONGEST_MS) throw new Error('not at rest after two hours of its clock')
    await working
  } finally {
    vi.useRealTimers()
  }
}

/** Clocks that are turned run ahead of the machine: no call may seem to take too long. */
const TURNED = { callTimeoutMs: 3_600_000 }

const followExample = async (platform: Platform, id: string): Promise<void> => {
  const opened = await openSandboxed(platform, undefined, TURNED)
  const body = { orderId: id, reasonCode: 'customer' }
  const seen = await preview(opened.store, requestOf(body), false)
  expect(Order.safeParse(seen.order).error?.message, id).toBe(undefined)
  const first = await opened.cancel(body)
  const record = isAtRest(first.status) ? first : await opened.rest(first.id, 600_000)
  expect(opened.canceledTimes(id), id).toBeLessThanOrEqual(1)
  if (seen.alreadyCanceled) expect(record.alreadyCanceled, id).toBe(true)
  if (!seen.cancelable && !seen.alreadyCanceled) {
    expect(record.status, id).toBe('rejected')
    expect(record.problem?.cause, id).toBe(seen.problem?.cause)
    expect(opened.canceledTimes(id), id).toBe(0)
  }
  const { done } = await opened.look(id, { sent: true, memo: record.memo })
  expect(done, id).toBe(record.status === 'succeeded')
}

const cancelNamed = async (platform: Platform, orders: SuiteOptions['orders']): Promise<void> => {
  const opened = await openSandboxed(platform)
  for (const id of [orders.open, orders.paid]) {
    const record = await opened.cancel({ orderId: id })
    expect(record.status, `${id}: ${told(record)}`).toBe('succeeded')
  }
  expect(await opened.cancel({ orderId: orders.canceled })).toMatchObject({
    status: 'succeeded',
    alreadyCanceled: true,
  })
  expect(opened.canceledTimes(orders.canceled)).toBe(0)
  for (const id of orders.refused) {
    const record = await opened.cancel({ orderId: id })
    expect(record.status, `${id}: ${told(record)}`).toBe('rejected')
  }
  expect((await opened.cancel({ orderId: orders.missing })).problem?.code).toBe('order-not-found')
}

/** What was foretold of the flags happens, but for what nobody could foretell. */
const cancelWith = async (platform: Platform, body: { readonly orderId: string }) => {
  const opened = await openSandboxed(platform)
  const request = requestOf(body)
  const seen = await opened.look(body.orderId, { request })
  const predicted = report(request, foretold(opened.store, request, seen))
  const record = await opened.cancel(body)
  expect(record.status, `${JSON.stringify(body)}: ${told(record)}`).toBe('succeeded')
  const names = (['notify', 'message', 'restock', 'payment'] as const).filter(
    (name) => predicted[name].outcome !== 'unverified',
  )
  const outcomes = (of: Cancellation['effects']) =>
    Object.fromEntries(names.map((name) => [name, of[name].outcome]))
  expect(outcomes(record.effects), JSON.stringify(body)).toEqual(outcomes(predicted))
  if (opened.store.capabilities.notify.can === 'choose')
    expect(mailsOf(opened.sandbox, body.orderId), `mails after ${JSON.stringify(body)}`).toBe(
      request.notify ? 1 : 0,
    )
}

/** How many mails the imitation sent the buyer of an order: no report of ours is asked. */
const mailsOf = ({ mails }: Sandbox, orderId: string): number => {
  if (!mails) throw new Error('a mail can be wished for, and the sandbox gives no `mails`')
  return mails.filter((mail) => (typeof mail === 'string' ? mail : mail.orderId) === orderId).length
}

const cancelTwentyTimes = async (platform: Platform, id: string) => {
  const opened = await openSandboxed(platform)
  const records = await Promise.all(
    Array.from({ length: 20 }, () => opened.cancel({ orderId: id })),
  )
  const ended = await opened.rest(records[0]?.id ?? '')
  expect(ended.status).toBe('succeeded')
  expect(new Set(records.map((record) => record.id)).size).toBe(1)
  expect(opened.canceledTimes(id)).toBe(1)
}

const findByNumber = async (platform: Platform, id: string) => {
  const { store, look } = await openSandboxed(platform)
  const { order } = await look(id)
  const find = async (number: string) =>
    (await platform.adapter.find?.(store.client, number))?.orders.map((found) => found.id)
  expect(await find(order.number ?? '')).toContain(id)
  expect(await find('0000')).toEqual([])
}

/** What a look shows is enough: no reply and no memory is needed to see that it is canceled. */
const decideFromLook = async (platform: Platform, id: string) => {
  const opened = await openSandboxed(platform)
  const record = await opened.cancel({ orderId: id })
  const look = await opened.look(id)
  expect(decide({ ...record, status: 'accepted' }, look, opened.store, Date.now(), 1)).toEqual({
    do: 'succeed',
    ours: false,
  })
}

/** What may become of a reason by what is known of it: what nobody has shown promises nothing. */
const REASONS = {
  choose: ['applied'],
  always: ['applied'],
  never: ['unsupported'],
  unknown: ['applied', 'unverified'],
} as const

const WISHES = [true, false, null]
/** Every pair of wishes, if not every three of them. */
const FLAGS = WISHES.flatMap((notify, row) =>
  WISHES.map((restock, column) => ({
    notify,
    restock,
    refund: WISHES[(row + column) % WISHES.length],
    ...(notify && { message: 'Sorry for that.' }),
  })),
)

export const testSandbox = (platform: Platform, { orders }: SuiteOptions) =>
  describe(`${platform.adapter.id}: sandbox`, () => {
    it('has examples for people, demo and console: open and paid among at least five', async () => {
      const ids = (await platform.createSandbox()).examples.map(({ id }) => id)
      expect(ids.length).toBeGreaterThan(4)
      for (const name of [/(^|_)open$/, /(^|_)paid$/])
        expect(
          ids.some((id) => name.test(id)),
          String(name),
        ).toBe(true)
    })

    it('every example reads as a canonical order, ends as previewed, is canceled once', () =>
      withTurnedClocks(async () => {
        for (const { id } of (await platform.createSandbox()).examples)
          await followExample(platform, id)
      }))

    it('names of the contract mean what they say', () => cancelNamed(platform, orders))

    it('every combination of flags ends as foretold', async () => {
      for (const flags of FLAGS) await cancelWith(platform, { orderId: orders.paid, ...flags })
    })

    it('a reason comes back where the capability says it is kept', async () => {
      const { cancel, store } = await openSandboxed(platform)
      const { effects } = await cancel({ orderId: orders.paid, reason: 'Wrong quantity ordered' })
      expect(REASONS[store.capabilities.reason.can]).toContain(effects.reason.outcome)
    })

    it('twenty at once for one order: one cancel', () => cancelTwentyTimes(platform, orders.paid))

    it.runIf(platform.adapter.find)(
      'finds an order by the number people see, and nothing by another',
      () => findByNumber(platform, orders.open),
    )

    it('decides from a look alone', () => decideFromLook(platform, orders.canceled))
  })
