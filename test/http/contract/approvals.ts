/** Four eyes: what some callers ask waits until another key has approved it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Client, clientOf, type Host, type Open, until } from '../host.ts'

const callers = [
  {
    name: 'intern',
    key: 'rsk_intern',
    scopes: ['read', 'cancel', 'approve'],
    stores: ['*'],
    approval: 'required',
  },
  { name: 'boss', key: 'rsk_boss', scopes: ['read', 'cancel', 'approve'], stores: ['*'] },
  { name: 'elsewhere', key: 'rsk_elsewhere', scopes: ['read', 'approve'], stores: ['london'] },
  { name: 'seer', key: 'rsk_seer', scopes: ['read'], stores: ['*'] },
] as const

export const approvals = (open: Open) =>
  describe('what must be approved', () => {
    let host: Host
    let intern: Client
    let boss: Client
    beforeAll(async () => {
      host = await open({ callers, stores: ['paris', 'london'] })
      intern = clientOf(host, 'rsk_intern')
      boss = clientOf(host, 'rsk_boss')
    })
    afterAll(() => host.close())
    const ask = (orderId: string, more: object = {}, headers: Record<string, string> = {}) =>
      intern('POST', '/v1/cancellations', { store: 'paris', orderId, ...more }, headers)
    const act = (client: Client, id: string, name: string, body: object = {}) =>
      client('POST', `/v1/cancellations/${id}/${name}`, body)
    const read = async (id: string) => (await boss('GET', `/v1/cancellations/${id}`)).body
    const canceled = (orderId: string) => host.platform('paris').cancels.has(orderId)

    it('is answered 202 once it was looked at, and nothing is sent', async () => {
      const { status, headers, body } = await ask('order_paid-awaited', { reference: 'SO-1' })
      expect([status, headers.get('retry-after'), headers.get('location')]).toEqual([
        202,
        '60',
        `/v1/cancellations/${body.id}`,
      ])
      expect(body).toMatchObject({
        status: 'accepted',
        final: false,
        waitingFor: 'approval',
        approval: { state: 'awaited', by: null, at: null, note: null },
        attempts: [],
        order: { id: 'order_paid-awaited', customer: null },
      })
      expect(Date.parse(body.approval.until) - Date.parse(body.createdAt)).toBe(7 * 86_400_000)
      expect(Date.parse(body.approval.askedAt)).toBeGreaterThanOrEqual(Date.parse(body.createdAt))
      expect(canceled('order_paid-awaited')).toBe(false)
    })

    it('goes its way once another key approved it; the note and the name stay', async () => {
      const { id } = (await ask('order_paid-approved', {}, { 'idempotency-key': 'approved' })).body
      const { status, body } = await act(boss, id, 'approve', { note: 'seen by me' })
      expect(status).toBe(200)
      expect(body.approval).toMatchObject({ state: 'given', by: 'boss', note: 'seen by me' })
      const ended = await boss('GET', `/v1/cancellations/${id}`, undefined, { prefer: 'wait=10' })
      expect(ended.body).toMatchObject({
        status: 'succeeded',
        approval: { state: 'given', by: 'boss', until: null },
      })
      const again = await ask('order_paid-approved', {}, { 'idempotency-key': 'approved' })
      expect([again.status, again.body.id]).toEqual([200, id])
      expect(host.platform('paris').cancels.get('order_paid-approved')).toBe(1)
      const twice = await act(boss, id, 'approve')
      expect([twice.status, twice.body.code]).toEqual([409, 'cancellation-conflict'])
    })

    it('is declined with a reason, and stays so', async () => {
      const asked = await ask('order_paid-declined', {}, { 'idempotency-key': 'declined' })
      const { id } = asked.body
      expect((await act(boss, id, 'decline')).body.errors).toMatchObject([{ pointer: '/note' }])
      const { status, body } = await act(boss, id, 'decline', { note: 'it was a mistake' })
      expect([status, body.status, body.final]).toEqual([200, 'rejected', true])
      expect(body).toMatchObject({
        approval: { state: 'declined', by: 'boss', note: 'it was a mistake' },
        problem: { code: 'order-not-cancelable', cause: 'declined', retryable: false, acted: 'no' },
        effects: { order: { outcome: 'skipped' } },
      })
      const again = await ask('order_paid-declined', {}, { 'idempotency-key': 'declined' })
      expect([again.status, again.body.cause]).toEqual([409, 'declined'])
      expect(canceled('order_paid-declined')).toBe(false)
      const anew = await ask('order_paid-declined')
      expect([anew.status, anew.body.id === id]).toEqual([202, false])
    })

    it('is not approved by who asked, lacks the scope, or does not reach its store', async () => {
      const { id } = (await ask('order_paid-mine')).body
      for (const [name, body] of [
        ['approve', {}],
        ['decline', { note: 'no' }],
      ] as const) {
        const own = await act(intern, id, name, body)
        expect([own.status, own.body.code, own.body.detail]).toEqual([
          403,
          'forbidden',
          'Who asked cannot approve or decline it: another key must.',
        ])
        const seer = await act(clientOf(host, 'rsk_seer'), id, name, body)
        expect([seer.status, seer.body.detail]).toEqual([
          403,
          'This key lacks the scope “approve”.',
        ])
        expect((await act(clientOf(host, 'rsk_elsewhere'), id, name, body)).status).toBe(404)
      }
      expect(await read(id)).toMatchObject({ approval: { state: 'awaited' } })
    })

    it('is listed by that it waits, page by page', async () => {
      const found: string[] = []
      let next: string | undefined = '/v1/cancellations?approval=awaited&limit=2'
      while (next) {
        const { body }: { body: any } = await boss('GET', next)
        found.push(...body.data.map(({ approval }: any) => approval.state))
        next =
          body.nextCursor &&
          `/v1/cancellations?approval=awaited&limit=2&cursor=${encodeURIComponent(body.nextCursor)}`
      }
      expect(found.length).toBeGreaterThanOrEqual(3)
      expect(new Set(found)).toEqual(new Set(['awaited']))
      expect((await boss('GET', '/v1/cancellations?approval=given')).status).toBe(400)
    })

    it('says at once what needs nobody: canceled already, not cancelable, not there', async () => {
      const already = await ask('order_canceled-already')
      expect([already.status, already.body.alreadyCanceled]).toEqual([201, true])
      expect(already.body.approval).toBeNull()
      expect((await ask('order_fulfilled-no')).body).toMatchObject({ cause: 'fulfilled' })
      expect((await ask('nowhere')).body.code).toBe('order-not-found')
    })

    it('is refused in a note that is none, and with wishes that it does not know', async () => {
      const { id } = (await ask('order_paid-notes')).body
      for (const note of ['', 'x'.repeat(1001), 7, ['x']])
        expect((await act(boss, id, 'approve', { note })).status).toBe(400)
      expect((await act(boss, id, 'approve', { force: true })).status).toBe(400)
      expect((await act(boss, id, 'decline', { note: null })).status).toBe(400)
      expect(await read(id)).toMatchObject({ approval: { state: 'awaited' } })
    })

    it('a batch: each row waits, and is approved by itself', async () => {
      const items = ['one', 'two'].map((name) => ({
        store: 'paris',
        orderId: `order_paid-${name}`,
      }))
      const { body: batch } = await intern('POST', '/v1/batches', { items })
      const path = `/v1/batches/${batch.id}`
      const isAsked = ({ body }: { body: any }) => body.finishedAt !== null
      const ended = await until(() => intern('GET', path), isAsked)
      expect(ended.body.counts).toMatchObject({ accepted: 2, succeeded: 0 })
      const waiting = await boss('GET', `/v1/cancellations?approval=awaited&batchId=${batch.id}`)
      expect(waiting.body.data).toHaveLength(2)
      const [{ id, orderId }] = waiting.body.data
      await act(boss, id, 'approve')
      const shows = await until(
        () => intern('GET', path),
        ({ body }) => body.counts.succeeded === 1,
      )
      expect(shows.body.counts).toMatchObject({ accepted: 1, succeeded: 1 })
      expect(host.platform('paris').cancels.get(orderId)).toBe(1)
    })

    it('is withdrawn by who asked', async () => {
      const { id } = (await ask('order_paid-back')).body
      const { status, body } = await intern('POST', `/v1/cancellations/${id}/withdraw`)
      expect([status, body.problem.cause, body.approval]).toEqual([200, 'withdrawn', null])
      expect((await act(boss, id, 'approve')).body.code).toBe('cancellation-conflict')
    })
  })
