/**
 * Documents, and the replies of cases and imitation, against Saleor's schema as far as it was
 * written down here by hand (schema.fixture.ts): a slip of ours between the two is found, one of
 * both is not.
 */
import { execute, type GraphQLSchema, parse, validate } from 'graphql'
import { describe, expect, it } from 'vitest'
import { readCases } from '../../src/testing/cases.ts'
import { openHarness, sandboxTransport } from '../../src/testing/harness.ts'
import { sweepAll } from '../../src/testing/sweep.ts'
import * as documents from './documents.ts'
import { saleor } from './index.ts'
import { createSandbox } from './sandbox/index.ts'
import { schema } from './schema.fixture.ts'

interface Exchange {
  readonly query: string
  readonly variables: Record<string, unknown>
  readonly reply: { readonly data?: unknown; readonly errors?: unknown }
}

/**
 * What is wrong with an exchange: the document, its variables, or the data of the reply, which must
 * have what was asked for, of the types of the schema, and nothing else.
 */
const faultsOf = (of: GraphQLSchema, { query, variables, reply }: Exchange): string[] => {
  const document = parse(query)
  const invalid = validate(of, document)
  if (invalid.length > 0) return invalid.map(({ message }) => message)
  // What was thrown at the operation took its data along, which may be null there.
  if (reply.errors !== undefined) return []
  const again = execute({
    schema: of,
    document,
    rootValue: reply.data ?? {},
    variableValues: variables,
  })
  if (again instanceof Promise) return ['a reply is data, and no promise']
  if (again.errors) return again.errors.map(({ message }) => message)
  const [told, asked] = [reply.data, again.data].map((data) => JSON.stringify(data))
  return told === asked ? [] : [`told ${told}, asked for ${asked}`]
}
const faults = (one: Exchange) => faultsOf(schema, one)

it.each(Object.entries(documents))('%s is valid', (_, query) =>
  expect(validate(schema, parse(query)).map(({ message }) => message)).toEqual([]),
)

it('every exchange with the imitation is one of it', async () => {
  const exchanges: Exchange[] = []
  const sandbox = createSandbox()
  const transport = sandboxTransport(sandbox, async (request, pass) => {
    const asked = (await request.clone().json()) as Omit<Exchange, 'reply'>
    const response = await pass()
    exchanges.push({ ...asked, reply: (await response.clone().json()) as Exchange['reply'] })
    return response
  })
  const settings = { ...sandbox.settings, baseUrl: 'https://saleor.example' }
  const { cancel, store } = openHarness(saleor, settings, transport, { callTimeoutMs: 5_000 })
  for (const { id: orderId } of sandbox.examples) await cancel({ orderId, reason: 'Why' })
  await cancel({ orderId: 'nobody' })
  await saleor.find?.(store.client, '1001')
  await sweepAll(store, { since: 0, until: Date.now() + 1_000 })
  expect(exchanges.length).toBeGreaterThan(40)
  expect(exchanges.flatMap(faults)).toEqual([])
})

it('every exchange of the cases is one of it', () => {
  const exchanges = readCases(new URL('.', import.meta.url)).flatMap((one) =>
    one.exchanges
      .filter(({ response }) => typeof response.body !== 'string')
      .map(({ request, response }): Exchange => ({
        ...(request.body as Omit<Exchange, 'reply'>),
        reply: response.body as Exchange['reply'],
      })),
  )
  expect(exchanges.length).toBeGreaterThan(80)
  expect(exchanges.flatMap(faults)).toEqual([])
})

describe('this can fail', () => {
  const query = 'query ($id: ID!) { order(id: $id) { id status userEmail } }'
  const order = { id: 'T3JkZXI6b3Blbg==', status: 'CANCELED', userEmail: null }
  const told = (one: object, variables: Record<string, unknown> = { id: order.id }) =>
    faults({ query, variables, reply: { data: { order: one } } })
  it.each([
    ['a word', { ...order, status: 'NEVER' }],
    ['a member too few', { id: order.id, userEmail: null }],
    ['a member too many', { ...order, number: '1' }],
    ['a null', { ...order, status: null }],
  ])('of %s', (_, one) => {
    expect(told(order)).toEqual([])
    expect(told(one)).toHaveLength(1)
  })
  it('of a variable, and of a field that is not there', () => {
    expect(told(order, {})).toHaveLength(1)
    expect(faults({ query: 'query { nothing }', variables: {}, reply: {} })).toHaveLength(1)
  })
})
