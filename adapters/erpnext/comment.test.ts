/** The reason as a comment: as text, and once. */
import { describe, expect, it } from 'vitest'
import { asHtml } from './comment.ts'
import { erpnext } from './index.ts'
import { start } from './store.fixture.ts'

describe('the comment of the reason', () => {
  it('is text, and not written twice', async () => {
    const { cancel, store, sandbox } = start()
    const reason = '<img src=x onerror=alert(1)> & "quoted"\r\nsecond'
    const record = await cancel({ orderId: 'open', reason })
    expect(record.effects.reason).toMatchObject({ outcome: 'applied', basis: 'reported' })
    const again = await erpnext.order.after?.(store.client, {
      request: record.request,
      look: {},
    } as never)
    expect(again?.reason).toMatchObject({ done: 'yes', basis: 'confirmed' })
    expect(sandbox.comments.map(({ content }) => content)).toEqual([
      '&lt;img src=x onerror=alert(1)&gt; &amp; "quoted"<br>second',
    ])
  })

  it.each([
    ['Frappe writes it', (content: string) => content.replaceAll('<br>', '<br/>')],
    [
      'Frappe reads its signs as what they stand for',
      (content: string) =>
        content.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&'),
    ],
    ['Frappe names its spaces', (content: string) => content.replaceAll('\u00a0', '&nbsp;')],
    [
      'the desk dresses it',
      (content: string) => `<div class="ql-editor read-mode"><p>${content}</p></div>`,
    ],
  ])('is not written again, however %s', async (_, kept) => {
    const reason = 'Size 42\u00a0EU & <b>red</b>\nordered twice'
    const { cancel, sandbox, store } = start(async (seen, pass) => {
      const reply = await pass()
      if (seen.method !== 'GET' || !seen.path.endsWith('/Comment')) return reply
      const { data } = (await reply.json()) as { data: { content: string }[] }
      return Response.json({ data: data.map((one) => ({ ...one, content: kept(one.content) })) })
    })
    const record = await cancel({ orderId: 'open', reason })
    const context = { request: record.request, look: {} } as never
    const again = await erpnext.order.after?.(store.client, context)
    expect(again?.reason).toMatchObject({ done: 'yes', basis: 'confirmed' })
    expect(sandbox.comments).toHaveLength(1)
  })

  it('of nothing but signs is not taken for an empty one', async () => {
    const { cancel, sandbox } = start(async (seen, pass) =>
      seen.method === 'GET' && seen.path.endsWith('/Comment')
        ? Response.json({ data: [{ reference_name: 'open', content: '<img src="a.png">' }] })
        : pass(),
    )
    await cancel({ orderId: 'open', reason: '<sold>' })
    expect(sandbox.comments).toHaveLength(1)
  })

  it('that is lost on the way is unverified, and the order canceled', async () => {
    const { cancel } = start((seen, pass) =>
      seen.method === 'POST' ? Promise.reject(new TypeError('reset')) : pass(),
    )
    expect(await cancel({ orderId: 'open', reason: 'Ordered twice' })).toMatchObject({
      status: 'succeeded',
      effects: { order: { outcome: 'applied' }, reason: { outcome: 'unverified' } },
    })
  })

  it('keeps a text that has nothing to escape as it is', () =>
    expect(asHtml('Größe falsch, “zu klein”')).toBe('Größe falsch, “zu klein”'))
})
