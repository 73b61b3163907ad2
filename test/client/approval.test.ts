/** The client where somebody must approve: it waits for no person, and says what it knows. */
import { expect, it, onTestFinished } from 'vitest'
import { createClient, NotKnownYet, RescindError } from '../../src/client/index.ts'
import { openNode } from '../http/node.ts'
import { thrown } from './setup.ts'

const open = async () => {
  const host = await openNode({
    stores: ['paris'],
    callers: [
      {
        name: 'intern',
        key: 'rsk_intern',
        scopes: ['read', 'cancel'],
        stores: ['*'],
        approval: 'required',
      },
      { name: 'boss', key: 'rsk_boss', scopes: ['read', 'approve'], stores: ['*'] },
    ],
  })
  onTestFinished(() => host.close())
  const as = (key: string) => createClient({ baseUrl: host.url, key })
  return { host, intern: as('rsk_intern'), boss: as('rsk_boss') }
}

it('is not known yet as soon as somebody is asked; once approved it has its end', async () => {
  const { host, intern, boss } = await open()
  const request = { store: 'paris', orderId: 'order_paid-client' }
  const started = performance.now()
  const asking = intern.cancel(request, { idempotencyKey: 'one', waitMs: 60_000 })
  const { record } = await thrown(asking, NotKnownYet)
  // A minute was there to wait.
  expect(performance.now() - started).toBeLessThan(30_000)
  expect(record).toMatchObject({ waitingFor: 'approval', approval: { state: 'awaited' } })
  const waiting = await boss.list({ approval: 'awaited' })
  expect(waiting.data.map(({ id }) => id)).toEqual([record?.id])
  const given = await boss.approve(record?.id ?? '')
  expect(given.approval).toMatchObject({ state: 'given', by: 'boss', note: null })
  const ended = await intern.cancel(request, { idempotencyKey: 'one', waitMs: 30_000 })
  expect([ended.id, ended.status]).toEqual([record?.id, 'succeeded'])
  expect(host.platform('paris').cancels.get('order_paid-client')).toBe(1)
})

it('is refused where it was declined, with who declined it and why', async () => {
  const { intern, boss } = await open()
  const request = { store: 'paris', orderId: 'order_paid-no' }
  const { record } = await thrown(intern.cancel(request, { idempotencyKey: 'k' }), NotKnownYet)
  await boss.decline(record?.id ?? '', { note: 'it is packed' })
  const refused = await thrown(intern.cancel(request, { idempotencyKey: 'k' }), RescindError)
  expect(refused.problem).toMatchObject({ cause: 'declined', acted: 'no' })
  expect(refused.record?.approval).toMatchObject({ by: 'boss', note: 'it is packed' })
  expect((await thrown(intern.approve(record?.id ?? ''), RescindError)).code).toBe('forbidden')
})
