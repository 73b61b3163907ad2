/**
 * Every request and reply of the cases and of the imitation against Magento's published schema,
 * 2.2.10, whose members no version of the API may miss. Of the 331 members of the order, its items,
 * payment, addresses and comments, and of lists and errors, that of 2.4.9 has the same, of the same
 * types (compared on 2026-12-01; no package of the registry carries that one).
 */
import { describe, expect, it } from 'vitest'
import { readCases } from '../../src/testing/cases.ts'
import { openHarness, sandboxTransport } from '../../src/testing/harness.ts'
import { sweepAll } from '../../src/testing/sweep.ts'
import { adobeCommerce } from './index.ts'
import { createSandbox } from './sandbox/index.ts'
import { missing, readPublished } from './schema.fixture.ts'

type Published = ReturnType<typeof readPublished>

interface Exchange {
  readonly method: string
  readonly url: URL
  readonly sent: unknown
  readonly status: number
  /** Undefined: a page, which is nobody's shape. */
  readonly told: unknown
}

/** The imitation's orders have words for ids, so that people can tell them apart. */
const withNumbers = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value).replaceAll(/"(entity_id|parent_id)":"[a-z][a-z-]*"/g, '"$1":1'))

/** Published for the first filter of the first group; the pages have them in either spelling. */
const publishedName = (name: string): string =>
  name.replaceAll(/\[\d+\]/g, '[0]').replaceAll(/_([a-z])/g, (_, letter) => letter.toUpperCase())

/** `fields` is told of every address (use-rest/retrieve-filtered-responses). */
const namesOf = (operation: { readonly parameters?: readonly { readonly name: string }[] }) => [
  'fields',
  ...(operation.parameters ?? []).map(({ name }) => name),
]

const faultsIn = ({ operation: of, faultsOf }: Published, exchange: Exchange): string[] => {
  const { method, url, sent, status, told } = exchange
  const path = url.pathname
    .replace(/^\/rest(?:\/[a-z]+)?\/V1/, '/V1')
    .replace(/^(\/V1\/orders\/)[\w-]+/, '$1{id}')
  const operation = of(method, path)
  const [reply, refusal] = [operation?.responses['200'], operation?.responses['default']]
  if (!operation || !reply || !refusal) return [`${method} ${path} is published nowhere`]
  const unknown = [...url.searchParams.keys()].filter(
    (name) => !namesOf(operation).includes(publishedName(name)),
  )
  const body = operation.requestBody
    ? faultsOf(operation.requestBody, withNumbers(sent))
    : sent === null
      ? []
      : [`${method} ${path} takes no body`]
  // What `fields` does not name is taken away, also what is demanded.
  const isPart = url.searchParams.has('fields')
  const answer = (
    told === undefined ? [] : faultsOf(status === 200 ? reply : refusal, withNumbers(told))
  )
    .filter((fault) => !isPart || !fault.includes('must have required property'))
    // Published as a list of objects; a list of texts and an object are what the pages and the
    // source have.
    .filter((fault) => !fault.startsWith('/parameters'))
  return [...unknown, ...body, ...answer]
}

/** Cases whose reply is meant to be another than the published one. */
const OTHER = ['order-without-its-items']
const cases = readCases(new URL('.', import.meta.url))

if (missing) process.stdout.write(`skipped: ${missing}\n\n`)
describe.skipIf(missing)('the published schema', () => {
  const published = missing ? null : readPublished()
  const faults = (exchange: Exchange) => faultsIn(published as Published, exchange)

  it('is the one that is meant', () =>
    expect(published?.info).toMatchObject({ title: 'Magento B2B', version: '2.2.10' }))

  it.each(cases.map((one) => [one.name, one] as const))(
    'has the exchanges of %s',
    (name, { exchanges }) => {
      const found = exchanges.flatMap(({ request, response }) =>
        faults({
          method: request.method,
          url: new URL(request.path, 'https://shop.example.com'),
          sent: request.body ?? null,
          status: response.status,
          told: typeof response.body === 'string' ? undefined : response.body,
        }),
      )
      if (OTHER.includes(name)) expect(found).not.toEqual([])
      else expect(found).toEqual([])
    },
  )

  it('has all that goes in and out of the imitation', async () => {
    const sandbox = createSandbox()
    const exchanges: Exchange[] = []
    const transport = sandboxTransport(sandbox, async (request, pass) => {
      const text = await request.clone().text()
      const reply = await pass()
      const told = (await reply.clone().json()) as unknown
      const sent: unknown = text === '' ? null : JSON.parse(text)
      const { method, url } = request
      exchanges.push({ method, url: new URL(url), sent, status: reply.status, told })
      return reply
    })
    const settings = { ...sandbox.settings, baseUrl: 'https://shop.example.com' }
    const { cancel, store } = openHarness(adobeCommerce, settings, transport)
    for (const { id } of [...sandbox.examples, { id: 'nobody' }])
      await cancel({ orderId: id, reason: 'Test', notify: true, message: 'Sorry.' })
    await adobeCommerce.find?.(store.client, '000000001')
    await sweepAll(store, { since: 0, until: Date.now() + 1_000 })
    const calls = exchanges.map(({ method, url }) => `${method} ${url.pathname.split('/')[5]}`)
    expect(new Set(calls)).toEqual(new Set(['GET undefined', 'POST cancel', 'POST comments']))
    expect(exchanges.length).toBeGreaterThan(45)
    expect(exchanges.flatMap(faults)).toEqual([])
  })

  it.each([
    ['a member that is not there', { sku: 'X', color: 'red' }],
    ['a member of another type', { sku: 'X', qty_ordered: '1' }],
    ['none that is demanded', { name: 'X' }],
  ])('finds %s', (_, item) => {
    const order = cases.find(({ name }) => name === 'already-canceled')?.exchanges[0]
    const url = new URL('https://shop.example.com/rest/V1/orders/4711')
    const exchange = (told: object) => ({ method: 'GET', url, sent: null, status: 200, told })
    const body = order?.response.body as object
    expect(faults(exchange(body))).toEqual([])
    expect(faults(exchange({ ...body, items: [item] }))).toHaveLength(1)
  })

  it.each([
    ['an address', '/rest/V1/orders/1/undo', 'published nowhere'],
    ['a parameter', '/rest/V1/orders?searchCriteria[filters][0][field]=state', 'searchCriteria'],
  ])('finds %s that is not there', (_, path, fault) => {
    const url = new URL(path, 'https://shop.example.com')
    const [first] = faults({ method: 'GET', url, sent: null, status: 200, told: undefined })
    expect(first).toContain(fault)
  })
})
