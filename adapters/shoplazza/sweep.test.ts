/** How a Shoplazza's list is read, in both generations of its API, and when it is another list. */
import { describe, expect, it } from 'vitest'
import { fetchTransport } from '../../src/connection/transport.ts'
import { openHarness, sandboxTransport } from '../../src/testing/harness.ts'
import { sweepAll } from '../../src/testing/sweep.ts'
import { shoplazza } from './index.ts'
import { createSandbox } from './sandbox/index.ts'

const T0 = Date.parse('2026-11-21T12:00:00Z')
const time = { since: T0 + 250, until: T0 + 3_600_250 }
const row = (id: string, more: object = {}) => ({
  id,
  status: 'cancelled',
  updated_at: '2026-11-21T12:30:00Z',
  ...more,
})
const many = (name: string, count: number) =>
  Array.from({ length: count }, (_, index) => row(`${name}-${index}`))

/** A store whose lists are answered by these, in their order; the last one again and again. */
const open = (apiVersion: string, ...answers: unknown[]) => {
  const asked: Record<string, string>[] = []
  const transport = fetchTransport(async (url) => {
    asked.push(Object.fromEntries(new URL(url).searchParams))
    return Response.json(answers[asked.length - 1] ?? answers.at(-1))
  })
  const settings = { shop: 'case', accessToken: 'case_token', apiVersion }
  return { asked, ...openHarness(shoplazza, settings, transport) }
}
const modern = (orders: unknown, more: object = { has_more: false }) => ({
  code: 'Success',
  data: { orders, ...more },
})

/** Both ends are written in whole seconds, with what they begin and end in. */
const window = {
  updated_at_min: '2026-11-21T12:00:00Z',
  updated_at_max: '2026-11-21T13:00:01Z',
}

describe('2022-01', () => {
  it('turns pages by number, until one holds less than any page may', async () => {
    const { asked, store } = open(
      '2022-01',
      { orders: many('a', 100) },
      { orders: many('b', 10) },
      { orders: [] },
    )
    expect((await sweepAll(store, time)).canceled).toHaveLength(110)
    expect(asked).toEqual(['1', '2', '3'].map((page) => ({ ...window, limit: '100', page })))
  })

  it('fails where the page is ignored', () =>
    expect(sweepAll(open('2022-01', { orders: many('a', 100) }).store, time)).rejects.toMatchObject(
      { failure: { result: '200 the same page again' } },
    ))
})

describe('2026-01', () => {
  it('asks by the names of its own, and goes on from the cursor', async () => {
    const { asked, store } = open(
      '2026-01',
      modern(many('a', 100), { cursor: 'c1', has_more: true }),
      modern(many('b', 3), { cursor: 'c2', has_more: false }),
    )
    expect((await sweepAll(store, time)).canceled).toHaveLength(103)
    expect(asked).toEqual([
      { ...window, page_size: '100' },
      { ...window, page_size: '100', cursor: 'c1' },
    ])
  })

  it.each([
    ['without a cursor where more follows', modern([row('a')], { has_more: true })],
    ['that does not tell whether more follows', modern([row('a')], {})],
    ['whose cursor leads to itself', modern([row('a')], { cursor: 'c1', has_more: true })],
    ['in the envelope of an error', { code: 'InvalidParameter', data: { orders: [] } }],
    ['without an envelope', { orders: [] }],
  ])('fails on a page %s', (_, answer) =>
    expect(sweepAll(open('2026-01', answer).store, time)).rejects.toMatchObject({
      name: 'CallFailure',
      failure: { kind: 'doubt' },
    }),
  )
})

describe('a row', () => {
  const told = async (more: object) =>
    (await sweepAll(open('2022-01', { orders: [row('a', more)] }).store, time)).orders.map(
      ({ canceled }) => canceled,
    )
  it.each([
    [{ status: 'canceled' }, true],
    [{ status: 'finished', canceled_at: '2026-11-21T12:30:00Z' }, true],
    [{ status: 'finished', cancelled_at: '2026-11-21T12:30:00Z' }, true],
    [{ status: 'finished', cancel_reason: 'Ordered twice' }, true],
    [{ status: 'finished', cancel_reason: '', cancelled_at: '' }, false],
    [{ status: 'finished', canceled_at: null }, false],
    // Neither sign is told: the list does not tell, and the order must be looked at.
    [{ status: 'finished' }, null],
    [{ status: 'placed' }, false],
    [{ status: 'opened', cancel_reason: null }, false],
    [{ status: 'brand_new' }, null],
    [{ status: null }, null],
  ] as const)('%o is canceled: %s', async (more, canceled) =>
    expect(await told(more)).toEqual([canceled]),
  )
  it('of another time is left out; alone, it shows that the time was ignored', async () => {
    const early = { updated_at: '2026-11-21T11:59:59Z' }
    const late = { updated_at: '2026-11-21T13:00:02Z' }
    const mixed = open('2022-01', { orders: [row('a', early), row('b'), row('c', late)] })
    expect((await sweepAll(mixed.store, time)).canceled).toEqual(['b'])
    await expect(told(early)).rejects.toMatchObject({ name: 'CallFailure' })
    await expect(told(late)).rejects.toMatchObject({ name: 'CallFailure' })
  })
  it.each([{ id: null }, { updated_at: null }, { updated_at: 'yesterday' }, { status: 7 }])(
    '%o makes the list unreadable',
    (more) => expect(told(more)).rejects.toMatchObject({ name: 'CallFailure' }),
  )
})

describe.each(['2022-01', '2025-06', '2026-01'])('in the sandbox of %s', (apiVersion) => {
  it('what was canceled is found, paid or not, over more than one page', async () => {
    const sandbox = createSandbox()
    const { cancel, store } = openHarness(
      shoplazza,
      { ...sandbox.settings, apiVersion },
      sandboxTransport(sandbox),
    )
    const since = Date.now()
    const ids = Array.from({ length: 104 }, (_, index) => `${index % 2 ? 'paid' : 'open'}-${index}`)
    for (const orderId of ids) await cancel({ orderId })
    const swept = await sweepAll(store, { since, until: Date.now() })
    expect([...swept.canceled].sort()).toEqual(ids.toSorted())
    expect(swept.pages.length).toBeGreaterThan(1)
  })
})

describe('the sandbox', () => {
  const list = async (version: string, query: string) => {
    const { app, settings } = createSandbox()
    const request = new Request(`https://x.example/openapi/${version}/orders?${query}`, {
      headers: { 'Access-Token': String(settings['accessToken']) },
    })
    const body = (await (await app.fetch(request)).json()) as {
      orders?: unknown[]
      data?: { orders: unknown[] }
    }
    return (body.data?.orders ?? body.orders)?.length
  }

  it('ignores what goes by another name: ten come', async () => {
    expect(await list('2022-01', 'page_size=250')).toBe(10)
    expect(await list('2022-01', 'limit=250')).toBeGreaterThan(10)
    expect(await list('2026-01', 'limit=250')).toBe(10)
    expect(await list('2026-01', 'page_size=250')).toBeGreaterThan(10)
    expect(await list('2026-01', 'modified_since=2999-01-01T00:00:00Z')).toBe(10)
  })
})
