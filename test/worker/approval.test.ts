/** What waits for approval in a Durable Object: evicted, woken at its end, and never sent before. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { expect, it } from 'vitest'
import { clientOf, until } from '../http/host.ts'
import { openWorker } from './hosts.ts'

const callers = [
  { name: 'intern', key: 'rsk_intern', scopes: ['cancel'], stores: ['*'], approval: 'required' },
  { name: 'boss', key: 'rsk_boss', scopes: ['read', 'approve'], stores: ['*'] },
] as const

it('survives that its object goes away, before it is approved and after', async () => {
  const host = await openWorker({ callers, stores: ['paris'] })
  try {
    const object = host.object(host.account('paris'))
    const [intern, boss] = [clientOf(host, 'rsk_intern'), clientOf(host, 'rsk_boss')]
    const body = { orderId: 'order_paid-evicted' }
    const asked = await intern('POST', '/v1/cancellations', body)
    expect([asked.status, asked.body.approval.state]).toEqual([202, 'awaited'])
    const { id, approval } = asked.body
    // Woken when its time is over, and no earlier for it.
    const alarm = await runInDurableObject(object, (_, { storage }) => storage.getAlarm())
    expect(alarm).toBeGreaterThan(Date.now())
    expect(alarm).toBeLessThanOrEqual(Date.parse(approval.until))
    await evictDurableObject(object)
    const waiting = await boss('GET', '/v1/cancellations?approval=awaited')
    expect(waiting.body.data.map((one: any) => one.id)).toEqual([id])
    expect(host.platform('paris').cancels.size).toBe(0)
    const approved = await boss('POST', `/v1/cancellations/${id}/approve`, { note: 'fine' })
    expect([approved.status, approved.body.approval.state]).toEqual([200, 'given'])
    await evictDurableObject(object).catch(() => {})
    const ended = await until(
      () => boss('GET', `/v1/cancellations/${id}`),
      ({ body: { final } }) => final,
      30_000,
    )
    expect(ended.body).toMatchObject({ status: 'succeeded', approval: { by: 'boss' } })
    expect(host.platform('paris').cancels.get('order_paid-evicted')).toBe(1)
  } finally {
    await host.close()
  }
}, 60_000)
