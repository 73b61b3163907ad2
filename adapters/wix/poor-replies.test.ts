/** Wix where a reply is poor, odd, or in words that no manual lists. */
import { describe, expect, it } from 'vitest'
import { wix as adapter } from './index.ts'
import { isNoted } from './map.ts'
import * as wire from './wire.ts'
import { createSandbox } from './sandbox/index.ts'
import { findOrders } from '../../src/gateway/read.ts'
import {
  bend,
  type Between,
  factsOf,
  failureOf,
  type Loose,
  open,
  says,
  view,
} from '../../test/adapter/replies.ts'

const wix = { adapter, createSandbox }

const wixOrder = (more: object) => ({
  order: { id: '1', status: 'CANCELED', currency: 'EUR', paymentStatus: 'PAID', ...more },
})

/** Facts of an order that was canceled by a call of ours, with a reply. */
const paymentOf = (was: Loose, is: Loose) => factsOf(wix, was, is, {})

describe('refusals that are none', () => {
  it('a 403 without a word may be a burst; any other is what it says', async () => {
    expect(await failureOf(wix, 403, { message: '', details: {} })).toMatchObject({
      kind: 'doubt',
      code: 'platform-credentials',
    })
    expect(await failureOf(wix, 403, { message: 'Permission denied.', details: {} })).toMatchObject(
      { kind: 'refused', code: 'platform-credentials' },
    )
    expect(await failureOf(wix, 403, '<html>403</html>')).toMatchObject({
      kind: 'doubt',
      code: 'platform-unavailable',
    })
    for (const status of [400, 404, 409, 500])
      expect(
        (await failureOf(wix, status, { message: '', details: {} })).kind,
        String(status),
      ).toBe('doubt')
  })
})

describe('what a success says', () => {
  it.each([
    ['APPROVED', { order: { id: '1', status: 'CANCELED' } }, true],
    ['APPROVED', { order: { id: '1', status: 'APPROVED' } }, false],
    ['APPROVED', { order: { id: '1' } }, true],
    ['ODD', { order: { id: '1', status: 'ODD' } }, false],
  ] as const)('%#', (was, reply, expected) => expect(says(wix, was, reply)).toBe(expected))
})

describe('what is not told is not nothing', () => {
  it('refunds that are left out until there is one', async () => {
    const paid = { balanceSummary: { paid: { amount: '30' } } }
    expect((await paymentOf(wixOrder(paid), wixOrder(paid))).payment).toMatchObject({
      done: 'no',
      basis: 'confirmed',
      detail: expect.stringContaining('30.00 EUR stay paid'),
    })
    const gone = wixOrder({
      paymentStatus: 'FULLY_REFUNDED',
      balanceSummary: { paid: { amount: '30' }, refunded: { amount: '30' } },
    })
    expect((await paymentOf(wixOrder(paid), gone)).payment).toMatchObject({
      done: 'yes',
      amount: { amount: '30.00' },
    })
    expect(
      (await paymentOf(wixOrder({}), wixOrder({ paymentStatus: 'FULLY_REFUNDED' }))).payment,
    ).toMatchObject({ done: 'yes', basis: 'confirmed' })
    expect(
      (await paymentOf(wixOrder({ paymentStatus: 'PARTIALLY_REFUNDED' }), gone)).payment,
    ).toMatchObject({ done: 'unknown', basis: 'none' })
    expect((await paymentOf(wixOrder({}), wixOrder({}))).payment).toMatchObject({
      done: 'no',
      basis: 'documented',
    })
  })

  it('lines, quantities and catalogs', async () => {
    const line = {
      id: 'a',
      quantity: 1,
      catalogReference: { appId: '215238eb-22a5-4c36-9e7b-e7c08025e04e' },
    }
    const lines = (...lineItems: object[]) => wixOrder({ lineItems })
    const restock = async (was: Loose, is: Loose) => (await paymentOf(was, is)).restock
    expect(
      await restock(lines({ ...line, restockQuantity: 0 }), lines({ ...line, restockQuantity: 1 })),
    ).toMatchObject({ done: 'yes' })
    expect(
      await restock(
        lines({ ...line, restockQuantity: 0 }),
        lines({ ...line, quantity: undefined, restockQuantity: 1 }),
      ),
    ).toMatchObject({ done: 'unknown', basis: 'none' })
    expect(
      await restock(
        lines(line, line),
        lines({ ...line, restockQuantity: 1 }, { ...line, id: 'b' }),
      ),
    ).toMatchObject({
      done: 'unknown',
      detail: '1 of 2 lines were put back in full, 1 do not tell.',
    })
    expect(await restock(wixOrder({}), wixOrder({}))).toMatchObject({ done: 'unknown' })
    expect(await restock(lines({ id: 'a' }), lines({ id: 'a' }))).toMatchObject({
      done: 'unknown',
      detail: expect.stringContaining('catalog is not told'),
    })
  })
})

describe('the same words in other bytes', () => {
  it('the comment is there already', async () => {
    const { store, cancel, sandbox, settings } = open(
      wix,
      bend((order) => {
        for (const { merchantComment: comment } of order.activities)
          if (comment) comment.message = comment.message.normalize('NFC').replaceAll('\r\n', '\n')
      }),
    )
    const reason = 'Zu gro\u0308ßere Menge\r\nCustomer called'
    const { request } = await cancel({ orderId: 'paid', reason })
    const look = await store.adapter.order.look(store.client, 'paid', { ...view, request })
    expect(
      await store.adapter.order.after?.(store.client, {
        settings,
        request,
        byCustomer: false,
        before: look.order,
        memo: null,
        reply: null,
        look,
      }),
    ).toMatchObject({ reason: { done: 'yes', basis: 'confirmed' } })
    expect(sandbox.cancels.get('paid')).toBe(1)
  })

  it('a number in other bytes is the same', async () => {
    const number = '\u00c9-12'
    const { store } = open(wix, async () =>
      Response.json({ orders: [{ id: '1', status: 'open', number }] }),
    )
    expect(await findOrders(store, number.normalize('NFD'))).toMatchObject([{ id: '1', number }])
  })
})

describe('success that is none', () => {
  it('a token whose life is told as a text, or oddly, is a token', () => {
    for (const expires_in of ['14400', 14400, 'soon', null, -1])
      expect(
        wire.TokenReply.safeParse({ access_token: 'x', expires_in }).success,
        String(expires_in),
      ).toBe(true)
  })

  it('a comment of which the time is not told is not written twice', () => {
    const noted = (activities: object[]) =>
      isNoted(wire.Order.parse({ id: '1', activities }), 'Wrong size')
    const canceled = { type: 'ORDER_CANCELED', createdDate: '2026-11-21T12:00:00Z' }
    const comment = (createdDate?: string) => ({
      type: 'MERCHANT_COMMENT',
      merchantComment: { message: 'Wrong size' },
      createdDate,
    })
    expect(
      [
        [canceled, comment()],
        [comment('2026-11-21T12:00:01Z')],
        [canceled, comment('2026-11-21T12:00:01Z')],
      ].map(noted),
    ).toEqual([true, true, true])
    expect([[canceled, comment('2026-11-21T11:00:00Z')], [canceled], []].map(noted)).toEqual([
      false,
      false,
      false,
    ])
  })
})

describe('a search by number', () => {
  it('proves nothing where a filter was ignored, nor where no list is told', async () => {
    const answer =
      (body: object): Between =>
      async () =>
        Response.json(body)
    await expect(
      findOrders(open(wix, answer({ orders: [{ id: '1', number: '8' }] })).store, '7'),
    ).rejects.toMatchObject({ problem: { code: 'unsupported' } })
    await expect(findOrders(open(wix, answer({})).store, '7')).rejects.toMatchObject({
      problem: { code: 'platform-unavailable' },
    })
    expect(await findOrders(open(wix, answer({ metadata: { count: 0 } })).store, '7')).toEqual([])
    expect(
      await findOrders(
        open(
          wix,
          answer({
            orders: [
              { id: '1', number: 7 },
              { id: '2', number: '7' },
            ],
            metadata: { count: 2, hasNext: true },
          }),
        ).store,
        '7',
      ),
    ).toHaveLength(2)
  })
})
