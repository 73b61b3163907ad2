/** The reason as a note of the order: written once, in every version's way. */
import { describe, expect, it } from 'vitest'
import { odoo } from './index.ts'
import { answers, start } from './stores.fixture.ts'

describe('the note of the reason', () => {
  const REASON = 'Größe <L> & "blau"\r\nfalsch'
  it.each(['16', '18', '19'] as const)('is not written twice in %s', async (version) => {
    const { cancel, store, sandbox, look } = start(version)
    const record = await cancel({ orderId: 'open', reason: REASON })
    expect(record.effects.reason).toMatchObject({ outcome: 'applied', basis: 'reported' })
    const again = await odoo.order.after?.(store.client, {
      request: record.request,
      look: await look('open'),
    } as never)
    expect(again?.reason).toMatchObject({ done: 'yes', basis: 'confirmed' })
    expect(sandbox.messages).toHaveLength(1)
    expect(sandbox.messages[0]).toMatchObject({ res_id: 'open', subtype_xmlid: 'mail.mt_note' })
    expect(sandbox.messages[0]?.['body']).toContain('Größe &lt;L&gt; &amp; "blau"')
  })

  it.each([
    ['another', '<p>Ordered twice and more</p>'],
    ['none', false],
    ['only a part', '<p>Ordered</p>'],
  ])('is written where %s is there', async (_, body) => {
    const { cancel, named } = start('19', async (call, pass) =>
      call.name === 'mail.message/search_read'
        ? answers('19', [{ id: 1, res_id: 'open', body }])
        : pass(),
    )
    await cancel({ orderId: 'open', reason: 'Ordered twice' })
    expect(named('sale.order/message_post')).toHaveLength(1)
  })

  it('that is lost on the way is unverified, and the order canceled', async () => {
    const { cancel } = start('19', (call, pass) =>
      call.name.endsWith('message_post') ? Promise.reject(new TypeError('reset')) : pass(),
    )
    expect(await cancel({ orderId: 'open', reason: 'Ordered twice' })).toMatchObject({
      status: 'succeeded',
      effects: { order: { outcome: 'applied' }, reason: { outcome: 'unverified' } },
    })
  })
})
