/**
 * Bodies that mean two things, or too much: made from the document, member by member. Nothing of it
 * is written or sent.
 */
import { afterAll, beforeAll, expect } from 'vitest'
import { document, isValidBody } from '../http/conformance.ts'
import { type Client, clientOf, type Host } from '../http/host.ts'
import { openNode } from '../http/node.ts'
import { probe } from './probes.ts'

const callers = [
  { name: 'erp', key: 'rsk_erp', scopes: ['read', 'cancel', 'approve', 'operate'], stores: ['*'] },
] as const

/** Every operation that takes a body, with a good one. */
const GOOD = {
  CancelRequest: { store: 'paris', orderId: 'order_open' },
  ResolveRequest: { as: 'retry', note: 'x' },
  ApproveRequest: { note: 'x' },
  DeclineRequest: { note: 'x' },
  BatchRequest: { items: [{ store: 'paris', orderId: 'order_open' }] },
  ReplayRequest: { since: '2026-11-21T12:00:00Z' },
  SweepRequest: { since: '2026-11-21T12:00:00Z' },
  LinkRequest: {
    members: [
      { store: 'paris', orderId: 'order_open' },
      { store: 'paris', orderId: 'order_paid' },
    ],
  },
  ErasureRequest: { store: 'paris', orderIds: ['order_nothing'] },
} as const
/** The largest body that is read, in bytes. */
const LARGEST = {
  CancelRequest: 16_384,
  ResolveRequest: 16_384,
  ApproveRequest: 16_384,
  DeclineRequest: 16_384,
  BatchRequest: 8 * 1_048_576,
  ReplayRequest: 16_384,
  SweepRequest: 16_384,
  LinkRequest: 16_384,
  ErasureRequest: 16_384,
} as const
const takers = () =>
  Object.entries<any>(document['paths']).flatMap(([path, methods]) =>
    Object.entries<any>(methods).flatMap(([method, operation]) => {
      const name = operation.requestBody?.content['application/json']?.schema.$ref
        ?.split('/')
        .at(-1) as keyof typeof GOOD | undefined
      if (name && !GOOD[name]) throw new Error(`${name} is a new body: say what a good one is`)
      return name
        ? [
            {
              method: method.toUpperCase(),
              path: path
                .replace('{id}', 'can_01KAK3J0X5T9V2W8Q6N4M7R1ZB')
                .replace('{store}', 'paris')
                .replace('{name}', 'orders'),
              name,
              members: Object.keys(document['components'].schemas[name].properties),
            },
          ]
        : []
    }),
  )

const WRONG: readonly unknown[] = [
  0,
  1,
  -1,
  1.5,
  1e308,
  true,
  false,
  '',
  'true',
  'x',
  '\u0000',
  [],
  [[]],
  ['order_open'],
  [null],
  {},
  { $ne: null },
  { toString: 'x' },
  { length: 1 },
  { valueOf: 1 },
  { toJSON: 'x' },
]
/** As text: what `JSON.stringify` would not write. */
const NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '__defineGetter__',
  'then',
  'toJSON',
  '$where',
  '',
  ' ',
  '\u0000',
  '\\ud800',
]
const deep = (open: string, close: string, times: number) =>
  `${open.repeat(times)}1${close.repeat(times)}`

export const bodies = (): void => {
  let host: Host
  let ask: Client
  beforeAll(async () => {
    host = await openNode({ callers, stores: ['paris', 'london'] })
    ask = clientOf(host, 'rsk_erp')
  })
  afterAll(() => host.close())
  const refused = async (method: string, path: string, body: string | object, pointer?: string) => {
    const answer = await ask(method, path, body)
    expect([
      [400, 'invalid-request', 'no'],
      [422, 'invalid-items', 'no'],
    ]).toContainEqual([answer.status, answer.body.code, answer.body.acted])
    const pointers = answer.body.errors.map((one: { pointer: string }) => one.pointer)
    if (pointer !== undefined)
      expect(
        pointers.some((one: string) => one === pointer || one.startsWith(`${pointer}/`)),
        `${pointers} is not ${pointer}`,
      ).toBe(true)
  }
  const spliced = (good: object, more: string) => `${JSON.stringify(good).slice(0, -1)},${more}}`

  probe(
    'every member of another type than the document’s',
    () =>
      takers()
        .flatMap((one) =>
          one.members.flatMap((member) => WRONG.map((value) => ({ ...one, member, value }))),
        )
        .filter(
          ({ name, member, value }) =>
            !isValidBody(name, { ...GOOD[name], [member]: value }) && value !== '\u0000',
        ),
    ({ method, path, name, member, value }) =>
      refused(method, path, { ...GOOD[name], [member]: value }, `/${member}`),
  )

  probe(
    'every member twice, also where one is written in another way',
    () =>
      takers().flatMap((one) =>
        one.members.flatMap((member) => {
          const escaped = `\\u00${member.charCodeAt(0).toString(16)}${member.slice(1)}`
          return [
            [member, member],
            [member, escaped],
            [escaped, member],
          ].map((twice) => ({
            ...one,
            member,
            text: `{${twice.map((name) => `"${name}":"order_open"`).join(',')}}`,
          }))
        }),
      ),
    ({ method, path, member, text }) => refused(method, path, text, `/${member}`),
  )

  probe(
    'names that mean something to JavaScript, at the top and inside',
    () =>
      takers().flatMap((one) =>
        NAMES.flatMap((name) =>
          [
            `"${name}":{"polluted":true,"strict":true}`,
            `"${name}":null`,
            `"x":{"${name}":{"polluted":true}}`,
            `"${name}":{"prototype":{"polluted":true}}`,
          ].map((more) => ({ ...one, more })),
        ),
      ),
    async ({ method, path, name, more }) => {
      await refused(method, path, spliced(GOOD[name], more))
      expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
    },
  )

  probe(
    'names that mean something to JavaScript, in a query',
    () =>
      NAMES.slice(0, 9).flatMap((name) => [
        `${name}=1`,
        `${name}[polluted]=true`,
        `store[${name}]=1`,
        `limit=${name}`,
      ]),
    async (query) => {
      expect((await ask('GET', `/v1/cancellations?${query}`)).status).toBe(400)
      expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
    },
  )

  const text = (inside: string) => `{"orderId":"order_open","x":${inside}}`
  probe(
    'huge and deep',
    () =>
      takers().flatMap((one) =>
        [
          text(deep('[', ']', 7_000)),
          text(deep('{"a":', '}', 2_500)),
          text(deep('[{"a":', '}]', 1_000)),
          '['.repeat(16_000),
          `{"a":`.repeat(3_000),
          text('9'.repeat(15_000)),
          text(`1e${'9'.repeat(1_000)}`),
          text(`"${'\\u0000'.repeat(2_500)}"`),
          `{${Array.from({ length: 1_500 }, (_, index) => `"m${index}":1`).join(',')}}`,
          `{"${'n'.repeat(15_000)}":1}`,
        ].map((body) => ({ ...one, body })),
      ),
    async ({ method, path, body }) => {
      const started = performance.now()
      await refused(method, path, body)
      expect(performance.now() - started).toBeLessThan(5_000)
    },
  )
  probe(
    'larger than is read',
    () =>
      takers().flatMap((one) =>
        [1, 1.5, 3].map((times) => ({ ...one, size: Math.ceil(LARGEST[one.name] * times) })),
      ),
    async ({ method, path, size }) => {
      expect((await ask(method, path, `{"orderId":"${'x'.repeat(size)}"}`)).status).toBe(413)
    },
  )

  probe(
    'nothing of it was written or sent',
    () => ['cancellations', 'batches', 'paris', 'london'],
    async (what) => {
      if (what === 'cancellations' || what === 'batches')
        return expect((await ask('GET', `/v1/${what}`)).body.data).toEqual([])
      return expect(host.platform(what).calls).toEqual([])
    },
  )
}
