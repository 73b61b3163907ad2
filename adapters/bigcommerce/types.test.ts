/**
 * Every request of ours, and every reply of the cases, of the imitation and of the vectors, is what
 * the types say that are generated from BigCommerce's OpenAPI documents. They demand no member and
 * know no errors but a 404, so this finds names and forms that are wrong, and nothing that lacks.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { NoticeFile, openHarness, readCases, sandboxTransport } from '../../src/testing/index.ts'
import { sweepAll } from '../../src/testing/sweep.ts'
import { bigcommerce } from './index.ts'
import { createSandbox } from './sandbox/index.ts'
import { faultsOf, type Member, missing } from './types.fixture.ts'

/** What a live store's reply has and the document has not (sources.ts, RECORDED). */
const BEYOND = [/^Order\.custom_status = /, /^Order\.payment_provider_id = null$/]

interface Exchange {
  readonly method: string
  readonly url: string
  readonly body?: unknown
  readonly status: number
  readonly reply: unknown
}

const membersOf = (of: Member['of'], value: object): Member[] =>
  Object.entries(value).map(([name, one]) => ({ of, name, value: one }))

/**
 * The lines stand in the consignments, whose form with lines in it is newer than these types: they
 * are judged by themselves. The imitation's ids are words, for people.
 */
const ofOrder = (order: Record<string, any>): Member[] => {
  const { consignments, id, ...others } = order
  const isWhole = Array.isArray(consignments?.shipping)
  const lines: object[] = isWhole
    ? consignments.shipping.flatMap((one: { line_items: object[] }) => one.line_items)
    : []
  return [
    ...membersOf('Order', {
      ...others,
      ...(typeof id === 'number' && { id }),
      ...(consignments && !isWhole && typeof id === 'number' && { consignments }),
    }),
    ...lines.flatMap((line) => membersOf('Line', line)),
  ]
}

const NUMBERS = ['status_id', 'min_id', 'limit', 'page']
/** A query is text: the numbers, the list and the direction that the parameter's words name. */
const ofQuery = (of: 'Get' | 'List', query: URLSearchParams): Member[] =>
  [...query].map(([name, text]) => ({
    of,
    name,
    value:
      name === 'include'
        ? text.split(',')
        : name === 'sort'
          ? text.replace(/:asc$/, '')
          : // An id of the imitation is a word.
            NUMBERS.includes(name) && /^\d+$/.test(text)
            ? Number(text)
            : name === 'min_id'
              ? 1
              : text,
  }))

const ofExchange = ({ method, url, body, status, reply }: Exchange): Member[] => {
  const { pathname, searchParams } = new URL(url)
  const isList = pathname.endsWith('/orders')
  const replies = (status === 200 || status === 404) && reply ? [reply].flat() : []
  return [
    ...(method === 'PUT' ? membersOf('Put', body as object) : []),
    ...(method === 'GET' ? ofQuery(isList ? 'List' : 'Get', searchParams) : []),
    ...replies.flatMap((one) =>
      status === 404 ? membersOf('NotFound', one as object) : ofOrder(one as object),
    ),
  ]
}

/** Those of the cases, but for what they say is made up. */
const ofCases = (): Exchange[] =>
  readCases(new URL('.', import.meta.url))
    .filter(({ source }) => !source.includes('made up'))
    .flatMap(({ exchanges }) =>
      exchanges.map(({ request, response }) => ({
        method: request.method,
        url: `https://x.example${request.path}`,
        body: request.body,
        status: response.status,
        reply: response.body,
      })),
    )

const ofSandbox = async (): Promise<Exchange[]> => {
  const exchanges: Exchange[] = []
  const sandbox = createSandbox()
  const transport = sandboxTransport(sandbox, async (request, pass) => {
    const text = await request.clone().text()
    const response = await pass()
    const told = await response.clone().text()
    const { method, url } = request
    const isData = /json/.test(response.headers.get('content-type') ?? '')
    exchanges.push({
      method,
      url,
      body: text === '' ? undefined : JSON.parse(text),
      status: response.status,
      reply: isData ? JSON.parse(told) : null,
    })
    return response
  })
  const settings = { ...sandbox.settings, baseUrl: 'https://x.example' }
  const { cancel, store } = openHarness(bigcommerce, settings, transport)
  for (const { id: orderId } of sandbox.examples.filter(({ id }) => id !== 'busy'))
    await cancel({ orderId, reason: 'Why', refund: true, restock: true })
  for (let one = 0; one < 55; one += 1) await cancel({ orderId: `open-${one}` })
  await cancel({ orderId: 'nobody' })
  await bigcommerce.find?.(store.client, 'paid')
  await sweepAll(store, { since: 0, until: Date.now() + 1_000 })
  return exchanges
}

const ofVectors = (): Member[] => {
  const path = new URL('notices/webhooks.json', import.meta.url)
  const { cases } = NoticeFile.parse(JSON.parse(readFileSync(path, 'utf8')))
  return cases
    .filter(({ verdict }) => verdict.kind === 'accepted' && !verdict.topic?.includes('refund'))
    .flatMap(({ body }) => membersOf('Hook', JSON.parse(body) as object))
}

const beyond = (faults: readonly string[]) =>
  faults.filter((fault) => !BEYOND.some((known) => known.test(fault)))

if (missing) process.stdout.write(`skipped: ${missing}\n\n`)
describe.skipIf(missing)('the types generated from the OpenAPI documents', () => {
  it('have every exchange of the cases', () => {
    const members = ofCases().flatMap(ofExchange)
    expect(new Set(members.map(({ of }) => of))).toEqual(
      new Set(['Get', 'Order', 'Line', 'Put', 'NotFound']),
    )
    const faults = faultsOf(members)
    expect(beyond(faults)).toEqual([])
    // Should the document come to have them, they are no longer beyond it.
    expect(BEYOND.filter((known) => !faults.some((fault) => known.test(fault)))).toEqual([])
  })

  it('have every exchange with the imitation', async () => {
    const exchanges = await ofSandbox()
    expect(exchanges.length).toBeGreaterThan(100)
    const members = exchanges.flatMap(ofExchange)
    expect(members.filter(({ of }) => of === 'List').length).toBeGreaterThan(10)
    expect(beyond(faultsOf(members))).toEqual([])
  })

  it('have every webhook of the vectors', () => expect(faultsOf(ofVectors())).toEqual([]))

  it('this test can fail: of a name, a form, a word, in requests and replies', () => {
    const wrong: Member[] = [
      { of: 'Put', name: 'status', value: 'Cancelled' },
      { of: 'Put', name: 'status_id', value: '5' },
      { of: 'Put', name: 'staff_notes', value: null },
      { of: 'Get', name: 'includes', value: ['consignments'] },
      { of: 'Get', name: 'include', value: ['products'] },
      { of: 'List', name: 'sort', value: 'modified' },
      { of: 'List', name: 'min_modified', value: '2026' },
      { of: 'Order', name: 'items_shipped', value: '0' },
      { of: 'Order', name: 'payment_status', value: 'Captured' },
      { of: 'Order', name: 'staff_note', value: '' },
      { of: 'Order', name: 'billing_address', value: { mail: 'x@example.com' } },
      { of: 'Line', name: 'quantity', value: '2' },
      { of: 'NotFound', name: 'message', value: 404 },
      { of: 'Hook', name: 'data', value: { id: '250' } },
    ]
    expect(faultsOf(wrong)).toHaveLength(wrong.length)
    const right: Member[] = [{ of: 'Put', name: 'status_id', value: 5 }]
    expect(faultsOf(right)).toEqual([])
  })
})
