/** SHOPLINE Asia where a reply is poor, odd, or in words that no manual lists. */
import { describe, expect, it } from 'vitest'
import { shoplineAsia as adapter } from './index.ts'
import { createSandbox } from './sandbox/index.ts'
import { findOrders, preview } from '../../src/gateway/read.ts'
import {
  ask,
  bend,
  type Between,
  factsOf,
  failureOf,
  open,
  says,
} from '../../test/adapter/replies.ts'

const shoplineAsia = { adapter, createSandbox }

describe('refusals', () => {
  it.each([
    [422, { message: 'cancelled_reason.message is too long', code: 'UnprocessableEntity' }],
    [400, { error: 'Invalid cancel reason', code: 'BadRequest' }],
  ] as const)('it is the reason that is refused: %#', async (status, answer) => {
    expect(await failureOf(shoplineAsia, status, answer, 'x')).toMatchObject({
      kind: 'refused',
      aboutReason: true,
    })
  })
})

describe('what a success says', () => {
  it('that it is canceled, though it tells no order', () => {
    expect(says(shoplineAsia, 'pending', {})).toBe(true)
  })
})

describe('what is not told is not nothing', () => {
  it('a stock tag that cannot be read may be one of a failure', async () => {
    for (const tags of ['x', [null], [{ stock_tag: 7 }]]) {
      const { cancel } = open(shoplineAsia, async (request, pass) => {
        const reply = await pass()
        return request.method === 'PATCH'
          ? Response.json({ order_items_stock_tag: tags }, { status: reply.status })
          : reply
      })
      expect(await cancel({ orderId: 'paid', restock: true }), JSON.stringify(tags)).toMatchObject({
        status: 'succeeded',
        effects: { restock: { outcome: 'unverified' } },
      })
    }
    expect(
      await factsOf(
        shoplineAsia,
        { id: '1', status: 'pending' },
        { id: '1', status: 'cancelled', order_items_stock_tag: [{ stock_tag: 'INCREASE_FAILED' }] },
      ),
    ).toMatchObject({
      restock: { done: 'failed', detail: expect.stringContaining('not told') },
      payment: { done: 'unknown' },
    })
  })
})

describe('words and digits that mean something else elsewhere', () => {
  it('points as a text are points', async () => {
    const { store } = open(
      shoplineAsia,
      bend((order) => {
        order.order_points = '120'
      }),
    )
    expect(
      (await preview(store, ask({ orderId: 'paid' }), false)).effects.payment.detail,
    ).toContain('120 member points are not given back')
  })

  it('a number in other bytes is the same', async () => {
    const number = '\u00c9-12'
    const { store } = open(shoplineAsia, async () =>
      Response.json({ items: [{ id: '1', status: 'pending', merchant_order_number: number }] }),
    )
    expect(await findOrders(store, number.normalize('NFD'))).toMatchObject([{ id: '1', number }])
  })
})

describe('success that is none', () => {
  it('an error under 200 is no word that the order is canceled', async () => {
    for (const body of [{ error: 'Order is locked' }, { message: 'Cannot cancel', code: 'X' }]) {
      const { cancel, rest } = open(shoplineAsia, async (request, pass) =>
        request.method === 'PATCH' ? Response.json(body) : pass(),
      )
      const record = await cancel({ orderId: 'paid' })
      expect(record).toMatchObject({ status: 'in_doubt', word: undefined })
      expect(await rest(record.id)).toMatchObject({
        status: 'needs_attention',
        problem: { acted: 'unknown' },
      })
    }
  })
})

describe('a search by number that fills a page', () => {
  it('goes on to the next page, and says where it stopped', async () => {
    const asked: string[] = []
    const search =
      (all: readonly string[]): Between =>
      async (request) => {
        const { searchParams } = new URL(request.url)
        asked.push(searchParams.get('page') ?? '')
        const [page, size] = [
          Number(searchParams.get('page')),
          Number(searchParams.get('per_page')),
        ]
        return Response.json({
          items: all.slice((page - 1) * size, page * size).map((number, index) => ({
            id: `${page}-${index}`,
            status: 'pending',
            order_number: number,
          })),
        })
      }
    const many = (count: number) => Array.from({ length: count }, (_, n) => `1${n}`)
    expect(
      await findOrders(open(shoplineAsia, search([...many(70), '1'])).store, '1'),
    ).toMatchObject([{ number: '1' }])
    expect(asked).toEqual(['1', '2'])
    await expect(
      findOrders(open(shoplineAsia, search(many(500))).store, '7'),
    ).rejects.toMatchObject({ problem: { code: 'unsupported' } })
    expect(await findOrders(open(shoplineAsia, search(many(20))).store, '7')).toEqual([])
  })
})
