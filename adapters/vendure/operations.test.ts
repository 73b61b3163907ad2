/** Operations, recordings and the imitation's replies fit the server's own schema. */
import { readdirSync, readFileSync } from 'node:fs'
import { buildSchema, execute, parse, validate } from 'graphql'
import { expect, it } from 'vitest'
import { openHarness, sandboxTransport } from '../../src/testing/harness.ts'
import { sweepAll } from '../../src/testing/sweep.ts'
import { vendure } from './index.ts'
import * as queries from './queries.ts'
import { createSandbox } from './sandbox/index.ts'

const folder = new URL('recordings/', import.meta.url)
const read = (name: string) => readFileSync(new URL(name, folder), 'utf8')
const schema = buildSchema(read('schema.graphql'))

it.each(Object.entries(queries))('%s is valid', (_, text) => {
  expect(validate(schema, parse(text)).map(String)).toEqual([])
})

it('the schema refuses what is not there', () => {
  const asked = parse(queries.CHANGED.replace('updatedAt', 'canceledAt'))
  expect(validate(schema, asked)).toHaveLength(1)
})

/** A reply’s data is what the schema makes of it: nothing is missing, and nothing beyond it. */
const fits = async (query: string, variables: Record<string, unknown>, data: unknown) => {
  const told = await execute({
    schema,
    document: parse(query),
    variableValues: variables,
    rootValue: data,
    // Under an alias, as in the reply.
    fieldResolver: (source, _, __, { path, fieldName }) => source[path.key] ?? source[fieldName],
  })
  expect(told.errors ?? []).toEqual([])
  expect(JSON.parse(JSON.stringify(told.data))).toEqual(data)
}

/** What others ask: the buyer, and a person who wants to know the order process. */
const OTHERS = ['reason-is-public.json', 'settings.json']
const recordings = readdirSync(folder).filter(
  (name) => name.endsWith('.json') && !OTHERS.includes(name),
)

it.each(recordings)('what was recorded: %s', async (name) => {
  for (const { request, response } of JSON.parse(read(name)).exchanges) {
    const { query, variables } = request.body
    expect(Object.values(queries)).toContain(query)
    if (response?.body.data) await fits(query, variables, response.body.data)
  }
})

it('a reply with more, less or something else does not fit', async () => {
  const data = { orders: { totalItems: 1, items: [{ id: '7', state: 'Draft', updatedAt: 'now' }] } }
  await fits(queries.CHANGED, { options: {} }, data)
  for (const change of [{ more: 1 }, { state: null }, { state: undefined }]) {
    const items = [{ ...data.orders.items[0], ...change }]
    const other = { orders: { ...data.orders, items } }
    await expect(fits(queries.CHANGED, { options: {} }, other)).rejects.toThrow()
  }
})

it('what the imitation answers, of every example', async () => {
  const sandbox = createSandbox()
  const replies: Promise<void>[] = []
  const { cancel, store } = openHarness(
    vendure,
    { ...sandbox.settings, baseUrl: 'https://vendure.example', fulfilled: 'accept' },
    sandboxTransport(sandbox, async (request, pass) => {
      const { query, variables } = (await request.clone().json()) as {
        query: string
        variables: Record<string, unknown>
      }
      const reply = await pass()
      const { data } = (await reply.clone().json()) as { data: unknown }
      if (data) replies.push(fits(query, variables, data))
      return reply
    }),
    { callTimeoutMs: 5_000 },
  )
  for (const { id } of sandbox.examples) await cancel({ orderId: id, reason: 'Tried' })
  await sweepAll(store, { since: 0, until: Date.now() })
  await vendure.find?.(store.client, 'SANDBOX000000001')
  expect(replies.length).toBeGreaterThan(40)
  await Promise.all(replies)
})
