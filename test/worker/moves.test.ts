/**
 * Where a store's ledger is: told once, whatever address its platform gets; two ledgers of one
 * account never both send; what was taken out stays readable.
 */
import { runInDurableObject } from 'cloudflare:test'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { assign } from '../../src/hosts/workers/directory.ts'
import { markOf } from '../../src/hosts/workers/front.ts'
import { until } from '../http/host.ts'
import { DIRECTORY, host, open, leads, objects, kept, isCancel, KEY } from './moves.ts'

afterEach(() => host.close())

describe('a shop that gets another address', () => {
  it('while a cancel is in doubt: the same object and record, and one cancel sent', async () => {
    const { ask, deploy } = await open({ paris: 'old.test' }, ['old.test', 'new.test'], {
      callTimeoutMs: 300,
      settleMs: 1_500,
    })
    leads('new.test', 'old.test')
    let reached = 0
    host.between('old.test', async (request, go) => {
      if (!isCancel(request)) return go(request)
      reached += 1
      await new Promise((resolve) => {
        setTimeout(resolve, 800)
      })
      return go(request)
    })
    const sent = { store: 'paris', orderId: 'order_paid', restock: true }
    const first = await ask('POST', '/v1/cancellations', sent, { ...KEY, prefer: 'wait=1' })
    expect([first.status, first.body.status]).toEqual([202, 'in_doubt'])
    await deploy({ paris: 'new.test' })
    const second = await ask('POST', '/v1/cancellations', sent, { ...KEY, prefer: 'wait=0' })
    expect([
      second.headers.get('idempotent-replayed'),
      second.headers.get('location'),
      objects(),
    ]).toEqual(['true', `/v1/cancellations/${first.body.id}`, ['old.test']])
    // Another wish meets the one that is open, as it would have before.
    expect(
      (await ask('POST', '/v1/cancellations', { ...sent, restock: false })).body.cancellation,
    ).toBe(`/v1/cancellations/${first.body.id}`)
    const { body } = await until(
      () => ask('GET', `/v1/cancellations/${first.body.id}`),
      (answer) => answer.body.final || answer.body.status === 'needs_attention',
      10_000,
    )
    expect([
      body.attempts.length,
      reached,
      host.platform('old.test').cancels.get('order_paid'),
    ]).toEqual([1, 1, 1])
    expect(await kept('old.test')).toEqual(['paris order_paid'])
  })

  it('what was written before is found, listed and closed there; new ones join it', async () => {
    const { ask, deploy } = await open({ paris: 'old.test', rome: 'rome.test' }, [
      'old.test',
      'new.test',
      'rome.test',
    ])
    const {
      body: { cancellation },
    } = await ask('POST', '/v1/cancellations', {
      store: 'paris',
      orderId: 'order_400-after-refund',
    })
    await deploy({ paris: 'new.test', rome: 'rome.test' })
    expect((await ask('GET', cancellation)).body).toMatchObject({
      store: 'paris',
      status: 'needs_attention',
    })
    expect((await ask('GET', '/v1/cancellations?store=paris')).body.data).toHaveLength(1)
    expect(
      (await ask('POST', `${cancellation}/resolve`, { as: 'canceled', note: 'seen' })).status,
    ).toBe(200)
    expect(objects()).toEqual(['old.test'])
    await ask(
      'POST',
      '/v1/cancellations',
      { store: 'paris', orderId: 'order_open' },
      { prefer: 'respond-async' },
    )
    expect(new Set(await kept('old.test'))).toEqual(
      new Set(['paris order_400-after-refund', 'paris order_open']),
    )
    const {
      body: { data },
    } = await ask('GET', '/v1/cancellations')
    expect(data.map(({ id }: any) => id.endsWith(markOf('old.test')))).toEqual([true, true])
  })

  it('a ledger older than the directory stays in the object of its address', async () => {
    const { ask, deploy } = await open({ paris: 'old.test' }, ['old.test', 'new.test'])
    const {
      body: { id },
    } = await ask('POST', '/v1/cancellations', { store: 'paris', orderId: 'order_open' })
    await runInDurableObject(host.object(DIRECTORY), (_, { storage }) =>
      storage.sql.exec('drop table objects'),
    )
    await deploy({ paris: 'old.test' })
    expect((await ask('GET', `/v1/cancellations/${id}`)).body.status).toBe('succeeded')
    await deploy({ paris: 'new.test' })
    expect((await ask('GET', `/v1/cancellations/${id}`)).body.status).toBe('succeeded')
    expect(objects()).toEqual(['old.test'])
  })

  it('a store added there shares its object and locks, wherever it is configured', async () => {
    const { ask, deploy } = await open({ paris: 'old.test' }, ['old.test', 'new.test'])
    await ask('GET', '/v1/cancellations')
    await deploy({ asia: 'new.test', paris: 'new.test', berlin: 'new.test' })
    await Promise.all(
      ['asia', 'berlin'].map((store) =>
        ask('POST', '/v1/cancellations', { store, orderId: 'order_paid' }),
      ),
    )
    expect([
      host.platform('new.test').cancels.get('order_paid'),
      objects(),
      (await kept('old.test')).sort(),
    ]).toEqual([1, ['old.test'], ['asia order_paid', 'berlin order_paid']])
  })
})

describe('two stores that come to share an account, each with a ledger of its own', () => {
  /** Paris comes to the address where Rome is, with a cancel that waits for its platform. */
  const split = async () => {
    const opened = await open({ paris: 'paris.test', rome: 'rome.test' }, [
      'paris.test',
      'rome.test',
    ])
    const { ask, deploy } = opened
    const {
      body: { id: done },
    } = await ask('POST', '/v1/cancellations', { store: 'rome', orderId: 'order_open' })
    host.platform('paris.test').mood = 'away'
    const {
      body: { id },
    } = await ask(
      'POST',
      '/v1/cancellations',
      { store: 'paris', orderId: 'order_paid' },
      { ...KEY, prefer: 'respond-async' },
    )
    await until(
      () => ask('GET', `/v1/cancellations/${id}`),
      ({ body }) => body.updatedAt !== body.createdAt,
    )
    await deploy({ paris: 'rome.test', rome: 'rome.test' }, { LOG_LEVEL: 'error' })
    return { ...opened, id: id as string, done: done as string, rome: host.platform('rome.test') }
  }

  it('the newcomer accepts and sends nothing, and the log says so; the other goes on', async () => {
    const lines: any[] = []
    const console = vi
      .spyOn(globalThis.console, 'log')
      .mockImplementation((line: string) => void lines.push(JSON.parse(line)))
    try {
      const { ask, id, rome } = await split()
      const { status, body } = await ask('POST', '/v1/cancellations', {
        store: 'paris',
        orderId: 'order_open-new',
      })
      expect([status, body.code, body.acted, body.retryable, body.cancellation]).toEqual([
        409,
        'needs-attention',
        'no',
        false,
        undefined,
      ])
      expect(body.detail).toContain('give it a new id')
      expect(lines).toEqual([
        {
          level: 'error',
          time: expect.any(String),
          msg: 'two ledgers keep one account: give this store a new id',
          store: 'paris',
        },
      ])
      const other = await ask('POST', '/v1/cancellations', {
        store: 'paris',
        orderId: 'order_paid',
        restock: true,
      })
      expect([other.body.acted, other.body.cancellation]).toEqual([
        'unknown',
        `/v1/cancellations/${id}`,
      ])
      await runInDurableObject(host.object('paris.test'), (object) =>
        (object as unknown as { alarm(): Promise<void> }).alarm(),
      )
      expect(
        (await ask('POST', '/v1/cancellations', { store: 'rome', orderId: 'order_open-2' })).status,
      ).toBe(201)
      expect([...rome.cancels.keys()]).toEqual(['order_open', 'order_open-2'])
    } finally {
      console.mockRestore()
    }
  })

  it('reads go on: orders, previews, records, lists; repeats get what stands', async () => {
    const { ask, id, done } = await split()
    expect((await ask('GET', '/v1/stores/paris/orders/order_paid')).status).toBe(200)
    expect(
      (await ask('POST', '/v1/cancellations/preview', { store: 'paris', orderId: 'order_paid' }))
        .body.cancelable,
    ).toBe(true)
    expect(
      (await ask('GET', '/v1/cancellations')).body.data.map((record: any) => record.id),
    ).toEqual([id, done])
    expect(
      (await ask('GET', '/v1/cancellations?store=paris')).body.data.map((record: any) => record.id),
    ).toEqual([id])
    const { headers } = await ask(
      'POST',
      '/v1/cancellations',
      { store: 'paris', orderId: 'order_paid' },
      { ...KEY, prefer: 'wait=0' },
    )
    expect([headers.get('rescind-deduplicated'), headers.get('location')]).toEqual([
      'true',
      `/v1/cancellations/${id}`,
    ])
  })

  it('under a new id it is a store of the account’s ledger; earlier records stay', async () => {
    const { ask, deploy, id, rome } = await split()
    expect((await ask('POST', `/v1/cancellations/${id}/withdraw`)).body.status).toBe('rejected')
    await deploy({ 'paris-2': 'rome.test', rome: 'rome.test' })
    await Promise.all(
      ['paris-2', 'rome'].map((store) =>
        ask('POST', '/v1/cancellations', { store, orderId: 'order_paid' }),
      ),
    )
    expect(rome.cancels.get('order_paid')).toBe(1)
    expect((await kept('rome.test')).sort()).toEqual([
      'paris-2 order_paid',
      'rome order_open',
      'rome order_paid',
    ])
    expect((await ask('GET', `/v1/cancellations/${id}`)).body).toMatchObject({
      store: 'paris',
      problem: { cause: 'withdrawn' },
    })
  })
})

describe('a store that was taken out of the configuration', () => {
  it('its records are read, listed and closed by a person', async () => {
    const { ask, deploy } = await open({ paris: 'paris.test', rome: 'rome.test' }, [
      'paris.test',
      'rome.test',
    ])
    const {
      body: { cancellation },
    } = await ask('POST', '/v1/cancellations', {
      store: 'paris',
      orderId: 'order_400-after-refund',
    })
    await ask('POST', '/v1/cancellations', { store: 'rome', orderId: 'order_open' })
    await deploy({ rome: 'rome.test' })
    expect((await ask('GET', cancellation)).body).toMatchObject({
      store: 'paris',
      status: 'needs_attention',
    })
    expect(
      (await ask('GET', '/v1/cancellations')).body.data.map(({ store }: any) => store),
    ).toEqual(['rome', 'paris'])
    expect(
      (await ask('POST', `${cancellation}/resolve`, { as: 'not_canceled', note: 'seen' })).body,
    ).toMatchObject({ status: 'rejected', final: true })
    expect((await ask('GET', '/readyz')).status).toBe(200)
    expect(
      (await ask('POST', '/v1/cancellations', { store: 'paris', orderId: 'order_open' })).body.code,
    ).toBe('store-not-found')
  })

  it('the clock wakes for what waits of it when due, and past that once a minute', async () => {
    const { ask, deploy } = await open({ paris: 'paris.test' }, ['paris.test'])
    host.platform('paris.test').mood = 'away'
    await ask(
      'POST',
      '/v1/cancellations',
      { store: 'paris', orderId: 'order_paid' },
      { prefer: 'respond-async' },
    )
    await deploy({})
    const { alarms, now } = await runInDurableObject(
      host.object('paris.test'),
      async (object, { storage }) => {
        const now = Date.now()
        const turn = async (wakeAt: number) => {
          storage.sql.exec('update cancellations set wake_at = ?', wakeAt)
          await (object as unknown as { alarm(): Promise<void> }).alarm()
          return {
            at: await storage.getAlarm(),
            wake: storage.sql.exec('select wake_at from cancellations').toArray()[0]?.[
              'wake_at'
            ] as number | null,
          }
        }
        return { now, alarms: [await turn(now + 40_000), await turn(now - 40_000)] }
      },
    )
    expect(alarms[0]).toEqual({ at: now + 40_000, wake: now + 40_000 })
    const { at, wake } = alarms[1] ?? {}
    expect(at).toBeGreaterThanOrEqual(Math.min(now + 59_000, wake && wake > now ? wake : Infinity))
  })
})

describe('the directory', () => {
  it('that does not answer: 503, nothing is accepted; all goes on when it is back', async () => {
    const { ask } = await open({ paris: 'paris.test' }, ['paris.test'])
    const sql = (...statements: string[]) =>
      runInDurableObject(host.object(DIRECTORY), (_, { storage }) =>
        statements.forEach((text) => void storage.sql.exec(text)),
      )
    await sql('create view objects as select 1')
    for (const [method, path, sent] of [
      ['POST', '/v1/cancellations', { orderId: 'order_paid' }],
      ['GET', '/v1/cancellations'],
      ['GET', '/readyz'],
    ] as const) {
      const { status, body } = await ask(method, path, sent)
      expect([path, status, body.code, body.acted]).toEqual([path, 503, 'ledger-unavailable', 'no'])
    }
    await sql('drop view objects')
    expect((await ask('POST', '/v1/cancellations', { orderId: 'order_paid' })).status).toBe(201)
  })

  it('gives every store and account its place once, whatever order they come in', async () => {
    const { ask } = await open({ paris: 'paris.test' }, ['paris.test'])
    await ask('GET', '/readyz')
    const places = (stores: Readonly<Record<string, string>>) =>
      runInDurableObject(host.object(DIRECTORY), (_, { storage }) => {
        const { of, objects } = assign(storage, Object.entries(stores))
        return {
          of: Object.fromEntries(
            [...of].map(([id, { ledger, account }]) => [
              id,
              ledger === account ? ledger : `${ledger}, not ${account}`,
            ]),
          ),
          objects,
        }
      })
    expect(await places({ paris: 'paris.test' })).toEqual({
      of: { paris: 'paris.test' },
      objects: ['paris.test'],
    })
    // It moves, and others come where it is and where it was.
    expect((await places({ new: 'b.test', paris: 'b.test', old: 'paris.test' })).of).toEqual({
      new: 'paris.test',
      paris: 'paris.test',
      old: 'paris.test',
    })
    expect((await places({ c: 'c.test', d: 'd.test' })).of).toEqual({ c: 'c.test', d: 'd.test' })
    // They change places: neither may send, until each is back or has another id.
    expect((await places({ c: 'd.test', d: 'c.test' })).of).toEqual({
      c: 'c.test, not d.test',
      d: 'd.test, not c.test',
    })
    const { of, objects } = await places({ c: 'c.test', d: 'd.test', constructor: 'd.test' })
    expect([of, objects.toSorted()]).toEqual([
      { c: 'c.test', d: 'd.test', constructor: 'd.test' },
      ['c.test', 'd.test', 'paris.test'],
    ])
  })
})
