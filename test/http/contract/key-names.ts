/** Which key asked: it is told by its name, and the caller is the same whatever the key. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CallerOptions, type Client, clientOf, type Host, type Open } from '../host.ts'
import { done, send } from './batch-calls.ts'

const ERP: CallerOptions = {
  name: 'erp',
  key: 'rsk_2026',
  rotated: 'rsk_2027',
  keyNames: ['laptop-2026', 'laptop-2027'],
  expired: 'rsk_2000',
  scopes: ['read', 'cancel', 'operate'],
  stores: ['*'],
}
const PLAIN: CallerOptions = {
  name: 'plain',
  key: 'rsk_plain',
  scopes: ['read', 'cancel'],
  stores: ['*'],
}

export const keyNames = (open: Open) =>
  describe('the names of keys', () => {
    let host: Host
    let first: Client
    let second: Client
    beforeAll(async () => {
      host = await open({ callers: [ERP, PLAIN], stores: ['paris', 'rome'] })
      first = clientOf(host, 'rsk_2026')
      second = clientOf(host, 'rsk_2027')
    })
    afterAll(() => host.close())
    const cancel = (ask: Client, orderId: string, headers?: Record<string, string>) =>
      ask('POST', '/v1/cancellations', { store: 'paris', orderId }, headers)

    it('a cancellation tells who asked, and with which key; one without a name is null', async () => {
      expect((await cancel(first, 'order_paid-k1')).body.requestedBy).toEqual({
        caller: 'erp',
        key: 'laptop-2026',
      })
      const plain = await cancel(clientOf(host, 'rsk_plain'), 'order_paid-k2')
      expect(plain.body.requestedBy).toEqual({ caller: 'plain', key: null })
    })

    it('asked again with the next key it is the same request', async () => {
      const headers = { 'idempotency-key': 'one-request' }
      const asked = await cancel(first, 'order_paid-k3', headers)
      const again = await cancel(second, 'order_paid-k3', headers)
      expect([asked.status, again.status]).toEqual([201, 200])
      expect(again.headers.get('idempotent-replayed')).toBe('true')
      expect(again.body).toEqual(asked.body)
    })

    it('who resolves it is told by his key, and who asked stays', async () => {
      const { body } = await cancel(first, 'order_400-after-refund-k4')
      const id = String(body.cancellation).split('/').at(-1)
      const resolved = await second('POST', `/v1/cancellations/${id}/resolve`, {
        as: 'canceled',
        note: 'seen',
      })
      expect(resolved.body).toMatchObject({
        requestedBy: { caller: 'erp', key: 'laptop-2026' },
        resolution: { by: 'erp', key: 'laptop-2027' },
      })
    })

    it('what a batch asked for, or a link brought with it, has the key of who asked', async () => {
      const taken = await send(second, { items: [{ store: 'paris', orderId: 'order_paid-k5' }] })
      await done(second, taken.body.id)
      const rows = await first('GET', `/v1/cancellations?batchId=${taken.body.id}`)
      expect(rows.body.data.map((one: any) => one.requestedBy)).toEqual([
        { caller: 'erp', key: 'laptop-2027' },
      ])
      await first('PUT', '/v1/links/SO-K6', {
        members: [
          { store: 'paris', orderId: 'order_paid-k6' },
          { store: 'rome', orderId: 'order_paid-k6' },
        ],
      })
      await cancel(second, 'order_paid-k6')
      await expect
        .poll(
          async () =>
            (await first('GET', '/v1/cancellations?link=SO-K6')).body.data.map(
              (one: any) => one.requestedBy.key,
            ),
          { timeout: 15_000 },
        )
        .toEqual(['laptop-2027', 'laptop-2027'])
    })

    it('one that has ended is told that it has, and when', async () => {
      const { status, body } = await clientOf(host, 'rsk_2000')('GET', '/v1/stores')
      expect([status, body.code, body.detail]).toEqual([
        401,
        'unauthenticated',
        'This key, “old”, expired at 2001-02-01T00:00:00.000Z. Ask whoever runs this gateway for ' +
          'a new one.',
      ])
    })
  })
