/** The suite's part on hostile replies: every cancel ends as it must, and is never made twice. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Repeat, repeatOf } from '../adapter/contract.ts'
import type { Platform } from '../adapter/platform.ts'
import { Order } from '../model/order.ts'
import { openSandboxed, told } from './harness.ts'
import { deep, HARMLESS, HOSTILE, type Hostile } from './hostile.ts'
import { isStatusField, type SuiteOptions } from './options.ts'

/** One hostile reply to the cancel of an order, and the store's answer to doubt. */
interface Played extends Hostile {
  readonly onDoubt: 'ask' | 'resend'
}
interface Row extends Pick<Played, 'reply' | 'processed' | 'onDoubt'> {
  readonly end: string
}

/** A redirect is an explicit answer: looked at, not sent again. All others are doubt. */
const expectedEnd = (repeat: Repeat, { reply, processed, onDoubt }: Played) => {
  if (processed) return 'succeeded'
  if (reply.startsWith('redirect')) return 'rejected'
  const isSafe = repeat.effect === 'refused' || repeat.effect === 'harmless'
  return isSafe || onDoubt === 'resend' ? 'succeeded' : 'needs_attention'
}

const playHostile = async (platform: Platform, id: string, one: Played): Promise<Row> => {
  let calls = 0
  const opened = await openSandboxed(
    platform,
    async (request, pass) => {
      if (!(await opened.isCancel(request))) return pass()
      calls += 1
      return calls === 1 ? one.play(pass, request.signal) : pass()
    },
    { onDoubt: one.onDoubt },
  )
  const record = await opened.rest((await opened.cancel({ orderId: id })).id)
  const expected = expectedEnd(opened.store.repeat, one)
  expect(record.status, told(record)).toBe(expected)
  expect(calls).toBe(expected === 'succeeded' && !one.processed ? 2 : 1)
  expect(opened.canceledTimes(id)).toBe(expected === 'succeeded' ? 1 : 0)
  const { done } = await opened.look(id, { sent: true, memo: record.memo })
  expect(done).toBe(expected === 'succeeded')
  return { ...one, end: `${record.status}, ${calls} call${calls > 1 ? 's' : ''}` }
}

/** How every reply ended, where the platform had done what was asked and where it had not. */
const table = (id: string, rows: readonly Row[]): string => {
  const wishes = [...new Set(rows.map(({ onDoubt }) => onDoubt))].sort()
  const cells = (name: string, of: (processed: boolean, onDoubt: string) => string) =>
    [
      name.padEnd(26),
      ...wishes.flatMap((wish) => [of(true, wish), of(false, wish)]).map((text) => text.padEnd(24)),
    ]
      .join('')
      .trimEnd()
  return [
    cells('the platform', (processed, wish) =>
      processed ? 'had done it' : `had not (onDoubt: ${wish})`,
    ),
    ...[...new Set(HOSTILE.map(({ reply }) => reply))].map((reply) =>
      cells(
        reply,
        (processed, wish) =>
          rows.find(
            (row) => row.reply === reply && row.processed === processed && row.onDoubt === wish,
          )?.end ?? '',
      ),
    ),
    `${id}: ${rows.length} hostile replies, each with the right end and never more than one ` +
      'effective cancel\n\n',
  ].join('\n')
}

const playHarmless = async (platform: Platform, id: string, bend: (body: unknown) => unknown) => {
  const opened = await openSandboxed(platform, async (_, pass) => {
    const reply = await pass()
    const text = await reply.text()
    return new Response(text === '' ? null : JSON.stringify(bend(JSON.parse(text))), {
      status: reply.status,
      headers: { 'content-type': 'application/json' },
    })
  })
  const record = await opened.cancel({ orderId: id })
  expect(record.status, told(record)).toBe('succeeded')
  expect(opened.canceledTimes(id)).toBe(1)
}

/** Longer than a record is waited for, so that it is the record that speaks. */
const PLAIN_MS = 30_000

/** With nothing in between. Where this fails, hostile replies would only say so thirty times. */
const cancelPlainly = async (platform: Platform, id: string) => {
  const opened = await openSandboxed(platform)
  await opened.look(id)
  const record = await opened.rest((await opened.cancel({ orderId: id })).id)
  expect(record.status, `a plain cancel of ${id}: ${told(record)}`).toBe('succeeded')
}

const readUnknownWords = async (platform: Platform, options: SuiteOptions) => {
  let words = 0
  const renew = (name: string, value: unknown) => {
    if (typeof value !== 'string' || !isStatusField(options, name)) return value
    words += 1
    return 'brand_new'
  }
  const opened = await openSandboxed(platform, async (_, pass) =>
    Response.json(
      deep(await (await pass()).json(), (members) =>
        Object.fromEntries(
          Object.entries(members).map(([name, value]) => [name, renew(name, value)]),
        ),
      ),
    ),
  )
  const { order } = await opened.look(options.orders.open)
  expect(words, 'members that hold a word of the order’s state: statusFields').toBeGreaterThan(0)
  expect(Order.safeParse(order).success).toBe(true)
  // Not every platform has a word for the status of an order.
  if (order.native.status !== null)
    expect({ status: order.status, native: order.native.status }).toEqual({
      status: 'unknown',
      native: 'brand_new',
    })
}

export const testHostile = (platform: Platform, options: SuiteOptions) =>
  describe(`${platform.adapter.id}: hostile replies`, () => {
    const { adapter } = platform
    const { open } = options.orders
    const repeat = repeatOf(adapter, adapter.settings.parse(options.settings))
    const rows: Row[] = []
    beforeAll(() => cancelPlainly(platform, open), PLAIN_MS)
    afterAll(() => {
      if (rows.length > 0) process.stdout.write(table(adapter.id, rows))
    })

    const played = HOSTILE.flatMap((one): Played[] => [
      { ...one, onDoubt: 'ask' },
      ...(repeat.effect === 'unknown' ? [{ ...one, onDoubt: 'resend' } as const] : []),
    ])
    // Each has a sandbox and a ledger of its own, and mostly waits.
    it.concurrent.each(played)('$name ($onDoubt)', async (one) => {
      rows.push(await playHostile(platform, open, one))
    })

    it.each(HARMLESS)('$name', ({ bend }) => playHarmless(platform, open, bend))

    it('an unknown word of the platform is kept and mapped to unknown', () =>
      readUnknownWords(platform, options))
  })
