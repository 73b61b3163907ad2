/** What the client does beside a cancel: reads, previews, batches, withdraws, and keeps its key. */
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { NotKnownYet, RescindError } from '../../src/client/index.ts'
import { KEY } from './faults.ts'
import { host, openHost, clientOf, thrown, moody } from './setup.ts'

beforeAll(openHost)
afterAll(() => host.close())

describe('other calls', () => {
  it('reads, previews, searches and walks through pages', async () => {
    const client = clientOf()
    expect(await client.preview({ orderId: 'order_paid-read' })).toMatchObject({
      cancelable: true,
      effects: { payment: { outcome: 'automatic' } },
    })
    const order = await client.order('shop', 'order_paid-read')
    expect(order).toMatchObject({ id: 'order_paid-read', status: 'open' })
    expect(await client.findOrders('shop', order.number ?? '')).toContainEqual(
      expect.objectContaining({ number: order.number }),
    )
    expect((await client.stores()).map(({ id }) => id)).toEqual(['shop'])
    expect((await client.platforms()).length).toBeGreaterThan(1)
    // By the gateway's clock: the machine's own may have been set since that began.
    const { createdAt } = await client.cancel({ orderId: 'order_paid-before-each' })
    for (const name of ['a', 'b', 'c'])
      await client.cancel({ orderId: `order_paid-each-${name}`, reference: 'each' })
    const found: string[] = []
    for await (const { orderId } of client.each({
      reference: 'each',
      createdAfter: new Date(Date.parse(createdAt) - 1),
      order: 'asc',
      limit: 2,
    }))
      found.push(orderId)
    expect(found).toEqual(['order_paid-each-a', 'order_paid-each-b', 'order_paid-each-c'])
  })

  it('what names no next page is the last one', async () => {
    let pages = 0
    const client = clientOf({
      fetch: async () =>
        ++pages > 3
          ? Promise.reject(new Error('it goes on for ever'))
          : Response.json({ data: [{ id: 'can_1' }] }),
    })
    expect(await Array.fromAsync(client.each())).toEqual([{ id: 'can_1' }])
  })

  it('hands over a batch, as items or as CSV, and tells what became of each', async () => {
    const { batches, each } = clientOf()
    const items = ['a', 'b', 'c'].map((name) => ({ orderId: `order_paid-batch-${name}` }))
    const batch = await batches.create(items, {
      defaults: { restock: true, reason: 'Recall' },
      idempotencyKey: 'recall-7',
    })
    expect(
      await batches.create(items, {
        defaults: { restock: true, reason: 'Recall' },
        idempotencyKey: 'recall-7',
      }),
    ).toMatchObject({ id: batch.id, total: 3 })
    await expect.poll(async () => (await batches.get(batch.id)).status).toBe('finished')
    const rows = []
    for await (const { row, status, orderId } of batches.eachItem(batch.id, { limit: 2 }))
      rows.push([row, status, orderId])
    expect(rows).toEqual(items.map(({ orderId }, index) => [index + 1, 'succeeded', orderId]))
    const found = []
    for await (const { reason } of each({ batchId: batch.id, limit: 2 })) found.push(reason)
    expect(found).toEqual(['Recall', 'Recall', 'Recall'])
    expect(
      (await batches.csv(batch.id))
        .split(/\r?\n/)
        .slice(1, 4)
        .every((line) => line.includes('succeeded')),
    ).toBe(true)
    expect(
      await thrown(batches.create('orderId,restok\norder_open,true\n'), RescindError),
    ).toMatchObject({ errors: [expect.objectContaining({ detail: expect.stringMatching(/./) })] })
    const csv = await batches.create('orderId,notify\norder_shipped,\na b,\n', { partial: true })
    expect(csv.refused).toMatchObject([{ row: 2, column: 'orderId' }])
    expect((await batches.list({ limit: 1 })).data).toMatchObject([{ id: csv.id }])
    await batches.pause(csv.id)
    await batches.resume(csv.id)
    expect((await batches.stop(csv.id)).id).toBe(csv.id)
    await expect(batches.create('orderId\n1\n', { defaults: { restock: true } })).rejects.toThrow(
      'not with CSV',
    )
  })

  it('withdraws what was not sent', async () => {
    moody('away')
    const { record } = await thrown(
      clientOf().cancel({ orderId: 'order_paid-withdrawn' }, { waitMs: 0 }),
      NotKnownYet,
    )
    expect(await clientOf().withdraw(record?.id ?? '')).toMatchObject({
      status: 'rejected',
      problem: { cause: 'withdrawn' },
    })
    expect(await thrown(clientOf().withdraw(record?.id ?? ''), RescindError)).toMatchObject({
      code: 'not-withdrawable',
    })
  })

  it('a key is in no error, whatever is wrong', async () => {
    const errors = await Promise.all([
      thrown(clientOf().get('can_unknown'), RescindError),
      thrown(clientOf({ key: `${KEY}-wrong` }).stores(), RescindError),
      thrown(
        clientOf({ baseUrl: 'http://127.0.0.1:1', timeoutMs: 300 }).cancel(
          { orderId: 'x' },
          { waitMs: 0 },
        ),
        NotKnownYet,
      ),
    ])
    for (const make of [
      () => clientOf({ key: `${KEY}\n` }),
      () => clientOf({ baseUrl: `http://user:${KEY}@127.0.0.1` }),
      () => clientOf({ baseUrl: 'file:///x' }),
    ])
      expect(make).toThrow(TypeError)
    for (const bad of [
      { idempotencyKey: 'a b' },
      { customerToken: `${KEY}\n` },
      { idempotencyKey: 'x'.repeat(256) },
    ])
      await expect(clientOf().cancel({ orderId: 'x' }, bad)).rejects.toThrow(TypeError)
    await expect(clientOf().get('..')).rejects.toThrow('id is missing')
    for (const error of errors)
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(KEY)
    expect(() => clientOf({ key: `${KEY}\n` })).not.toThrow(KEY)
  })
})
