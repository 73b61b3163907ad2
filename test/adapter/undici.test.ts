/**
 * The Node transport against real sockets: what each fault looks like, that no call is sent twice,
 * and that "not sent" is said only where it is proved.
 */
import type { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { TransportError } from '../../src/connection/transport.ts'
import { openTransport } from '../../src/connection/transport-undici.ts'
import { type Behavior, openStandIn, reply } from './stand-in.ts'
import { DEADLINE_MS, MAX_BYTES, openSockets } from './sockets.ts'
import { openTls } from './tls.ts'

const { standIn, call } = openSockets()

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

const drip = (socket: Socket) => {
  const timer = setInterval(() => socket.write(' '), 50)
  socket.on('close', () => clearInterval(timer))
}

/**
 * The fault, what the platform does, what we must see; null where the race between the two sides
 * decides, within the rules below.
 */
interface Row extends Behavior {
  readonly fault: string
  readonly reason: TransportError['reason'] | null
  readonly sent: boolean | null
  readonly arrives: 0 | 1 | null
}

const FAULTS: readonly Row[] = [
  {
    fault: 'reset at accept',
    reason: null,
    sent: null,
    arrives: 0,
    connected: (socket) => {
      socket.resetAndDestroy()
    },
  },
  {
    fault: 'end at accept',
    reason: null,
    sent: null,
    arrives: null,
    connected: (socket) => {
      socket.end()
    },
  },
  {
    fault: 'reset after the request',
    reason: 'connection_lost',
    sent: true,
    arrives: 1,
    asked: (socket) => socket.resetAndDestroy(),
  },
  {
    fault: 'end after the request',
    reason: 'connection_lost',
    sent: true,
    arrives: 1,
    asked: (socket) => socket.end(),
  },
  { fault: 'no answer', reason: 'timeout', sent: true, arrives: 1 },
  {
    fault: 'garbage',
    reason: 'connection_lost',
    sent: true,
    arrives: 1,
    asked: (socket) => socket.end('<html>not HTTP</html>\r\n\r\n'),
  },
  {
    fault: 'half the headers',
    reason: 'connection_lost',
    sent: true,
    arrives: 1,
    asked: (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-ty'),
  },
  {
    fault: 'half the headers, then silence',
    reason: 'timeout',
    sent: true,
    arrives: 1,
    asked: (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-ty'),
  },
  {
    fault: 'a body cut short',
    reason: 'connection_lost',
    sent: true,
    arrives: 1,
    asked: (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"order":'),
  },
  {
    fault: 'a chunked body cut short',
    reason: 'connection_lost',
    sent: true,
    arrives: 1,
    asked: (socket) =>
      socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\n{"order":\r\n'),
  },
  {
    fault: 'a body reset halfway',
    reason: 'connection_lost',
    sent: true,
    arrives: 1,
    asked: (socket) =>
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{', () =>
        socket.resetAndDestroy(),
      ),
  },
  {
    fault: 'a body that drips',
    reason: 'timeout',
    sent: true,
    arrives: 1,
    asked: (socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n')
      drip(socket)
    },
  },
  {
    fault: 'headers that drip',
    reason: 'timeout',
    sent: true,
    arrives: 1,
    asked: (socket) => {
      socket.write('HTTP/1.1 200 OK\r\nx-slow:')
      drip(socket)
    },
  },
  {
    fault: 'informational replies without an end',
    reason: 'timeout',
    sent: true,
    arrives: 1,
    asked: (socket) => {
      socket.write('HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(3))
    },
  },
  {
    fault: 'an upgrade nobody asked for',
    reason: 'connection_lost',
    sent: true,
    arrives: 1,
    asked: (socket) =>
      socket.write(
        'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n',
      ),
  },
  {
    fault: '2 MiB, announced',
    reason: 'too_large',
    sent: true,
    arrives: 1,
    asked: (socket) => socket.write(reply('200 OK', 'x'.repeat(2 * MAX_BYTES))),
  },
  {
    fault: '2 MiB, announced and never sent',
    reason: 'too_large',
    sent: true,
    arrives: 1,
    asked: (socket) => socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${2 * MAX_BYTES}\r\n\r\n`),
  },
  {
    fault: '2 MiB in chunks',
    reason: 'too_large',
    sent: true,
    arrives: 1,
    asked: (socket) =>
      socket.write(
        'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n' +
          `${`10000\r\n${'x'.repeat(65_536)}\r\n`.repeat(32)}0\r\n\r\n`,
      ),
  },
]

describe('what goes wrong', () => {
  test.each(FAULTS)('$fault', async ({ connected, asked, reason, sent, arrives }) => {
    const platform = await standIn({ ...(connected && { connected }), ...(asked && { asked }) })
    const started = performance.now()
    const failure = (await call(platform.url)) as TransportError
    expect(performance.now() - started).toBeLessThan(2 * DEADLINE_MS)
    expect(failure).toMatchObject({
      name: 'TransportError',
      reason: reason ?? (failure.sent ? 'connection_lost' : 'unreachable'),
    })
    if (sent !== null) expect(failure.sent).toBe(sent)
    await expect.poll(platform.connections, { message: 'what failed is hung up' }).toBe(0)
    await pause(100)
    if (arrives === null) expect(platform.requests.length).toBeLessThanOrEqual(1)
    else expect(platform.requests.length).toBe(arrives)
    // The rule: "not sent" is said only where not a byte went out.
    if (failure.sent === false) expect(platform.bytes()).toBe(0)
  })

  test('refused: provably not sent', async () => {
    const platform = await openStandIn({})
    await platform.close()
    expect(await call(platform.url)).toMatchObject({
      reason: 'unreachable',
      sent: false,
      word: 'ECONNREFUSED',
    })
  })

  test('a name that does not exist: provably not sent', async () => {
    const failure = (await call('http://rescind.invalid', {
      signal: AbortSignal.timeout(15_000),
    })) as TransportError
    expect(failure).toMatchObject({ reason: 'unreachable', sent: false })
    expect(['ENOTFOUND', 'EAI_AGAIN']).toContain(failure.word)
  })

  test('TLS to a plain port: provably not sent', async () => {
    const platform = await standIn({
      connected: (socket) => {
        socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')
      },
    })
    expect(await call(`https://127.0.0.1:${platform.port}`)).toMatchObject({
      reason: 'unreachable',
      sent: false,
      word: 'ERR_SSL_WRONG_VERSION_NUMBER',
    })
    expect(platform.requests.length).toBe(0)
  })

  test.each(['CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT'] as const)(
    'a certificate that is not accepted: %s, provably not sent',
    async (word) => {
      const platform = await openTls(word)
      expect(await call(platform.url, { signal: AbortSignal.timeout(5_000) })).toMatchObject({
        reason: 'unreachable',
        sent: false,
        word,
      })
      expect(platform.bytes()).toBe(0)
      await platform.close()
    },
  )

  test('TLS to a port that keeps silent: the deadline ends it, provably not sent', async () => {
    const platform = await standIn({})
    expect(await call(`https://127.0.0.1:${platform.port}`)).toMatchObject({
      reason: 'timeout',
      sent: false,
    })
    expect(platform.requests.length).toBe(0)
  })

  test('its time is up before it begins: nothing is sent', async () => {
    const platform = await standIn({ asked: (socket) => socket.write(reply('200 OK')) })
    expect(await call(platform.url, { signal: AbortSignal.abort() })).toMatchObject({
      reason: 'timeout',
      sent: false,
    })
    await pause(100)
    expect(platform.bytes()).toBe(0)
  })

  test.each([
    ['a header’s value', { 'x-order': '1\r\nx-evil: 1' }],
    ['a header’s name', { 'x-order\r\nx-evil': '1' }],
  ])('a line break in %s: refused, nothing is sent', async (_, headers) => {
    const platform = await standIn({ asked: (socket) => socket.write(reply('200 OK')) })
    expect(await call(platform.url, { headers })).toMatchObject({
      reason: 'unreachable',
      sent: false,
    })
    await pause(100)
    expect(platform.bytes()).toBe(0)
  })

  test('after close: nothing is sent', async () => {
    const platform = await standIn({ asked: (socket) => socket.write(reply('200 OK')) })
    const other = openTransport()
    const ask = () =>
      other.transport({
        url: platform.url,
        method: 'GET',
        headers: {},
        body: null,
        signal: AbortSignal.timeout(DEADLINE_MS),
        maxBytes: MAX_BYTES,
      })
    await ask()
    await other.close()
    await expect(ask()).rejects.toMatchObject({ sent: false })
    expect(platform.requests.length).toBe(1)
  })
})

describe('connections that are kept', () => {
  test('a reset of the second call is not sent again', async () => {
    const platform = await standIn({
      asked: (socket, count) => {
        if (count === 1) socket.write(reply('200 OK', '{}'))
        else socket.resetAndDestroy()
      },
    })
    expect(await call(platform.url)).toMatchObject({ status: 200, text: '{}' })
    expect(await call(platform.url)).toMatchObject({ reason: 'connection_lost', sent: true })
    await pause(150)
    expect(platform.requests.length).toBe(2)
  })

  test('a connection closed while idle is not used, or its loss is told: never both', async () => {
    const platform = await standIn({
      asked: (socket) => {
        socket.write(reply('200 OK', '{}'), () => setTimeout(() => socket.end(), 5))
      },
    })
    for (let count = 0; count < 20; count++) {
      const before = platform.requests.length
      const answer = await call(platform.url)
      expect(platform.requests.length - before).toBeLessThanOrEqual(1)
      if (answer instanceof TransportError && answer.sent === false)
        expect(platform.requests.length).toBe(before)
      await pause(count % 10)
    }
  })
})

describe('more calls than connections', () => {
  const silence: Socket[] = []
  const occupy = (url: string, signal: AbortSignal) =>
    Array.from({ length: 64 }, () => call(url, { signal }))

  test('a call whose time runs out before its turn ends then, provably never sent', async () => {
    const platform = await standIn({})
    const long = new AbortController()
    const busy = occupy(platform.url, long.signal)
    await expect.poll(() => platform.requests.length).toBe(64)
    const started = performance.now()
    expect(await call(platform.url)).toMatchObject({ reason: 'timeout', sent: false })
    expect(performance.now() - started).toBeLessThan(2 * DEADLINE_MS)
    long.abort()
    for (const failure of await Promise.all(busy))
      expect(failure).toMatchObject({ reason: 'timeout', sent: true })
    await pause(200)
    expect(platform.requests.length).toBe(64)
  })

  test('a call that waited goes out once, and what is lost of it then is told', async () => {
    const platform = await standIn({
      asked: (socket, count) => {
        if (count <= 64) silence.push(socket)
        else socket.resetAndDestroy()
      },
    })
    const busy = occupy(platform.url, AbortSignal.timeout(5_000))
    await expect.poll(() => silence.length).toBe(64)
    const waiting = call(platform.url, { signal: AbortSignal.timeout(5_000) })
    await pause(50)
    expect(platform.requests.length).toBe(64)
    silence[0]?.write(reply('200 OK'))
    expect(await waiting).toMatchObject({ reason: 'connection_lost', sent: true })
    expect(platform.requests.length).toBe(65)
    for (const socket of silence) socket.write(reply('200 OK'))
    for (const answer of await Promise.all(busy)) expect(answer).toMatchObject({ status: 200 })
    expect(platform.requests.length).toBe(65)
  })
})
