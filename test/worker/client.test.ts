/**
 * The client in workerd, against the gateway there: the platform's own fetch, timers and randomness
 * are enough for it.
 */
import { expect, it, onTestFinished } from 'vitest'
import { createClient, RescindError } from '../../src/client/index.ts'
import { openWorker } from './hosts.ts'

it('cancels, follows pages and throws typed problems', async () => {
  const host = await openWorker({
    callers: [{ name: 'edge', key: 'rsk_edge', scopes: ['read', 'cancel'], stores: ['*'] }],
    stores: ['shop'],
  })
  onTestFinished(() => host.close())
  let lost = 1
  const client = createClient({
    baseUrl: 'https://gateway.test',
    key: 'rsk_edge',
    fetch: async (input, init) => {
      const response = await host.fetch(new Request(input, init))
      if (lost-- > 0) throw new TypeError('the answer was lost')
      return response
    },
  })
  const record = await client.cancel(
    { orderId: 'order_paid', restock: true },
    { signal: new AbortController().signal },
  )
  expect(record).toMatchObject({ status: 'succeeded', attempts: [{ result: '200' }] })
  expect(host.platform('shop').cancels.get('order_paid')).toBe(1)
  const found = []
  for await (const { id } of client.each({ limit: 1 })) found.push(id)
  expect(found).toEqual([record.id])
  await expect(client.cancel({ orderId: 'order_shipped' })).rejects.toThrow(RescindError)
})
