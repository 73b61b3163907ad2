/**
 * The document says everything of everything, and what it shows as an example is true: every line
 * for a shell and every call of the client is run against a gateway.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createClient } from '../../src/client/index.ts'
import { SCOPES, scopesFor } from '../../src/gateway/service.ts'
import { type Started, start } from '../../src/hosts/node/index.ts'
import {
  BATCH,
  CANCELLATION,
  CLIENT,
  CURL,
  EXAMPLES,
  QUERIES,
} from '../../src/http/reference/examples.ts'
import { FIELDS, OPERATIONS } from '../../src/http/reference/fields.ts'
import { scratch } from '../scratch.ts'
import { complaints, document, faultsOf } from './conformance.ts'
import { ROUTES } from './contract/access.ts'
import { configOf } from './host.ts'
import { serve, type Served } from './node.ts'
import { openPlatform, type Platform } from './platform.ts'

type Node = Record<string, any>

interface Call {
  readonly id: string
  readonly method: string
  readonly path: string
  readonly operation: Node
}
const calls: readonly Call[] = Object.entries<Node>(document['paths']).flatMap(([path, methods]) =>
  Object.entries<Node>(methods).map(([method, operation]) => ({
    id: operation['operationId'],
    method,
    path,
    operation,
  })),
)
const sampleOf = ({ operation }: Call, label: string): string | undefined =>
  operation['x-codeSamples'].find((one: Node) => one['label'] === label)?.source

/** Every field of a shape, with its place. */
const fieldsOf = (node: unknown, place: string): (readonly [string, Node])[] => {
  if (node === null || typeof node !== 'object') return []
  const { example: _, ...rest } = node as Node
  const own = Object.entries<Node>(Array.isArray(node) ? {} : (rest['properties'] ?? {}))
  return [
    ...own.map(([name, field]) => [`${place}.${name}`, field] as const),
    ...Object.entries(rest).flatMap(([name, part]) => fieldsOf(part, `${place}/${name}`)),
  ]
}

describe('the document', () => {
  it('says what every field, parameter, answer and operation is', () => {
    const silent = [
      ...fieldsOf(document['components'].schemas, ''),
      ...calls.flatMap(({ id, operation }) => [
        [id, operation] as const,
        ...(operation['parameters'] ?? []).map((one: Node) => [`${id}.${one['name']}`, one]),
        ...Object.entries<Node>(operation['responses']).map(
          ([status, answer]) => [`${id} ${status}`, answer] as const,
        ),
        ...fieldsOf(operation['responses'], id),
        ...fieldsOf(operation['requestBody'], id),
      ]),
    ].filter(([, { description }]) => !/\w/.test(description ?? ''))
    expect(silent.map(([place]) => place)).toEqual([])
  })

  it('has an example of every body, every JSON answer, and what must be in an address', () => {
    for (const { id, operation } of calls) {
      const { requestBody, responses, parameters = [] } = operation
      for (const { content = {} } of [requestBody ?? {}, ...Object.values<Node>(responses)])
        for (const [type, { schema, example }] of Object.entries<Node>(content))
          if (type === 'application/json')
            expect(faultsOf(schema, example), `${id} ${type}`).toEqual([])
      for (const { name, required, schema, example } of parameters)
        if (required || example !== undefined)
          expect(faultsOf(schema, example), `${id} ${name}`).toEqual([])
      expect(sampleOf({ operation } as Call, 'curl'), id).toMatch(/^curl /)
    }
    const withoutClient = calls.filter((one) => sampleOf(one, 'rescind/client') === undefined)
    expect(withoutClient.filter(({ path }) => path.startsWith('/v1/'))).toEqual([])
  })

  it('says which scope a key must have', () => {
    for (const { of, scope } of ROUTES) {
      const call = calls.find(({ method, path }) => of === `${method} ${path}`)
      expect([of, call?.operation['x-scopes']]).toEqual([of, scope ? scopesFor(scope) : undefined])
    }
  })

  it('has no words and no examples for what is not there', () => {
    const ids = new Set(calls.map(({ id }) => id))
    for (const of of [OPERATIONS, QUERIES, CURL, CLIENT])
      expect(Object.keys(of).filter((id) => !ids.has(id))).toEqual([])
    const names = new Set([
      ...ids,
      ...Object.keys(document['components'].schemas),
      ...[
        ...fieldsOf(document['components'].schemas, ''),
        ...calls.flatMap(({ operation }) => [
          ...fieldsOf(operation['responses'], ''),
          ...(operation['parameters'] ?? []).map((one: Node) => [`.${one['name']}`]),
        ]),
      ].map(([place]) => String(place).split('.').at(-1) as string),
    ])
    for (const of of [FIELDS, EXAMPLES])
      expect(Object.keys(of).filter((key) => !names.has(key.split('.').at(-1) as string))).toEqual(
        [],
      )
  })
})

const KEY = 'rsk_reference'
/** Of a caller whose orders another must approve. */
const CLERK = 'rsk_clerk'
const SECRET = `whsec_${btoa('a secret of thirty-two bytes here')}`
const TOKEN = 'a-token-that-stands-in-the-address-of-the-hook'
/** What only a gateway with a configuration has, or a store that can be away. */
const CONFIGURED = /Webhook|Notice|^(?:withdraw|approve|decline|(?:pause|resume|stop)Batch)$/
const run = promisify(execFile)

/** The same wherever and whenever it was asked. */
const timeless = (text: string) =>
  JSON.parse(
    text
      .replaceAll(/"\d{4}-\d\d-\d\dT[^"]+Z"/g, '"2026-11-21T12:00:00.000Z"')
      .replaceAll(/can_\w+/g, CANCELLATION)
      .replaceAll(/"ms":\d+/g, '"ms":412'),
  ) as unknown

it('what its examples tell of an order is what the sandbox tells', async () => {
  const gateway = await start(
    { PORT: '0', LOG_LEVEL: 'silent', RESCIND_LEDGER: 'memory:' },
    { sandbox: true },
  )
  try {
    const ask = async (path: string, body?: unknown) =>
      timeless(
        await (
          await fetch(gateway.url + path, {
            ...(body !== undefined && {
              method: 'POST',
              headers: { 'content-type': 'application/json' },
              body: JSON.stringify(body),
            }),
          })
        ).text(),
      )
    const example = (path: string, method: string, status: string) =>
      document['paths'][path][method].responses[status].content['application/json'].example
    const one = '/v1/stores/{store}/orders/{orderId}'
    const request = document['paths']['/v1/cancellations'].post.requestBody
    const body = request.content['application/json'].example
    expect(example(one, 'get', '200')).toEqual(
      await ask('/v1/stores/sandbox-medusa/orders/order_open'),
    )
    expect(example('/v1/cancellations/preview', 'post', '200')).toEqual(
      await ask('/v1/cancellations/preview', body),
    )
    expect(example('/v1/cancellations', 'post', '201')).toEqual(
      await ask('/v1/cancellations', body),
    )
    const { capabilities, pace, settleMs } = (await ask('/v1/platforms/medusa')) as Node
    const shown = example('/v1/platforms/{platform}', 'get', '200')
    expect([shown.pace.perSecond, shown.pace.burst, shown.settleMs]).toEqual([
      pace.perSecond,
      pace.burst,
      settleMs,
    ])
    for (const [name, { can }] of Object.entries<Node>(capabilities))
      expect([name, shown.capabilities[name].can]).toEqual([name, can])
  } finally {
    await gateway.close()
  }
})

describe('its examples', () => {
  let folder: string
  let sandbox: Started
  let configured: Started
  let platform: Platform
  const served: Served[] = []
  beforeAll(async () => {
    folder = mkdtempSync(join(scratch, 'rescind-reference-'))
    platform = openPlatform()
    served.push(await serve(platform), await serve({ fetch: () => new Response(null) }))
    const [shop, receiver] = served.map(({ url }) => url) as [string, string]
    const config = await configOf(
      {
        callers: [
          { name: 'erp', key: KEY, scopes: SCOPES, stores: ['*'] },
          {
            name: 'clerk',
            key: CLERK,
            scopes: ['read', 'cancel'],
            stores: ['*'],
            approval: 'required',
          },
        ],
        stores: ['sandbox-medusa'],
        settings: { webhookSecret: SECRET, webhookToken: TOKEN },
      },
      () => shop,
    )
    const webhooks = [
      { name: 'orders', url: receiver, secret: SECRET, events: ['*'], allowPrivate: true },
    ]
    const file = join(folder, 'config.json')
    const callers = config.callers.map((caller) => ({ ...caller, webhooks }))
    writeFileSync(file, JSON.stringify({ ...config, callers }))
    const environment = { PORT: '0', LOG_LEVEL: 'silent', RESCIND_LEDGER: 'memory:' }
    ;[sandbox, configured] = await Promise.all([
      start(environment, { sandbox: true }),
      start({ ...environment, RESCIND_CONFIG: file }),
    ])
  }, 30_000)
  afterAll(async () => {
    await Promise.all([sandbox?.close(), configured?.close()])
    await Promise.all(served.map(({ close }) => close()))
    rmSync(folder, { recursive: true, force: true })
  })

  const gatewayOf = ({ id }: Call) => (CONFIGURED.test(id) ? configured : sandbox)
  const clientFor = (call: Call, key = KEY) => createClient({ baseUrl: gatewayOf(call).url, key })
  let turn = 0
  const failed = (error: { record: { id: string } | null }) => error.record?.id ?? ''

  /** What must be there before it is asked for; the id that stands for the example's. */
  const prepare: Record<string, (call: Call) => Promise<unknown>> = {
    withdraw: async (call) => {
      platform.mood = 'away'
      const orderId = `order_paid-away-${turn++}`
      return clientFor(call).cancel({ orderId }, { waitMs: 0 }).catch(failed)
    },
    resolve: async (call) =>
      clientFor(call)
        .cancel({ store: 'sandbox-medusa', orderId: `order_400-after-refund-${turn++}` })
        .catch(failed),
    approve: async (call) => askAsClerk(call),
    decline: async (call) => askAsClerk(call),
    getLink: async (call) => void (await put(call)),
    deleteLink: async (call) => void (await put(call)),
  }
  const askAsClerk = async (call: Call) =>
    clientFor(call, CLERK)
      .cancel({ orderId: `order_paid-asked-${turn++}` })
      .catch(failed)
  const put = async (call: Call) =>
    clientFor(call).links.put('SO-4711', EXAMPLES['LinkRequest'] as never)

  const idFor = async (call: Call): Promise<string> => {
    const made = await prepare[call.id]?.(call)
    if (typeof made === 'string') return made
    const client = clientFor(call)
    // What is paused must not be over.
    if (gatewayOf(call) === configured) platform.mood = 'away'
    if (call.path.startsWith('/v1/batches/'))
      return (
        await client.batches.create([
          { store: 'sandbox-medusa', orderId: `order_paid-${turn++}` },
          { store: 'sandbox-medusa', orderId: 'order_shipped' },
        ])
      ).id
    return call.path.startsWith('/v1/cancellations/{id}')
      ? (await client.cancel({ store: 'sandbox-medusa', orderId: 'order_paid-read' })).id
      : ''
  }
  /** With what is there in the place of what stands for it. */
  const trueOf = (source: string, id: string) =>
    source.replaceAll(CANCELLATION, id).replaceAll(BATCH, id).replaceAll('YOUR-TOKEN', TOKEN)

  it.each(calls.map((call) => [call.id, call] as const))(
    '%s: the line for a shell gets what the document says',
    async (id, call) => {
      const source = trueOf(sampleOf(call, 'curl') as string, await idFor(call))
      const body = /-d '([^]*)'$/.exec(source)?.[1] ?? ''
      const at = new Date()
      const out = join(folder, `${id}.txt`)
      const { stdout } = await run(
        'sh',
        ['-c', source.replace('curl', `curl -sS -o '${out}' -w '%{http_code} %{content_type}'`)],
        {
          env: {
            PATH: process.env['PATH'],
            RESCIND_URL: gatewayOf(call).url,
            RESCIND_KEY: KEY,
            ID: 'msg_1',
            TIMESTAMP: String(Math.floor(at.getTime() / 1000)),
            SIGNATURE: new Webhook(SECRET).sign('msg_1', at, body),
          },
        },
      )
      platform.mood = 'well'
      const [status = '', ...type] = stdout.split(' ')
      const text = status === '204' ? '' : readFileSync(out, 'utf8')
      expect([status, text.slice(0, 300)]).toEqual([expect.stringMatching(/^2/), expect.anything()])
      expect(Object.keys(call.operation['responses'])).toContain(status)
      expect(
        complaints(call.method.toUpperCase(), call.path, Number(status), type.join(' '), text),
      ).toEqual([])
    },
  )

  const Async = Object.getPrototypeOf(async () => {}).constructor as new (
    ...parts: string[]
  ) => (client: unknown, console: unknown) => Promise<void>

  it.each(
    calls.flatMap((call) => {
      const source = sampleOf(call, 'rescind/client')
      return source === undefined ? [] : [[call.id, call, source] as const]
    }),
  )('%s: the call of the client gets through', async (_, call, source) => {
    const code = trueOf(source, await idFor(call))
    const program = new Async('rescind', 'console', `'use strict'; ${code}`)
    await program(clientFor(call), { log: () => {} }).finally(() => {
      platform.mood = 'well'
    })
  })
})
