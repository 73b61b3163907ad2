/** The audit log over HTTP: what is asked is noted, with how it ended, as one chain of hashes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AuditEntry, hashOfEntry, NO_HASH } from '../../../src/model/audit.ts'
import { document } from '../conformance.ts'
import { type Client, clientOf, type Host, type Open, until } from '../host.ts'

const callers = [
  { name: 'admin', key: 'rsk_admin', scopes: ['read', 'cancel', 'operate'], stores: ['*'] },
  { name: 'erp', key: 'rsk_erp', scopes: ['read', 'cancel', 'operate'], stores: ['paris'] },
] as const

/** Every operation that is noted, and as what; the others change nothing and tell of no buyer. */
const NOTED: Readonly<Record<string, string>> = {
  'post /v1/cancellations': 'cancellation.asked',
  'post /v1/cancellations/preview': 'cancellation.previewed',
  'post /v1/cancellations/{id}/withdraw': 'cancellation.withdrawn',
  'post /v1/cancellations/{id}/approve': 'cancellation.approved',
  'post /v1/cancellations/{id}/decline': 'cancellation.declined',
  'post /v1/cancellations/{id}/resolve': 'cancellation.resolved',
  'get /v1/stores/{store}/orders/{orderId}': 'order.read',
  'get /v1/stores/{store}/orders': 'order.searched',
  'post /v1/stores/{store}/sweep': 'store.swept',
  'post /v1/batches': 'batch.created',
  'post /v1/batches/{id}/pause': 'batch.paused',
  'post /v1/batches/{id}/resume': 'batch.resumed',
  'post /v1/batches/{id}/stop': 'batch.stopped',
  'put /v1/links/{name}': 'link.put',
  'delete /v1/links/{name}': 'link.deleted',
  'post /v1/webhooks/{name}/test': 'webhook.tested',
  'post /v1/webhooks/{name}/enable': 'webhook.enabled',
  'post /v1/webhooks/{name}/replay': 'webhook.replayed',
  'post /v1/erasures': 'buyer.erased',
  'get /v1/audit/export': 'audit.exported',
}

/** Platforms are no callers. */
const isAct = (of: string) => !of.startsWith('get ') && !of.includes('/hooks/')

type Entry = AuditEntry
const shortOf = ({ action, outcome, subject, by, store, via }: Entry) => ({
  action,
  outcome,
  subject,
  store,
  caller: by.caller,
  via,
})

export const audit = (open: Open) =>
  describe('the audit log', () => {
    let host: Host
    let admin: Client
    let erp: Client
    beforeAll(async () => {
      host = await open({ callers, stores: ['paris', 'london'] })
      admin = clientOf(host, 'rsk_admin')
      erp = clientOf(host, 'rsk_erp')
    })
    afterAll(() => host.close())
    const all = async (limit = 500): Promise<Entry[]> => {
      const found: Entry[] = []
      for (let cursor = ''; ;) {
        const { body } = await admin('GET', `/v1/audit?limit=${limit}${cursor}`)
        found.push(...body.data)
        if (body.nextCursor === null) return found
        cursor = `&cursor=${encodeURIComponent(body.nextCursor)}`
      }
    }
    /** What was noted of one request. */
    const of = async (work: () => Promise<{ readonly headers: Headers }>) => {
      const { headers } = await work()
      const id = headers.get('request-id')
      return (await all()).filter(({ requestId }) => requestId === id).map(shortOf)
    }

    it('every operation that does something, or tells of a buyer, is noted', () => {
      const operations = Object.entries<any>(document['paths']).flatMap(([path, methods]) =>
        Object.keys(methods).map((method) => `${method} ${path}`),
      )
      expect(Object.keys(NOTED).filter((one) => !operations.includes(one))).toEqual([])
      expect(operations.filter((one) => isAct(one) && !(one in NOTED))).toEqual([])
    })

    it('a cancel: one entry with its record; repeats and refusals say how they were answered', async () => {
      const ask = (more = {}, headers = {}) =>
        erp('POST', '/v1/cancellations', { orderId: 'order_open-audit', ...more }, headers)
      const base = { action: 'cancellation.asked', store: 'paris', caller: 'erp', via: 'api' }
      let id = ''
      const first = await of(async () => {
        const answer = await ask({}, { 'idempotency-key': 'audit-1' })
        id = answer.body.id
        return answer
      })
      const subject = { order: 'order_open-audit', cancellation: id }
      expect(first).toEqual([{ ...base, subject, outcome: 'done' }])
      expect(await of(() => ask({}, { 'idempotency-key': 'audit-1' }))).toEqual([
        { ...base, subject, outcome: 'replayed' },
      ])
      expect(await of(() => ask())).toEqual([{ ...base, subject, outcome: 'deduplicated' }])
      const refused = { ...base, subject: { order: 'order_open-audit' } }
      expect(
        await of(() => ask({ orderId: 'order_paid' }, { 'idempotency-key': 'audit-1' })),
      ).toEqual([
        { ...refused, subject: { order: 'order_paid' }, outcome: 'idempotency-key-reused' },
      ])
      expect(await of(() => ask({ restock: true, strict: true }))).toEqual([
        { ...refused, outcome: 'cancellation-conflict' },
      ])
    })

    it('what nobody was let in for, or nobody understood, is not', async () => {
      const before = (await all()).length
      const strangers = [undefined, 'rsk_nobody'].map((key) => clientOf(host, key))
      for (const stranger of strangers)
        await stranger('POST', '/v1/cancellations', { store: 'paris', orderId: 'order_open' })
      await erp('POST', '/v1/cancellations', { orderId: 'order open' })
      await erp('POST', '/v1/cancellations', { orderId: 'order_open', store: 'london' })
      await erp('POST', '/v1/cancellations/can_nobody/withdraw')
      await erp('GET', '/v1/cancellations')
      expect(await all()).toHaveLength(before)
    })

    it('a resolution and a withdrawal are noted with the record that they changed', async () => {
      const asked = await admin('POST', '/v1/cancellations', {
        store: 'paris',
        orderId: 'order_400-after-refund',
      })
      const id = asked.body.cancellation.split('/').at(-1)
      const subject = { cancellation: id, order: 'order_400-after-refund' }
      const base = { store: 'paris', caller: 'erp', via: 'api' }
      const resolve = () =>
        erp('POST', `/v1/cancellations/${id}/resolve`, { as: 'not_canceled', note: 'Frau Muster' })
      const withdraw = () => erp('POST', `/v1/cancellations/${id}/withdraw`)
      expect(await of(withdraw)).toEqual([
        { ...base, action: 'cancellation.withdrawn', subject, outcome: 'not-withdrawable' },
      ])
      const resolved = {
        ...base,
        action: 'cancellation.resolved',
        subject: { ...subject, as: 'not_canceled' },
      }
      expect(await of(resolve)).toEqual([{ ...resolved, outcome: 'done' }])
      expect(await of(resolve)).toEqual([{ ...resolved, outcome: 'cancellation-conflict' }])
      host.platform('paris').mood = 'away'
      const waiting = await erp(
        'POST',
        '/v1/cancellations',
        { orderId: 'order_open-waiting' },
        { prefer: 'wait=0' },
      )
      expect(
        await of(() => erp('POST', `/v1/cancellations/${waiting.body.id}/withdraw`)),
      ).toMatchObject([
        { action: 'cancellation.withdrawn', subject: { cancellation: waiting.body.id } },
      ])
      host.platform('paris').mood = 'well'
    })

    it('who read an order is known, also where there was none', async () => {
      const base = { store: 'paris', caller: 'erp', via: 'api' }
      const path = '/v1/stores/paris/orders'
      expect([
        ...(await of(() => erp('GET', `${path}/order_paid`))),
        ...(await of(() => erp('GET', `${path}/order_nobody`))),
        ...(await of(() => erp('GET', `${path}?number=7`))),
        ...(await of(() => erp('POST', '/v1/cancellations/preview', { orderId: 'order_paid' }))),
      ]).toEqual([
        { ...base, action: 'order.read', subject: { order: 'order_paid' }, outcome: 'done' },
        {
          ...base,
          action: 'order.read',
          subject: {},
          outcome: 'order-not-found',
        },
        {
          ...base,
          action: 'order.searched',
          subject: { orders: 'order_fulfilled' },
          outcome: 'done',
        },
        {
          ...base,
          action: 'cancellation.previewed',
          subject: { order: 'order_paid' },
          outcome: 'done',
        },
      ])
    })

    it('any other act is noted before it is done, and how it ended', async () => {
      const created = await of(() =>
        erp('POST', '/v1/batches', {
          items: [{ store: 'paris', orderId: 'order_open-row', reason: 'Frau Muster' }],
        }),
      )
      const batch = created[1]?.subject.batch
      expect(batch).toMatch(/^bat_/)
      const base = { store: null, caller: 'erp', via: 'api' }
      const twice = (action: string, subject: object, more: object = {}, end = 'done') => [
        { ...base, action, subject, outcome: 'asked' },
        { ...base, action, subject: { ...subject, ...more }, outcome: end },
      ]
      expect(created).toEqual(twice('batch.created', {}, { batch }))
      const members = [
        { store: 'paris', orderId: 'order_open-l1' },
        { store: 'paris', orderId: 'order_open-l2' },
      ]
      expect(await of(() => erp('PUT', '/v1/links/SO-7', { members }))).toEqual(
        twice('link.put', { link: 'SO-7' }),
      )
      expect(await of(() => erp('DELETE', '/v1/links/SO-7'))).toEqual(
        twice('link.deleted', { link: 'SO-7' }),
      )
      // A name that nobody has may be anything.
      expect(await of(() => erp('POST', '/v1/webhooks/orders/test'))).toEqual([])
      const since = { since: '2025-11-21T12:00:00Z' }
      expect(await of(() => erp('POST', '/v1/stores/paris/sweep', since))).toMatchObject([
        { action: 'store.swept', store: 'paris', outcome: 'asked' },
        { action: 'store.swept', store: 'paris', outcome: expect.any(String) },
      ])
      await until(
        () => erp('GET', `/v1/batches/${batch}`),
        (answer) => answer.body.finishedAt !== null,
      )
      expect((await all()).map(shortOf)).toContainEqual({
        action: 'cancellation.asked',
        outcome: 'done',
        store: 'paris',
        caller: 'erp',
        via: 'batch',
        subject: { order: 'order_open-row', batch, cancellation: expect.any(String) },
      })
    })

    it('is one chain of hashes each, page by page as at once, and ends where it says', async () => {
      const entries = await all()
      expect(await all(3)).toEqual(entries)
      const { body } = await admin('GET', '/v1/audit/heads')
      for (const { chain, first, seq, hash } of body.data) {
        const own = entries.filter((entry) => entry.chain === chain)
        expect([own[0]?.seq ?? null, own.length]).toEqual([first, seq])
        let previous = NO_HASH
        for (const [index, entry] of own.entries()) {
          expect([entry.seq, entry.previous, entry.hash]).toEqual([
            index + 1,
            previous,
            await hashOfEntry(entry),
          ])
          previous = entry.hash
        }
        expect(hash).toBe(previous)
        const rest = `/v1/audit?chain=${encodeURIComponent(chain)}&after=2&limit=500`
        expect((await admin('GET', rest)).body.data).toEqual(own.slice(2))
      }
    })

    it('is exported a line an entry, the export among them, and no text of anybody in it', async () => {
      const { text, headers } = await admin('GET', '/v1/audit/export')
      expect(headers.get('content-type')).toBe('application/x-ndjson')
      const lines = text.trimEnd().split('\n')
      expect(lines.map((line) => JSON.parse(line) as Entry)).toEqual(await all())
      expect(text).toContain('"audit.exported"')
      expect(text).not.toMatch(/Muster|rsk_/)
    })

    it('what is personal of an order is erased, and it is noted who asked for that', async () => {
      const orderId = 'order_open-erased'
      const words = { reason: 'Frau Muster', reference: 'Muster' }
      const { body: asked } = await erp('POST', '/v1/cancellations', { orderId, ...words })
      const { body: batch } = await erp('POST', '/v1/batches', {
        items: [{ store: 'paris', orderId, ...words }],
      })
      await until(
        () => erp('GET', `/v1/batches/${batch.id}`),
        (answer) => answer.body.finishedAt !== null,
      )
      const erase = (store: string) =>
        erp('POST', '/v1/erasures', { store, orderIds: [orderId, 'order_nothing'] })
      expect((await erase('london')).status).toBe(404)
      const subject = { orders: `${orderId} order_nothing` }
      const base = { action: 'buyer.erased', store: 'paris', caller: 'erp', via: 'api', subject }
      expect(
        await of(async () => {
          const answer = await erase('paris')
          expect(answer.body).toMatchObject({ records: 1, rows: 1 })
          return answer
        }),
      ).toEqual([
        { ...base, outcome: 'asked' },
        { ...base, outcome: 'done' },
      ])
      expect((await erase('paris')).body).toMatchObject({ records: 0, rows: 0 })
      const { body, text } = await erp('GET', `/v1/cancellations/${asked.id}`)
      expect(body).toMatchObject({ status: 'succeeded', reason: null, reference: null })
      expect(body.erasedAt).toMatch(/^\d{4}-/)
      expect(text + (await erp('GET', `/v1/batches/${batch.id}/items`)).text).not.toMatch(/Muster/)
    })

    it.each([
      ['limit=0', '/limit'],
      ['limit=501', '/limit'],
      ['after=-1', '/after'],
      ['after=x', '/after'],
      ['cursor=x', '/cursor'],
      ['store=paris', '/store'],
    ])('GET /v1/audit?%s is refused, and says where', async (query, pointer) => {
      const { status, body } = await admin('GET', `/v1/audit?${query}`)
      expect([status, body.code, body.errors[0].pointer]).toEqual([400, 'invalid-request', pointer])
    })
  })
