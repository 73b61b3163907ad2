/**
 * The same faults over a real network: a server on loopback, the transport of Node, connections
 * that truly break.
 */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener, type HttpBindings } from '@hono/node-server'
import { afterEach, describe, expect, it } from 'vitest'
import { openTransport } from '../../src/connection/transport-undici.ts'
import { openFixture } from './fixture.ts'
import {
  createPlatform,
  html,
  lost,
  lostAfter,
  type Platform,
  says,
  saysAfter,
  silent,
  silentAfter,
  type Step,
  type Wire,
} from './platform.ts'

const closing: (() => Promise<unknown> | void)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

/** Nobody reads what is answered then. */
const unheard = () => new Response() as never

const wire = ({ incoming: { socket } }: HttpBindings): Wire => ({
  hangUp: async () => {
    socket.resetAndDestroy()
    return unheard()
  },
  silence: () =>
    new Promise((resolve) => {
      socket.once('close', () => resolve(unheard()))
    }),
})

const serving = (platform: Platform, port = 0) =>
  new Promise<{ server: Server; port: number }>((resolve) => {
    const listener = getRequestListener((request, bindings) =>
      platform.fetch(request, wire(bindings as HttpBindings)),
    )
    const server = createServer((incoming, outgoing) => void listener(incoming, outgoing)).listen(
      port,
      '127.0.0.1',
      () => {
        closing.push(() => {
          server.closeAllConnections()
          server.close()
        })
        resolve({ server, port: (server.address() as AddressInfo).port })
      },
    )
  })

const open = async (callTimeoutMs = 2_000) => {
  const platform = createPlatform()
  const { server, port } = await serving(platform)
  const { transport, close } = openTransport()
  closing.push(close)
  return {
    server,
    port,
    ...openFixture({
      platform,
      realTime: true,
      baseUrl: `http://127.0.0.1:${port}`,
      store: { transport, callTimeoutMs },
      toy: { reason: 'before' },
    }),
  }
}

describe('over a real network', () => {
  it('an order is canceled', async () => {
    const { ask, platform } = await open()
    expect((await ask({ reason: 'Wrong', notify: true })).record).toMatchObject({
      status: 'succeeded',
      via: 'reply',
      attempts: [{ result: '200', unsent: false }],
    })
    expect(platform.order()).toMatchObject({ state: 'canceled', note: 'Wrong', mails: 1 })
  })
  it.each([
    ['reset', lost, 'connection lost', 2],
    ['reset after it was done', lostAfter, 'connection lost', 1],
    ['500', says(500, 'oops'), '500', 2],
    ['500 after it was done', saysAfter(500, 'oops'), '500', 1],
    ['HTML as 200', html(), '200 unreadable (text/html)', 2],
    [
      'half a reply',
      (() =>
        new Response('{"id": "op', { headers: { 'content-type': 'application/json' } })) as Step,
      '200 unreadable (no JSON)',
      2,
    ],
    [
      'a reply without end',
      (() => new Response('x'.repeat(17_000_000))) as Step,
      'reply too large',
      2,
    ],
  ])('%s: doubt, then the truth', async (_, step, result, calls) => {
    const { ask, platform, drive } = await open()
    platform.plan('cancel', step)
    const { record } = await ask()
    expect(record).toMatchObject({ status: 'in_doubt', attempts: [{ result, unsent: false }] })
    expect(await drive(record.id)).toMatchObject({ status: 'succeeded', alreadyCanceled: false })
    expect([platform.count('cancel'), platform.order().refunded]).toEqual([calls, 100])
  })
  it.each([
    ['no answer', silent],
    ['no answer, but done', silentAfter],
  ])('%s in time: doubt', async (_, step) => {
    const { ask, platform } = await open(300)
    platform.plan('cancel', step)
    expect((await ask()).record).toMatchObject({
      status: 'in_doubt',
      attempts: [{ result: 'timeout' }],
    })
  })
  it('nobody listens: nothing was sent; later somebody does', async () => {
    const { ask, platform, server, port, drive } = await open()
    platform.plan('note', ({ go }) => {
      server.close()
      server.closeIdleConnections()
      const answer = go()
      answer.headers.set('connection', 'close')
      return answer
    })
    const { record } = await ask({ reason: 'Wrong' })
    expect(record).toMatchObject({
      status: 'accepted',
      attempts: [{ result: 'not sent: unreachable (ECONNREFUSED)', unsent: true }],
    })
    expect(platform.count('cancel')).toBe(0)
    await serving(platform, port)
    expect(await drive(record.id)).toMatchObject({
      status: 'succeeded',
      attempts: [{}, { result: '200' }],
    })
  })
  it('a redirect is not followed', async () => {
    const { ask, platform, port } = await open()
    platform.plan(
      'cancel',
      says(307, null, { location: `http://127.0.0.1:${port}/orders/open/cancel` }),
    )
    expect((await ask()).record).toMatchObject({
      status: 'rejected',
      attempts: [{ result: '307' }],
    })
    expect(platform.count('cancel')).toBe(1)
  })
})
