/** The page of the audit log: who may see it, what it shows, its filters, and its file. */
import { describe, expect, it } from 'vitest'
import { hashOf } from '../http/host.ts'
import { openFixture } from './fixture.ts'

const callerOf = async (
  name: string,
  scopes: ('read' | 'cancel' | 'operate')[],
  stores: string[],
) => ({
  name,
  keyHash: [await hashOf(`rsk_${name}`)],
  scopes,
  stores,
})
const open = async () => {
  const fixture = openFixture({
    callers: await Promise.all([
      callerOf('ops', ['read', 'cancel', 'operate'], ['*']),
      callerOf('clerk', ['read', 'cancel'], ['*']),
      callerOf('wix', ['read', 'cancel', 'operate'], ['sandbox-wix']),
    ]),
  })
  const cookie = await fixture.enter('rsk_ops')
  const page = async (query = '') => (await fixture.ask(`/console/audit${query}`, { cookie })).text
  return { ...fixture, cookie, page }
}
const rowsOf = (text: string) => text.match(/<tr><td/g)?.length ?? 0

describe('the audit page', () => {
  it('is for who may operate on every store; nobody else is shown a way to it', async () => {
    const { ask, enter, page } = await open()
    expect(await page()).toContain('href="/console/audit"')
    for (const key of ['rsk_clerk', 'rsk_wix']) {
      const cookie = await enter(key)
      for (const path of ['/console/audit', '/console/audit.jsonl'])
        expect((await ask(path, { cookie })).status).toBe(403)
      expect((await ask('/console', { cookie })).text).not.toContain('/console/audit')
    }
  })

  it('shows who did what, the newest first, with the way to the record', async () => {
    const { cancel, cookie, page } = await open()
    const { press } = await cancel({ reason: 'Frau Muster' }, cookie)
    const id = (await press()).headers.get('location')?.split('/').at(-1)
    const text = await page()
    expect(text).toMatch(/Asked to cancel.*Previewed.*Logged in/s)
    expect(text).toContain(`href="/console/cancellations/${id}"`)
    expect(text).not.toContain('Muster')
  })

  it('is filtered by store, caller and action, page by page', async () => {
    const { ledger, page } = await open()
    const noted = (index: number) => ({
      at: Date.now(),
      by: { caller: index % 2 ? 'erp' : '<b>', key: null },
      via: 'api' as const,
      action: index % 10 ? ('order.read' as const) : ('batch.stopped' as const),
      store: index % 3 ? 'sandbox-wix' : null,
      subject: { order: `order-${index}` },
      outcome: index % 7 ? 'done' : 'forbidden',
      requestId: null,
    })
    await ledger.audit.append(Array.from({ length: 120 }, (_, index) => noted(index)))
    const first = await page()
    expect([rowsOf(first), first.includes('order-119'), first.includes('order-69')]).toEqual([
      50,
      true,
      false,
    ])
    expect(first).not.toContain('<b>&lt;')
    expect(first).toContain('&lt;b&gt;')
    const [, next = ''] = /href="(\/console\/audit\?before=\d+)" rel="next"/.exec(first) ?? []
    const second = await page(next.slice('/console/audit'.length))
    expect([rowsOf(second), second.includes('order-69'), second.includes('order-119')]).toEqual([
      50,
      true,
      false,
    ])
    expect(rowsOf(await page('?action=batch.stopped'))).toBe(12)
    expect(rowsOf(await page('?caller=erp&store=sandbox-wix'))).toBe(40)
    const none = await page('?caller=nobody')
    expect([rowsOf(none), none.includes('None match.')]).toEqual([0, true])
  })

  it('what is no filter is refused with words, and no page', async () => {
    const { ask, cookie } = await open()
    for (const query of ['?before=x', '?action=none', `?caller=${'x'.repeat(200)}`])
      expect((await ask(`/console/audit${query}`, { cookie })).status).toBe(400)
  })

  it('is downloaded whole, as what can be checked, and that is noted', async () => {
    const { ask, cookie } = await open()
    const { text, headers } = await ask('/console/audit.jsonl', { cookie })
    expect(headers.get('content-disposition')).toMatch(/^attachment; filename="audit-.*\.jsonl"$/)
    const actions = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).action)
    expect(actions).toEqual(['console.entered', 'audit.exported'])
  })
})
