/** What a lock is taken on: all orders of one purchase share its money, and so their fate. */
import { describe, expect, it } from 'vitest'
import { mercur } from './index.ts'
import { createSandboxV1, type MercurSandbox } from './sandbox/index.ts'
import { cancels, open, sandboxes } from './stores.fixture.ts'

describe('what a lock is taken on', () => {
  const keyOf = async (
    sandbox: MercurSandbox,
    settings: object,
    id: string,
    between?: Parameters<typeof open>[2],
  ) => mercur.lockKey?.(open(sandbox, { shop: settings }, between).store('shop').client, id)

  it.each(['1', '2'] as const)(
    '%s: every login names one purchase alike, and two purchases apart',
    async (version) => {
      const sandbox = sandboxes[version]()
      const { admin, vendor } = sandbox.settings
      const logins = [
        { version, admin },
        { version, admin, vendor },
        { version, vendor },
        { admin, vendor },
      ]
      expect(
        new Set(
          await Promise.all(logins.map((settings) => keyOf(sandbox, settings, 'order_shared-a'))),
        ),
      ).toEqual(new Set(['pay_col_shared']))
      expect(
        await keyOf(sandbox, { version, vendor: sandbox.vendors.beta }, 'order_shared-b'),
      ).toBe('pay_col_shared')
      expect(await keyOf(sandbox, { version, admin }, 'order_paid')).toBe('pay_col_paid')
    },
  )
  it('an edit’s collection changes nothing; an order without any stands for itself', async () => {
    const sandbox = createSandboxV1()
    const { admin } = sandbox.settings
    const reply = (body: object) => ({
      between: async (request: Request, pass: () => Promise<Response>) =>
        request.url.includes('/admin/orders/') ? Response.json({ order: body }) : pass(),
    })
    for (const version of ['1', '2', '2.3']) {
      expect(
        await keyOf(
          sandbox,
          { version, admin },
          'order_1',
          reply({
            payment_collections: [{ id: 'pay_col_02' }, { id: 'pay_col_01' }, { id: 'pay_col_04' }],
          }),
        ),
      ).toBe('pay_col_01')
      expect(
        await keyOf(sandbox, { version, admin }, 'order_1', reply({ payment_collections: [] })),
      ).toBe('order_1')
    }
    expect(
      await keyOf(
        sandbox,
        { version: '2.3', admin },
        'order_1',
        reply({ payment_collections: [], cart: { payment_collection: { id: 'pay_col_03' } } }),
      ),
    ).toBe('pay_col_03')
  })
  it.each([
    [
      'a filter that is ignored, and the order not among what came',
      [{ id: 'ordset_x', orders: [{ id: 'order_other' }] }],
      'shared_payment',
    ],
    [
      'a filter that is ignored, and the order among what came',
      [
        { id: 'ordset_x', orders: [{ id: 'order_other' }] },
        { id: 'ordset_y', orders: [{ id: 'order_shared-a' }, { id: 'order_shared-b' }] },
      ],
      'shared_payment',
    ],
    ['an order that belongs to no purchase', [], null],
  ] as const)('%s', async (_name, order_sets, cause) => {
    const sandbox = createSandboxV1()
    const { version, admin } = sandbox.settings
    const opened = open(
      sandbox,
      { shop: { version, admin } },
      {
        between: async (request, pass) =>
          request.url.includes('/order-sets') ? Response.json({ order_sets }) : pass(),
      },
    )
    const { problem } = await opened.cancel('shop', 'order_shared-a')
    expect(problem?.cause ?? null).toBe(cause)
    if (cause) expect(cancels(sandbox)).toEqual({})
  })
})
