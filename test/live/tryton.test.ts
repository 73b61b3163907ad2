/** The Tryton adapter on a real Tryton 6.0, through the gateway's HTTP API. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tryton } from '../../adapters/tryton/index.ts'
import { fetchTransport } from '../../src/connection/transport.ts'
import { openHarness } from '../../src/testing/harness.ts'
import { sweepAll } from '../../src/testing/sweep.ts'
import { openGateway } from './gateway.ts'
import { type SaleState, skipped, startTryton, type TrytonLab } from './lab/tryton.ts'

if (skipped !== null) process.stdout.write(`skipped: Tryton: ${skipped}\n`)

let lab: TrytonLab
let gateway: Awaited<ReturnType<typeof openGateway>>
const proved: string[] = []

interface Call {
  readonly method: string
  readonly params: readonly any[]
}
/** What comes between the gateway's cancels and the server; false: its reply gets lost. */
let between: (call: Call) => Promise<boolean> = async () => true
/** The session that the gateway's calls came with last. */
let session = ''
let goBetween: Server

/** Hands everything on to the server, and lets a test come between. */
const openGoBetween = async (to: string): Promise<string> => {
  goBetween = createServer((request, response) => {
    void (async () => {
      const pieces: Buffer[] = []
      for await (const piece of request) pieces.push(piece as Buffer)
      const body = Buffer.concat(pieces).toString()
      session = request.headers.authorization ?? session
      const call = JSON.parse(body) as Call
      const answers = !call.method.endsWith('sale.cancel') || (await between(call))
      const reply = await fetch(to + (request.url ?? ''), {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(request.headers.authorization && { authorization: request.headers.authorization }),
        },
        body,
      })
      const text = await reply.text()
      if (!answers) return response.destroy()
      return response.writeHead(reply.status, { 'content-type': 'application/json' }).end(text)
    })().catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => {
    goBetween.listen(0, '127.0.0.1', resolve)
  })
  return `http://127.0.0.1:${(goBetween.address() as AddressInfo).port}`
}

beforeAll(async () => {
  if (skipped !== null) return
  lab = await startTryton()
  const { database, clerk } = lab
  const store = (id: string, more: object) => ({
    id,
    platform: 'tryton',
    test: true,
    settings: { baseUrl: lab.url, database, ...clerk, ...more },
  })
  gateway = await openGateway({
    stores: [
      store('erp', {}),
      store('between', { baseUrl: await openGoBetween(lab.url), company: 1 }),
      store('wrong', { password: 'not-the-password' }),
    ],
    timing: { settleMs: 2_000 },
  })
})
afterAll(async () => {
  await gateway?.close()
  goBetween?.closeAllConnections()
  goBetween?.close()
  await lab?.stop()
  if (proved.length > 0)
    process.stdout.write(
      `\nProved on a real Tryton:\n${proved.map((line) => `  ${line}\n`).join('')}`,
    )
})

const cancel = (store: string, id: number, more: object = {}) =>
  gateway.cancel({ store, orderId: String(id), reason: 'Ordered twice', ...more })

/** The time of change is told by the second: writes until it is another one. */
const change = async (id: number): Promise<void> => {
  const { _timestamp: was } = await lab.read(id)
  for (const end = Date.now() + 10_000; (await lab.read(id))['_timestamp'] === was;) {
    if (Date.now() > end) throw new Error('the time of change stands still')
    await lab.admin.call('model.sale.sale.write', [id], { description: 'changed meanwhile' })
  }
}

describe.skipIf(skipped !== null)('every state of a sale', () => {
  it.each<[SaleState, string, string | undefined]>([
    ['draft', 'succeeded', undefined],
    ['quotation', 'succeeded', undefined],
    ['processing', 'rejected', 'refused'],
    ['shipped', 'rejected', 'fulfilled'],
    ['cancelled', 'succeeded', undefined],
  ])('%s: %s, and the preview said so', async (state, status, cause) => {
    const id = await lab.sale(state, `STATE-${state}`)
    const was = await lab.read(id)
    const request = { store: 'erp', orderId: String(id), reason: 'Ordered twice' }
    const preview = (await gateway.ask('POST', '/v1/cancellations/preview', request)).body
    const answer = await cancel('erp', id)
    const record =
      answer.status < 300
        ? answer.body
        : (await gateway.ask('GET', answer.headers.get('location') ?? '')).body
    expect({ status: record.status, cause: record.problem?.cause }).toEqual({ status, cause })
    const canceled = status === 'succeeded' && state !== 'cancelled'
    expect([preview.cancelable, preview.alreadyCanceled]).toEqual([canceled, state === 'cancelled'])
    const now = await lab.read(id)
    if (canceled) expect({ ...was, ...now, state: 'cancelled' }).toEqual(now)
    else expect(now).toEqual(was)
    expect(record.attempts).toHaveLength(canceled ? 1 : 0)
    expect(await lab.notes(id)).toEqual(canceled ? ['Ordered twice'] : [])
    expect(record.effects.reason.outcome).toBe(canceled ? 'applied' : 'skipped')
    proved.push(
      `${state.padEnd(12)} ${status.padEnd(10)} ` +
        `${cause ?? (canceled ? 'canceled, with a note' : 'canceled already')}`,
    )
  })

  it('control: the server itself answers a cancel of a confirmed sale as one that worked', async () => {
    const id = await lab.sale('processing', 'CONTROL')
    expect(await lab.admin.call('model.sale.sale.cancel', [id])).toBe(null)
    expect((await lab.read(id))['state']).toBe('processing')
    proved.push(
      'control: a direct cancel of a confirmed sale answers 200 and null, and does nothing',
    )
  })
})

describe.skipIf(skipped !== null)('twice, and at once', () => {
  it('a second cancel changes nothing, not even the time of change', async () => {
    const id = await lab.sale('draft', 'TWICE')
    await cancel('erp', id)
    const was = await lab.read(id)
    expect(was['state']).toBe('cancelled')
    await change(await lab.sale('draft', 'CLOCK')) // a second has gone by
    expect(await lab.admin.call('model.sale.sale.cancel', [id])).toBe(null)
    const again = await cancel('erp', id, { notify: true })
    expect(again.body).toMatchObject({ status: 'succeeded', alreadyCanceled: true, attempts: [] })
    expect(await lab.read(id)).toEqual(was)
    expect(await lab.notes(id)).toHaveLength(1)
    proved.push('a second cancel: 200, the sale and its notes as they were')
  })

  it('twenty requests: one cancellation, one call, one note', async () => {
    const id = await lab.sale('quotation', 'TWENTY')
    let calls = 0
    between = async () => {
      calls += 1
      return true
    }
    const answers = await Promise.all(Array.from({ length: 20 }, () => cancel('between', id)))
    expect(new Set(answers.map(({ body }) => `${body.id} ${body.status}`)).size).toBe(1)
    expect(calls).toBe(1)
    expect((await lab.read(id))['state']).toBe('cancelled')
    expect(await lab.notes(id)).toHaveLength(1)
    proved.push('twenty requests at once: one cancellation, one call, one note')
  })
})

describe.skipIf(skipped !== null)('somebody else in between', () => {
  it('changes the sale: turned away, looked at, sent again with the new time', async () => {
    const id = await lab.sale('draft', 'CHANGED')
    const sent: unknown[] = []
    between = async ({ params }) => {
      sent.push(params[1]._timestamp[`sale.sale,${id}`])
      if (sent.length === 1) await change(id)
      return true
    }
    const { body } = await cancel('between', id)
    const record = await gateway.until(body.id, 60_000)
    expect(record).toMatchObject({ status: 'succeeded', alreadyCanceled: false })
    expect(record.attempts.map(({ result }: any) => result)).toEqual([
      '200 ConcurrencyException',
      '200',
    ])
    expect(new Set(sent).size).toBe(2)
    expect(await lab.read(id)).toMatchObject({
      state: 'cancelled',
      description: 'changed meanwhile',
    })
    expect(await lab.notes(id)).toEqual(['Ordered twice'])
    proved.push('changed between look and cancel: ConcurrencyException, then canceled once')
  })

  it('confirms the sale: 200 and nothing done, so it is refused', async () => {
    const id = await lab.sale('quotation', 'CONFIRMED')
    between = async () => {
      await lab.admin.call('model.sale.sale.confirm', [id])
      return true
    }
    const { body } = await cancel('between', id)
    const record = await gateway.until(body.id ?? body.cancellation.split('/').at(-1), 60_000)
    expect(record).toMatchObject({
      status: 'rejected',
      problem: { cause: 'refused', acted: 'no' },
      order: { native: { status: 'processing' } },
    })
    expect(record.attempts).toHaveLength(1)
    expect((await lab.read(id))['state']).toBe('processing')
    expect(await lab.notes(id)).toEqual([])
    proved.push('confirmed between look and cancel: 200 and null, looked at, refused')
  })
})

describe.skipIf(skipped !== null)('a sweep', () => {
  it('lists more than a page of one time, each once, and what was opened again not', async () => {
    const since = Date.now() - 1_000
    const ids = await lab.sales(105, 'SWEPT')
    await lab.admin.call('model.sale.sale.cancel', ids)
    const [opened] = ids
    await lab.admin.call('model.sale.sale.draft', [opened])
    const settings = { baseUrl: lab.url, database: lab.database, ...lab.clerk }
    const { store } = openHarness(tryton, settings, fetchTransport(fetch), {
      callTimeoutMs: 30_000,
    })
    const began = performance.now()
    const swept = await sweepAll(store, { since, until: Date.now() })
    const took = Math.round(performance.now() - began)
    const found = swept.canceled.map(Number).filter((id) => ids.includes(id))
    expect(found).toEqual(ids.filter((id) => id !== opened).toSorted((a, b) => a - b))
    expect(swept.pages.length).toBeGreaterThan(1)
    expect(new Set(swept.orders.map(({ changedAt }) => changedAt)).size).toBeLessThan(105)
    proved.push(`a sweep of ${found.length} sales canceled at once: each once, in ${took} ms`)
  })
})

describe.skipIf(skipped !== null)('doubt, logins, numbers', () => {
  it('a reply that is lost: canceled once, found by a look, noted once', async () => {
    const id = await lab.sale('draft', 'LOST')
    between = async () => false
    const { body } = await cancel('between', id)
    const record = await gateway.until(body.id, 60_000)
    expect(record).toMatchObject({ status: 'succeeded', via: 'reconciled', alreadyCanceled: false })
    expect(record.attempts).toHaveLength(1)
    expect(await lab.notes(id)).toEqual(['Ordered twice'])
    proved.push('a lost reply: reconciled by a look, one call, one note')
  })

  it('a session that is over is opened again', async () => {
    between = async () => true
    const id = await lab.sale('draft', 'SESSION')
    await gateway.ask('GET', `/v1/stores/between/orders/${id}`)
    const { status } = await fetch(`${lab.url}/${lab.database}/`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: session },
      body: JSON.stringify({ id: 1, method: 'common.db.logout', params: [] }),
    })
    expect(status).toBe(200)
    const over = session
    expect((await cancel('between', id)).body).toMatchObject({ status: 'succeeded' })
    expect(session).not.toBe(over)
    proved.push('a session that is over: opened again, and the sale canceled')
  })

  it('a wrong password is told as such, and nothing is done', async () => {
    const id = await lab.sale('draft', 'PASSWORD')
    expect((await cancel('wrong', id)).body).toMatchObject({
      code: 'platform-credentials',
      retryable: true,
    })
    expect((await lab.read(id))['state']).toBe('draft')
  })

  it('ids that are none and sales that share a reference', async () => {
    expect((await cancel('erp', 999_999)).body.code).toBe('order-not-found')
    for (const [orderId, code] of [
      ['SHARED', 'invalid-request'],
      ['nobody', 'order-not-found'],
    ])
      expect((await gateway.cancel({ store: 'erp', orderId })).body.code).toBe(code)
    const ids = [await lab.sale('draft', 'SHARED'), await lab.sale('quotation', 'SHARED')]
    const found = (await gateway.ask('GET', '/v1/stores/erp/orders?number=SHARED')).body.data
    expect(found.map(({ id }: any) => Number(id)).sort()).toEqual(ids.sort())
    const { number } = await lab.read(ids[1] ?? 0)
    const one = (await gateway.ask('GET', `/v1/stores/erp/orders?number=${number}`)).body.data
    expect(one.map(({ id }: any) => Number(id))).toEqual([ids[1]])
    proved.push('two sales of one reference are both found, one by its number')
  })
})
