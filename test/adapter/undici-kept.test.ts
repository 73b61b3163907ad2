/** Connections to where no store leads any more: each ends with its last answer. */
import type { Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { openTransport } from '../../src/connection/transport-undici.ts'
import { MAX_BYTES, openSockets } from './sockets.ts'
import { reply } from './stand-in.ts'

const { standIn } = openSockets()

test('where nobody leads any more a connection ends with its last answer; who asks again gets one', async () => {
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>()
  let connections = 0
  const open = new Set<Socket>()
  const { url } = await standIn({
    connected: (socket) => {
      connections += 1
      open.add(socket)
      socket.once('close', () => open.delete(socket))
    },
    // It would be kept for ten minutes.
    asked: (socket) =>
      void held.then(() => socket.write(reply('200 OK', '', { 'keep-alive': 'timeout=600' }))),
  })
  const { transport, keepOnly, close } = openTransport()
  onTestFinished(close)
  const ask = () =>
    transport({
      url,
      method: 'GET',
      headers: {},
      body: null,
      signal: AbortSignal.timeout(20_000),
      maxBytes: MAX_BYTES,
    })
  const under = ask()
  await expect.poll(() => connections).toBe(1)
  keepOnly(new Set())
  letGo()
  expect((await under).status).toBe(200)
  await expect.poll(() => open.size).toBe(0)
  expect((await ask()).status).toBe(200)
  const kept = [...open]
  keepOnly(new Set([new URL(url).origin]))
  expect((await ask()).status).toBe(200)
  expect([kept.length, kept.every((socket) => open.has(socket))]).toEqual([1, true])
})
