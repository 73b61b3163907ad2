/** An order of a link that was asked for before, or alone; and a link whose turn was missed. */
import { describe, expect, it } from 'vitest'
import type { View } from '../../src/adapter/contract.ts'
import { createGateway } from '../../src/gateway/gateway.ts'
import { timing } from '../../src/gateway/workflow/timing.ts'
import { request } from '../model/samples.ts'
import { SETTLE } from './fixture.ts'
import { link, MEMBERS, open, recordsOf, sent, settle, states } from './linked.ts'
import { lost, unreachable } from './platform.ts'

const ERP = { store: 'erp', orderId: 'o-erp' }

describe('an order that was canceled alone, asked for with its link', () => {
  const alone = async () => {
    const fixture = await open()
    const { record } = await fixture.ask({ ...ERP, linked: 'none' })
    expect([record.status, record.link]).toEqual(['succeeded', undefined])
    return { ...fixture, fixture, record }
  }

  it('belongs to the link from then on, and the others follow', async () => {
    const { fixture, gateway, record } = await alone()
    const again = await gateway.cancel(request(ERP), 'erp', null, null)
    expect([again.how, again.record.id, again.record.link]).toEqual([
      'deduplicated',
      record.id,
      'SO-1',
    ])
    await settle(fixture)
    expect(states(fixture)).toEqual(['canceled', 'canceled', 'canceled'])
    expect(sent(fixture)).toEqual(['o-erp', 'o-paris', 'o-acme'])
  })

  it('is written to once: asked again it stays as it is', async () => {
    const { fixture, gateway } = await alone()
    const again = async () => (await gateway.cancel(request(ERP), 'erp', null, null)).record.version
    const first = await again()
    await settle(fixture)
    expect(await again()).toBe(first)
  })
})

it('an order that needs a person, asked for again, has no other order canceled', async () => {
  const fixture = await open({ toy: { repeat: 'harmful' } })
  fixture.platform.plan('cancel', lost)
  const { record } = await fixture.ask({ ...ERP, linked: 'none' })
  expect((await fixture.drive(record.id)).status).toBe('needs_attention')
  const again = await fixture.ask(ERP)
  expect([again.how, again.record.id]).toEqual(['deduplicated', record.id])
  await settle(fixture, 6, SETTLE)
  expect(sent(fixture)).toEqual(['o-erp'])
  expect(await link(fixture)).toMatchObject({ status: 'open', run: null })
})

it('withdrawn, it takes back what others asked for in the same run', async () => {
  const fixture = await open()
  fixture.platform.plan('look', ...Array.from({ length: 40 }, () => unreachable))
  const { record } = await fixture.ask(ERP)
  await fixture.tick()
  const { record: joined } = await fixture.ask({ store: 'paris', orderId: 'o-paris' })
  await fixture.gateway.withdraw(record.id)
  expect(await fixture.get(joined.id)).toMatchObject({
    status: 'rejected',
    problem: { cause: 'withdrawn' },
  })
})

it('every order is looked at as the merchant’s own, whoever asked', async () => {
  const fixture = await open()
  const views: [string, View][] = []
  const { look } = fixture.adapter.order
  // The stores share one adapter.
  for (const store of fixture.stores.values())
    Object.assign(store.adapter.order, {
      look: (...[client, id, view]: Parameters<typeof look>) => {
        views.push([id, view])
        return look(client, id, view)
      },
    })
  await fixture.ask(ERP)
  await settle(fixture)
  expect(new Set(views.map(([id]) => id))).toEqual(new Set(MEMBERS.map(({ orderId }) => orderId)))
  expect(views.filter(([, { byCustomer }]) => byCustomer)).toEqual([])
})

describe('a link that is driven from elsewhere', () => {
  /** A gateway whose links another process drives: what it is asked to drive is kept. */
  const elsewhere = async (drive: (name: string) => Promise<void>) => {
    const fixture = await open()
    const { ledger, stores, clock } = fixture
    const faults: unknown[] = []
    const gateway = createGateway({
      ledger,
      stores,
      timing: timing(),
      now: () => clock.now,
      onFault: (error) => void faults.push(error),
      driver: {
        drive,
        begin: async () => {},
        rest: async () => {},
        forget: async () => {},
        close: async () => {},
      },
    })
    return { gateway, clock, faults }
  }

  it('is driven again by one that waited long for its turn', async () => {
    const driven: string[] = []
    const { gateway, clock } = await elsewhere(async (name) => void driven.push(name))
    const { record } = await gateway.cancel(request(ERP), 'erp', null, null)
    expect(driven).toEqual(['SO-1'])
    clock.now += 60_000
    await gateway.tick()
    expect([driven, (await gateway.get(record.id)).waitsForLink]).toEqual([['SO-1', 'SO-1'], true])
  })

  it('and where that fails, it is told, each time', async () => {
    const error = new Error('no answer')
    const { gateway, clock, faults } = await elsewhere(() => Promise.reject(error))
    await gateway.cancel(request(ERP), 'erp', null, null)
    await gateway.tick()
    expect(faults).toEqual([error])
    clock.now += 60_000
    await gateway.tick()
    expect(faults).toEqual([error, error])
  })
})

it('a gateway with nobody to tell of links cancels them all the same', async () => {
  const fixture = await open()
  const faults: unknown[] = []
  const gateway = createGateway({
    ledger: fixture.ledger,
    stores: fixture.stores,
    timing: timing(),
    now: () => fixture.clock.now,
    onSaved: (record) => void fixture.records.set(record.id, record),
    onFault: (error) => void faults.push(error),
  })
  await gateway.cancel(request(ERP), 'erp', null, null)
  for (let turn = 0; turn < 12; turn++) await gateway.tick()
  expect([states(fixture), (await link(fixture)).status, faults]).toEqual([
    ['canceled', 'canceled', 'canceled'],
    'canceled',
    [],
  ])
  expect(await recordsOf(fixture, 'o-acme')).toHaveLength(1)
})
