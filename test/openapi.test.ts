/**
 * The published OpenAPI document is what the routes say, all of it, and says null where null is
 * sent.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createGateway } from '../src/gateway/gateway.ts'
import { timing } from '../src/gateway/workflow/timing.ts'
import { createApp } from '../src/http/app.ts'
import { SHEET } from '../src/http/reference/page.ts'
import { openMemoryLedger } from '../src/ledger/memory/memory.ts'
import { documentText } from '../scripts/openapi.ts'
import { isValidBody } from './http/conformance.ts'

const text = readFileSync(new URL('../openapi/openapi.json', import.meta.url), 'utf8')
const document = JSON.parse(text) as Record<string, any>

/** Every object of the document with its place. */
const nodes = (node: unknown, place = ''): (readonly [string, Record<string, any>])[] =>
  node === null || typeof node !== 'object'
    ? []
    : [
        ...(Array.isArray(node) ? [] : [[place, node as Record<string, any>] as const]),
        ...Object.entries(node).flatMap(([name, part]) => nodes(part, `${place}/${name}`)),
      ]

describe('openapi/openapi.json', () => {
  it('is what npm run openapi prints', () =>
    expect(text, 'stale: npm run openapi').toBe(documentText()))

  it('has every route, and no other', () => {
    const gateway = createGateway({
      ledger: openMemoryLedger(),
      stores: new Map(),
      timing: timing(),
    })
    const { routes } = createApp({ gateway, ready: async () => {}, callers: null, adapters: [] })
    const served = routes
      .filter(({ method, path }) => method !== 'ALL' && path !== '/' && path !== SHEET)
      .map(({ method, path }) => `${method.toLowerCase()} ${path.replaceAll(/:(\w+)/g, '{$1}')}`)
    const described = Object.entries<any>(document['paths']).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    )
    expect(described.sort()).toEqual([...new Set(served)].sort())
  })

  it('every operation has a name of its own, a summary, a tag, and problems', () => {
    const operations = Object.values<any>(document['paths']).flatMap((methods) =>
      Object.values<any>(methods),
    )
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length)
    for (const { operationId, summary, tags, responses } of operations) {
      expect([operationId, summary, tags.length]).toEqual([
        operationId,
        expect.stringMatching(/./),
        1,
      ])
      for (const range of ['4XX', '5XX'])
        expect(responses[range].content).toEqual({
          'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
        })
    }
  })

  it('a named shape is never null itself, and where it may be null both are allowed', () => {
    for (const [name, { type }] of Object.entries<any>(document['components'].schemas))
      expect([name, type]).toEqual([name, 'object'])
    for (const [place, { allOf, type }] of nodes(document)) {
      if (allOf)
        expect([
          place,
          allOf.filter((part: any) => JSON.stringify(part.type)?.includes('null')),
        ]).toEqual([place, []])
      if (Array.isArray(type)) expect(place, 'a shape to spell out').not.toMatch(/\/allOf\//)
    }
    const { Cancellation, Order, Totals } = document['components'].schemas
    for (const shape of [
      Cancellation.properties.order,
      Cancellation.properties.problem,
      Order.properties.customer,
      Totals.properties.paid,
    ]) {
      expect(shape.anyOf).toEqual([
        { $ref: expect.stringMatching(/^#\/components\/schemas\/\w+$/) },
        { type: 'null' },
      ])
    }
  })

  it('refers only to what it has', () => {
    for (const [place, { $ref }] of nodes(document)) {
      if (typeof $ref === 'string')
        expect(
          $ref
            .split('/')
            .slice(1)
            .reduce((node: any, part) => node?.[part], document),
          place,
        ).toBeDefined()
    }
  })

  it('says what a body may be', () => {
    expect(isValidBody('CancelRequest', { orderId: 'order_open' })).toBe(true)
    expect(
      isValidBody('CancelRequest', {
        orderId: 'order_open',
        store: null,
        reason: null,
        reasonCode: null,
        notify: null,
        message: null,
        restock: null,
        strict: null,
        reference: null,
        target: null,
      }),
    ).toBe(true)
    for (const body of [
      {},
      { orderId: 1 },
      { orderId: 'x', restok: true },
      { orderId: 'x', reason: '' },
      { orderId: 'x', reasonCode: 'no' },
      [],
      null,
    ])
      expect(isValidBody('CancelRequest', body)).toBe(false)
    expect(isValidBody('ResolveRequest', { as: 'retry', note: 'x' })).toBe(true)
    expect(isValidBody('ResolveRequest', { as: 'retry' })).toBe(false)
    expect(isValidBody('ApproveRequest', {})).toBe(true)
    expect(isValidBody('DeclineRequest', {})).toBe(false)
    expect(isValidBody('DeclineRequest', { note: 'x' })).toBe(true)
  })
})
