/**
 * Every document of ours is valid in every version's published schema, and so is every reply: those
 * of the cases and those of the imitation.
 */
import { execute, type GraphQLSchema, parse, validate } from 'graphql'
import { describe, expect, it } from 'vitest'
import { readCases } from '../../src/testing/cases.ts'
import { openHarness, sandboxTransport } from '../../src/testing/harness.ts'
import { sweepAll } from '../../src/testing/sweep.ts'
import { VERSIONS } from './access.ts'
import * as documents from './documents.ts'
import { shopify } from './index.ts'
import { createSandbox } from './sandbox/index.ts'
import { missing, schemaOf } from './schemas.fixture.ts'

const NEWEST = '2026-10'
const JOBS = { job: 'gid://shopify/Job/1', result: null }
const RESULTS = { ...JOBS, result: 'gid://shopify/OrderCancelJobResult/1' }

/** Those of every version, and those that 2026-10 has alone. */
const EVERYWHERE = {
  'the order': documents.readOrder(null),
  'the order and a job': documents.readOrder(JOBS),
  'the cancel': documents.CANCEL,
  'the search by name': documents.FIND,
  'the search by change': documents.CHANGES,
}
const NEW = {
  'the order and what became of a job': documents.readOrder(RESULTS),
  'the cancel with what becomes of it': documents.CANCEL_WITH_RESULT,
}

interface Exchange {
  readonly query: string
  readonly variables: Record<string, unknown>
  readonly reply: { readonly data?: Record<string, any>; readonly errors?: unknown }
}

/**
 * What is wrong with an exchange: the document, its variables, or the data of the reply, which must
 * have what was asked for, of the types of the schema, and nothing else.
 */
const faultsOf = (schema: GraphQLSchema, { query, variables, reply }: Exchange): string[] => {
  const document = parse(query)
  const invalid = validate(schema, document)
  if (invalid.length > 0) return invalid.map(({ message }) => message)
  const again = execute({
    schema,
    document,
    rootValue: reply.data ?? {},
    variableValues: variables,
    // The only node that is asked for.
    typeResolver: () => 'OrderCancelJobResult',
  })
  if (again instanceof Promise) return ['a reply is data, and no promise']
  // Without any data the variables were none; with null beside an error a part was withheld.
  const isWithheld = reply.errors !== undefined && again.data !== undefined
  if (!reply.data && isWithheld) return []
  if (again.errors && !isWithheld) return again.errors.map(({ message }) => message)
  return JSON.stringify(again.data) === JSON.stringify(reply.data)
    ? []
    : [`told ${JSON.stringify(reply.data)}, asked for ${JSON.stringify(again.data)}`]
}

if (missing) process.stdout.write(`skipped: ${missing}\n\n`)
describe.skipIf(missing)('the published schemas', () => {
  const faults = (version: string, exchange: Exchange) => faultsOf(schemaOf(version), exchange)

  describe.each(VERSIONS)('%s', (version) => {
    it.each(Object.entries(EVERYWHERE))('has %s', (_, query) =>
      expect(validate(schemaOf(version), parse(query)).map(({ message }) => message)).toEqual([]),
    )
    it.each(Object.entries(NEW))('has %s, from 2026-10 on', (_, query) => {
      const [first] = validate(schemaOf(version), parse(query))
      if (version === NEWEST) expect(first).toBeUndefined()
      else expect(first?.message).toMatch(/"(?:OrderCancelJobResult|jobResult)"/)
    })
    it('has one way to refund at a time, and the codes and reasons that are known here', () => {
      const type = (name: string) => schemaOf(version).getType(name) as any
      expect(type('OrderCancelRefundMethodInput').isOneOf).toBe(true)
      const names = (of: string) =>
        type(of)
          .getValues()
          .map(({ name }: any) => name)
      expect(names('OrderCancelReason').sort()).toEqual([
        'CUSTOMER',
        'DECLINED',
        'FRAUD',
        'INVENTORY',
        'OTHER',
        'STAFF',
      ])
      const codes = shopify.errors.map(({ code }) => code)
      expect(
        names('OrderCancelUserErrorCode').filter((one: string) => !codes.includes(one)),
      ).toEqual([])
    })

    it('every exchange with the imitation is one of it', async () => {
      const exchanges: Exchange[] = []
      const sandbox = createSandbox()
      const transport = sandboxTransport(sandbox, async (request, pass) => {
        const asked = (await request.clone().json()) as Omit<Exchange, 'reply'>
        const response = await pass()
        exchanges.push({ ...asked, reply: (await response.clone().json()) as Exchange['reply'] })
        return response
      })
      const settings = { ...sandbox.settings, apiVersion: version, baseUrl: 'https://x.example' }
      const { cancel, store } = openHarness(shopify, settings, transport)
      for (const { id: orderId } of sandbox.examples) {
        await cancel({ orderId, reason: 'Why', refund: true, restock: true })
      }
      await cancel({ orderId: 'nobody' })
      await shopify.find?.(store.client, '1001')
      await sweepAll(store, { since: 0, until: Date.now() + 1_000 })
      expect(exchanges.length).toBeGreaterThan(35)
      expect(exchanges.flatMap((one) => faults(version, one))).toEqual([])
    })

    it('every exchange of the cases with it is one of it', () => {
      const exchanges = readCases(new URL('.', import.meta.url)).flatMap((one) =>
        one.exchanges
          .filter(({ request }) => request.path === `/admin/api/${version}/graphql.json`)
          .map(({ request, response }): Exchange => ({
            ...(request.body as Omit<Exchange, 'reply'>),
            // A page has no data, as an error has none.
            reply:
              typeof response.body === 'string'
                ? { errors: response.body }
                : (response.body as Exchange['reply']),
          })),
      )
      expect(exchanges.flatMap((one) => faults(version, one))).toEqual([])
    })
  })

  it('this test can fail: of a word, a member too few or too many, a null, a variable', () => {
    const query = 'query ($id: ID!) { order(id: $id) { id displayFulfillmentStatus closed } }'
    const order = { id: 'gid://shopify/Order/1', displayFulfillmentStatus: 'OPEN', closed: true }
    const told = (one: object, variables: object = { id: 'gid://shopify/Order/1' }) =>
      faults(NEWEST, { query, variables: { ...variables }, reply: { data: { order: one } } })
    expect(told(order)).toEqual([])
    expect(told({ ...order, displayFulfillmentStatus: 'NEVER' })).toHaveLength(1)
    expect(told({ id: order.id, closed: true })).toHaveLength(1)
    expect(told({ ...order, name: '#1' })).toHaveLength(1)
    expect(told({ ...order, closed: null })).toHaveLength(1)
    expect(told(order, {})).toHaveLength(1)
    expect(faults(NEWEST, { query: 'query { nothing }', variables: {}, reply: {} })).toHaveLength(1)
  })
})
