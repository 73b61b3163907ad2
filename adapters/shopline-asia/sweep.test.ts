/** How SHOPLINE Asia's search is read: by the time of the cancel, on from the last order's id. */
import { describe, expect, it } from 'vitest'
import { fetchTransport } from '../../src/connection/transport.ts'
import { openHarness } from '../../src/testing/harness.ts'
import { sweepAll } from '../../src/testing/sweep.ts'
import { shoplineAsia } from './index.ts'
import { createSandbox } from './sandbox/index.ts'

const T0 = Date.parse('2026-11-21T12:00:00Z')
const time = { since: T0 + 250, until: T0 + 3_600_250 }
const row = (id: string, more: object = {}) => ({
  id,
  status: 'cancelled',
  updated_at: '2026-11-21T12:30:00.000+00:00',
  ...more,
})
const many = (name: string, count: number) =>
  Array.from({ length: count }, (_, index) => row(`${name}-${index}`))

/** A store whose searches are answered by these, in their order; the last one again and again. */
const open = (...answers: (readonly object[])[]) => {
  const asked: Record<string, string>[] = []
  const transport = fetchTransport(async (url) => {
    asked.push(Object.fromEntries(new URL(url).searchParams))
    return Response.json({ items: answers[asked.length - 1] ?? answers.at(-1) })
  })
  const settings = { shop: 'tea-house', accessToken: 'case_token' }
  return { asked, ...openHarness(shoplineAsia, settings, transport) }
}

it('goes on from the last order’s id, until a page holds less than any may', async () => {
  const { asked, store } = open(many('a', 50), many('b', 24), many('c', 3))
  expect((await sweepAll(store, time)).canceled).toHaveLength(77)
  const common = {
    status: 'cancelled',
    cancelled_after: '2026-11-21 12:00:00',
    cancelled_before: '2026-11-21 13:00:01',
    per_page: '50',
  }
  expect(asked).toEqual([
    common,
    { ...common, previous_id: 'a-49' },
    { ...common, previous_id: 'b-23' },
  ])
})

it('tells an order that changed again since it was canceled, within the time', async () => {
  const { store } = open([row('a', { updated_at: '2026-11-25T08:00:00.000+00:00' }), row('b')])
  expect((await sweepAll(store, time)).orders).toEqual([
    { id: 'a', canceled: true, changedAt: time.until },
    { id: 'b', canceled: true, changedAt: T0 + 1_800_000 },
  ])
})

it('tells an order of another status as not canceled, whatever was asked for', async () => {
  const { store } = open([row('a', { status: 'confirmed' })])
  expect((await sweepAll(store, time)).orders).toMatchObject([{ canceled: false }])
})

describe('fails', () => {
  const refused = (...pages: (readonly object[])[]) =>
    expect(sweepAll(open(...pages).store, time)).rejects.toMatchObject({
      name: 'CallFailure',
      failure: { kind: 'doubt' },
    })
  it('where the page before comes again', () => refused(many('a', 50)))
  // What was canceled in that time cannot have changed before it.
  it('where the time is ignored', () =>
    refused([row('a', { updated_at: '2026-11-21T11:59:59.000+00:00' })]))
  it.each([{ id: null }, { status: null }, { updated_at: null }, { updated_at: '2026-11-21' }])(
    'where an order has %o',
    (more) => refused([row('a', more)]),
  )
})

describe('the sandbox', () => {
  const search = async (query: string) => {
    const { app, settings } = createSandbox()
    const reply = await app.fetch(
      new Request(`https://x.example/v1/orders/search?${query}`, {
        headers: {
          authorization: `Bearer ${String(settings['accessToken'])}`,
          'user-agent': String(settings['shop']),
        },
      }),
    )
    const body = (await reply.json()) as { items?: { id: string; status: string }[] }
    return { status: reply.status, ids: body.items?.map(({ id }) => id) ?? [] }
  }

  it('searches by the time of the cancel, both ends in it, and on from an id', async () => {
    const { ids } = await search('status=cancelled')
    expect(ids.length).toBeGreaterThan(0)
    expect((await search('cancelled_after=2001-01-01 00:00:00')).ids).toEqual(ids)
    expect((await search('cancelled_before=2001-01-01 00:00:00')).ids).toEqual([])
    const all = (await search('per_page=999')).ids
    expect((await search(`per_page=2&previous_id=${all[2]}`)).ids).toEqual(all.slice(3, 5))
  })
  it('takes no time that is none', async () =>
    expect((await search('cancelled_after=2026-11-21T12:00:00Z')).status).toBe(422))
})
