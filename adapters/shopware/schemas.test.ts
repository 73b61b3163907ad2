/**
 * Every exchange, of the cases and with the imitation, is one of the schema that Shopware
 * publishes; where that is wrong itself, `schemas.fixture.ts` says so.
 */
import { describe, expect, it } from 'vitest'
import { readCases } from '../../src/testing/cases.ts'
import { openHarness, sandboxTransport } from '../../src/testing/harness.ts'
import { sweepAll } from '../../src/testing/sweep.ts'
import { shopware } from './index.ts'
import { createSandbox } from './sandbox/index.ts'
import { EXCEPTIONS, type Exchange, faultsOf, published, withIds } from './schemas.fixture.ts'

describe('the published schema', () => {
  it('is the one that the adapter cites', () => {
    expect(published).toEqual({ package: '1.6.0', shopware: '6.7.10.1' })
    expect(EXCEPTIONS.filter(({ what, why }) => what.length < 11 || why.length < 11)).toEqual([])
  })

  it.each(readCases(new URL('.', import.meta.url)).map((one) => [one.name, one] as const))(
    'case %s',
    (_, { exchanges }) => {
      const faults = exchanges.flatMap(({ request, response }) =>
        faultsOf({
          method: request.method,
          path: request.path,
          asked: request.body,
          status: response.status,
          told: response.body,
        }),
      )
      expect(faults).toEqual([])
    },
  )

  it.each(['6.7.10.1', '6.6.10.4', '6.5.8.14'])('the imitation of %s', async (version) => {
    const exchanges: Exchange[] = []
    const sandbox = createSandbox(version)
    const transport = sandboxTransport(sandbox, async (request, pass) => {
      const text = await request.clone().text()
      const response = await pass()
      exchanges.push({
        method: request.method,
        path: new URL(request.url).pathname,
        asked: text === '' ? undefined : JSON.parse(text),
        status: response.status,
        told: await response.clone().json(),
      })
      return response
    })
    const settings = { ...sandbox.settings, baseUrl: 'https://shop.example' }
    const { cancel, store } = openHarness(shopware, settings, transport)
    for (const { id: orderId } of sandbox.examples)
      await cancel({ orderId, reason: 'Why', notify: true })
    await cancel({ orderId: 'nobody' })
    await shopware.find?.(store.client, '10001')
    await sweepAll(store, { since: 0, until: Date.now() + 1_000 })
    sandbox.endTokens()
    await shopware.find?.(store.client, '10001')
    const words = [...sandbox.examples.map(({ id }) => id), 'nobody']
    const faults = exchanges.flatMap((one) => {
      const path = one.path
        .split('/')
        .map((part) => withIds(part, words))
        .join('/')
      return faultsOf({ ...withIds(one, words), path })
    })
    expect(exchanges.length).toBeGreaterThan(50)
    expect(faults).toEqual([])
  })

  it('this test can fail: of a path, an id, a member, a filter, a type, what is missing', () => {
    const id = '019a77c3e1b07c2d9f4e6a8b0c1d2e3f'
    const state = { id, technicalName: 'cancelled', name: 'Cancelled', stateMachineId: id }
    const good: Exchange = {
      method: 'POST',
      path: `/api/_action/order/${id}/state/cancel`,
      asked: { sendMail: false, documentIds: [], mediaIds: [], internalComment: 'Why' },
      status: 200,
      told: state,
    }
    expect(faultsOf(good)).toEqual([])
    const { technicalName: _, ...nameless } = state
    const bad: Partial<Exchange>[] = [
      { path: `/api/_action/orders/${id}/state/cancel` },
      { path: '/api/_action/order/10012/state/cancel' },
      { method: 'PATCH' },
      { asked: { internalComment: 7 } },
      { asked: { sendmail: false } },
      { asked: { documentIds: ['10012'] } },
      { told: nameless },
      { told: { ...state, id: '10012' } },
      { status: 400, told: { error: 'no' } },
      { status: 204, told: {} },
      {
        path: '/api/search/order',
        asked: { filter: [{ type: 'equal', field: 'orderNumber', value: '1' }] },
        told: { total: 0, data: [] },
      },
      { path: '/api/search/order', asked: { filters: [] }, told: { total: 0, data: [] } },
      { path: '/api/search/order', asked: { ids: [id] }, told: { total: 1, data: [{ id }] } },
      { path: '/api/oauth/token', asked: { grant_type: 'client_credentials' }, told: {} },
    ]
    for (const change of bad)
      expect(faultsOf({ ...good, ...change }).length, JSON.stringify(change)).toBeGreaterThan(0)
  })
})
