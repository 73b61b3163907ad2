/** A cancel of a linked order by the client: it is over when the run of the link is. */
import { expect, it, onTestFinished } from 'vitest'
import { createClient, RescindError } from '../../src/client/index.ts'
import { clientOf } from '../http/host.ts'
import { openNode } from '../http/node.ts'
import { thrown } from './setup.ts'

const KEY = 'rsk_linker'

/** A client of two shops whose orders are linked; no answer waits longer than it must. */
const open = async (late: string) => {
  const host = await openNode({
    stores: ['paris', 'lyon'],
    callers: [{ name: 'erp', key: KEY, scopes: ['read', 'cancel'], stores: ['*'] }],
  })
  onTestFinished(() => host.close())
  const put = await clientOf(host, KEY)('PUT', '/v1/links/SO-1', {
    members: [
      { store: 'paris', orderId: 'order_paid-1', stage: 1 },
      { store: 'lyon', orderId: late, stage: 2 },
    ],
  })
  expect(put.status).toBe(201)
  const client = createClient({
    baseUrl: host.url,
    key: KEY,
    // Whoever asks is answered at once, so that the end is found by looking.
    fetch: (input, init) => {
      const headers = new Headers(init?.headers)
      headers.set('prefer', 'respond-async')
      return fetch(input, { ...init, headers })
    },
  })
  return { client, host }
}

it('resolves when all are canceled, not with the first', async () => {
  const { client, host } = await open('order_slow-2')
  const record = await client.cancel({ store: 'paris', orderId: 'order_paid-1', linked: 'all' })
  expect(record).toMatchObject({
    status: 'succeeded',
    origin: 'caller',
    link: { name: 'SO-1', status: 'canceled' },
    causedBy: null,
    waitingFor: null,
    reopenedAt: null,
  })
  expect([...host.platform('lyon').cancels.keys()]).toEqual(['order_slow-2'])
})

it('throws linked-diverged where the order is canceled and another is not', async () => {
  const { client } = await open('order_shipped')
  const error = await thrown(
    client.cancel({ store: 'paris', orderId: 'order_paid-1', linked: 'each' }),
    RescindError,
  )
  expect(error).toMatchObject({ code: 'linked-diverged', status: 409, acted: 'yes' })
  expect(error.record).toMatchObject({ status: 'succeeded', link: { status: 'diverged' } })
})
