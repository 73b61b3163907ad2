/** Proves the imitated shop on Shopware’s own client: what that reads here, it would read there. */
import { createAdminAPIClient } from '@shopware/api-client'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createSandbox } from './index.ts'

afterEach(() => void vi.unstubAllGlobals())

/** Its operations by name; which types they have is the client's own business. */
type Operations = Record<string, any>

const open = (version?: string, secret?: string) => {
  const sandbox = createSandbox(version)
  vi.stubGlobal('fetch', async (input: string | URL | Request, init?: RequestInit) => {
    const request = new Request(input, init)
    if (new URL(request.url).origin !== 'https://shop.example')
      throw new Error(`Nobody is to be called at ${request.url}`)
    return sandbox.app.fetch(request)
  })
  const client = createAdminAPIClient<Operations>({
    baseURL: 'https://shop.example/api',
    credentials: {
      grant_type: 'client_credentials',
      client_id: sandbox.settings.accessKeyId,
      client_secret: secret ?? sandbox.settings.secretAccessKey,
    },
  })
  const cancel = (orderId: string, body: object = { sendMail: false }) =>
    client.invoke('orderStateTransition post /_action/order/{orderId}/state/{transition}', {
      pathParams: { orderId, transition: 'cancel' },
      body,
    })
  const read = async (id: string, associations: object = { stateMachineState: {} }) =>
    (
      await client.invoke('searchOrder post /search/order', {
        body: { ids: [id], limit: 1, associations },
      })
    ).data.data[0]
  return { client, sandbox, cancel, read }
}

describe('Shopware’s own client', () => {
  it.each(['6.7.10.1', '6.7.5.0', '6.6.10.4'])(
    'reads, cancels and reads again, on %s',
    async (version) => {
      const { client, sandbox, cancel, read } = open(version)
      const { data } = await client.invoke('infoShopwareVersion get /_info/version')
      expect(data).toEqual({ version })
      expect((await read('paid')).stateMachineState.technicalName).toBe('open')
      const reply = await cancel('paid', { sendMail: false, internalComment: 'Ordered <b>twice' })
      expect(reply).toMatchObject({ status: 200, data: { technicalName: 'cancelled' } })
      const after = await read('paid', {
        stateMachineState: {},
        transactions: { associations: { stateMachineState: {} } },
      })
      expect(after).toMatchObject({
        stateMachineState: { technicalName: 'cancelled' },
        // A machine of its own.
        transactions: [{ stateMachineState: { technicalName: 'paid' } }],
        updatedAt: expect.stringMatching(/\+00:00$/),
      })
      const history = await client.invoke(
        'searchStateMachineHistory post /search/state-machine-history',
        {
          body: {
            filter: [{ type: 'equals', field: 'referencedId', value: 'paid' }],
            associations: { toStateMachineState: {} },
          },
        },
      )
      expect(history.data.data).toHaveLength(1)
      expect(history.data.data[0].internalComment).toBe(
        version === '6.7.10.1' ? 'Ordered twice' : undefined,
      )
      expect(sandbox.behind('paid').stock).toBe(3)
    },
  )

  it('gets null for what it did not name as an association', async () => {
    const order = await open().read('open', {})
    expect([order.stateMachineState, order.transactions, order.currency]).toEqual([
      null,
      null,
      null,
    ])
  })

  it('cancels again: nothing from 6.7 on, and goods taken out of stock up to 6.6', async () => {
    for (const [version, stock, changes] of [
      ['6.7.10.1', 3, 1],
      ['6.6.10.4', 0, 2],
    ] as const) {
      const { sandbox, cancel } = open(version)
      await cancel('open')
      expect((await cancel('open')).data.technicalName).toBe('cancelled')
      expect(sandbox.behind('open')).toEqual({ stock, changes })
      expect(sandbox.cancels.get('open')).toBe(2)
    }
  })

  it.each([
    [{ sendMail: false }, 0],
    [{ sendMail: 'false' }, 1],
    [{ sendMail: 0 }, 1],
    [{}, 1],
  ])('sends a mail unless it is told false itself: %j', async (body, mails) => {
    const { sandbox, cancel } = open()
    await cancel('open', body)
    expect(sandbox.mails).toHaveLength(mails)
  })

  it.each([
    ['completed', 400, 'SYSTEM__ILLEGAL_STATE_TRANSITION'],
    ['own-state', 400, 'SYSTEM__ILLEGAL_STATE_TRANSITION'],
    ['nobody', 400, 'SYSTEM__STATE_MACHINE_INVALID_ENTITY_ID'],
    ['forbidden', 403, 'FRAMEWORK__MISSING_PRIVILEGE_ERROR'],
    ['stock-fails', 500, '0'],
  ])('understands that %s is refused', async (id, status, code) => {
    await expect(open().cancel(id)).rejects.toMatchObject({
      name: 'ApiClientError',
      status,
      details: { errors: [{ code, status: String(status) }] },
    })
  })

  it('a completed order is canceled up to 6.6', async () => {
    expect((await open('6.6.10.4').cancel('completed')).data.technicalName).toBe('cancelled')
  })

  it('is told who is nobody, and logs in again', async () => {
    await expect(open(undefined, 'wrong').read('open')).rejects.toMatchObject({
      status: 401,
      details: { errors: [{ code: '4', title: 'Client authentication failed', detail: null }] },
    })
    const { sandbox, read } = open()
    await read('open')
    sandbox.endTokens()
    await expect(read('open')).rejects.toMatchObject({ status: 401 })
  })

  it('is told that what is not imitated is not', async () => {
    const { client } = open()
    await expect(
      client.invoke('searchOrder post /search/order', { body: { aggregations: [] } }),
    ).rejects.toMatchObject({ status: 400 })
  })
})
