/**
 * The Node transport against real sockets: what each fault looks like, that no call is sent twice,
 * and that "not sent" is said only where it is proved.
 */
import type { Socket } from 'node:net'
import {
  brotliCompressSync,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { type Incoming, type Outgoing, TransportError } from '../../src/connection/transport.ts'
import { openTransport } from '../../src/connection/transport-undici.ts'
import { type Behavior, openStandIn, reply, type StandIn } from './stand-in.ts'
import { openTls } from './tls.ts'

const DEADLINE_MS = 400
const MAX_BYTES = 1_048_576

const { transport, close } = openTransport()
let open: StandIn[] = []
afterEach(async () => {
  await Promise.all(open.map((standIn) => standIn.close()))
  open = []
})
afterAll(close)

const standIn = async (behavior: Behavior): Promise<StandIn> => {
  const one = await openStandIn(behavior)
  open.push(one)
  return one
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

const call = (url: string, more: Partial<Outgoing> = {}): Promise<Incoming | TransportError> =>
  transport({
    url: `${url}/admin/orders/1/cancel`,
    method: 'POST',
    headers: { accept: 'application/json' },
    body: null,
    signal: AbortSignal.timeout(DEADLINE_MS),
    maxBytes: MAX_BYTES,
    ...more,
  }).catch((error: unknown) => {
    if (error instanceof TransportError) return error
    throw error
  })

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

describe('what is answered', () => {
  test.each(['307 Temporary Redirect', '302 Found', '308 Permanent Redirect'])(
    '%s is handed on, not followed',
    async (status) => {
      const elsewhere = await standIn({ asked: (socket) => socket.write(reply('200 OK')) })
      const platform = await standIn({
        asked: (socket) => socket.write(reply(status, '', { location: `${elsewhere.url}/` })),
      })
      expect(await call(platform.url)).toMatchObject({ status: Number(status.slice(0, 3)) })
      await pause(100)
      expect([platform.requests.length, elsewhere.requests.length]).toEqual([1, 0])
    },
  )

  test('an informational reply before the real one', async () => {
    const platform = await standIn({
      asked: (socket) =>
        socket.write(
          Buffer.concat([
            Buffer.from('HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n'),
            reply('200 OK', '{"a":1}'),
          ]),
        ),
    })
    expect(await call(platform.url)).toMatchObject({ status: 200, text: '{"a":1}' })
  })

  test('characters that are cut by the chunks of a body', async () => {
    const text = '{"reason":"größer 訂單"}'
    const platform = await standIn({
      asked: (socket) => {
        socket.setNoDelay()
        const bytes = reply('200 OK', text)
        ;[...bytes].forEach((byte, index) =>
          setTimeout(() => socket.write(Buffer.from([byte])), index),
        )
      },
    })
    expect(await call(platform.url)).toMatchObject({ status: 200, text })
  })

  const TEXT = JSON.stringify({ reason: 'größer 訂單', padding: 'x'.repeat(100_000) })
  const twice = (body: Buffer) => gzipSync(brotliCompressSync(body))
  test.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['GZIP', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
    ['br, gzip', twice],
    ['br,identity , gzip', twice],
    ['identity', (body: Buffer) => body],
    ['', (body: Buffer) => body],
  ] as [string, (body: Buffer) => Buffer][])(
    'a body in %j is read, though none was asked for',
    async (coding, encode) => {
      const platform = await standIn({
        asked: (socket) =>
          socket.write(reply('200 OK', encode(Buffer.from(TEXT)), { 'content-encoding': coding })),
      })
      expect(await call(platform.url)).toMatchObject({ status: 200, text: TEXT })
      expect(platform.requests[0]).toContain('accept-encoding: identity\r\n')
    },
  )

  test('codings in two headers are undone from the last', async () => {
    const body = twice(Buffer.from(TEXT))
    const head =
      `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n` +
      'content-encoding: br\r\ncontent-encoding: gzip\r\n\r\n'
    const platform = await standIn({
      asked: (socket) => socket.write(Buffer.concat([Buffer.from(head), body])),
    })
    expect(await call(platform.url)).toMatchObject({ status: 200, text: TEXT })
  })

  test.each([
    ['compress', gzipSync('{}'), 'unknown coding'],
    ['gzip, rot13', gzipSync('{}'), 'unknown coding'],
    ['constructor', Buffer.from('{}'), 'unknown coding'],
    [Array(6).fill('gzip').join(','), Buffer.from('{}'), 'unknown coding'],
    ['gzip', Buffer.from('{"plain":1}'), 'broken coding'],
    ['gzip', gzipSync(TEXT).subarray(0, 40), 'broken coding'],
    ['br', gzipSync('{}'), 'broken coding'],
    ['zstd', Buffer.from('{}'), 'broken coding'],
  ] as const)(
    'a body in %j that cannot be read is told as that, and nothing of it',
    async (coding, body, unread) => {
      const platform = await standIn({
        asked: (socket) => socket.write(reply('200 OK', body, { 'content-encoding': coding })),
      })
      expect(await call(platform.url)).toMatchObject({ status: 200, text: '', unread })
    },
  )

  test('no body needs no coding', async () => {
    const platform = await standIn({
      asked: (socket) => socket.write(reply('404 Not Found', '', { 'content-encoding': 'gzip' })),
    })
    expect(await call(platform.url)).toEqual({ status: 404, text: '', headers: expect.anything() })
  })

  test.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
    ['br, gzip', twice],
  ] as [string, (body: Buffer) => Buffer][])(
    'what becomes too large by undoing %s is given up',
    async (coding, encode) => {
      const bomb = encode(Buffer.alloc(64 * MAX_BYTES, ' '))
      expect(bomb.length).toBeLessThan(MAX_BYTES)
      const platform = await standIn({
        asked: (socket) => socket.write(reply('200 OK', bomb, { 'content-encoding': coding })),
      })
      expect(await call(platform.url, { signal: AbortSignal.timeout(10_000) })).toMatchObject({
        reason: 'too_large',
        sent: true,
      })
    },
  )

  test('a body that is exactly as large as may be', async () => {
    const text = ' '.repeat(MAX_BYTES)
    const platform = await standIn({
      asked: (socket) =>
        socket.write(reply('200 OK', gzipSync(text), { 'content-encoding': 'gzip' })),
    })
    expect(await call(platform.url)).toMatchObject({ text })
  })

  test('64 KiB of headers', async () => {
    const cookies = Object.fromEntries(
      Array.from({ length: 16 }, (_, index) => [`x-cookie-${index}`, 'c'.repeat(4_080)]),
    )
    const platform = await standIn({
      asked: (socket) => socket.write(reply('200 OK', '{}', cookies)),
    })
    expect(await call(platform.url)).toMatchObject({ status: 200, text: '{}' })
  })

  test('headers without an end are given up for their size', async () => {
    const platform = await standIn({
      asked: (socket) => socket.write(`HTTP/1.1 200 OK\r\nx-long: ${'c'.repeat(200_000)}\r\n\r\n`),
    })
    expect(await call(platform.url)).toMatchObject({ reason: 'too_large', sent: true })
  })

  test('headers by name, absent ones as null', async () => {
    const platform = await standIn({
      asked: (socket) => socket.write(reply('429 Too Many Requests', '{}', { 'Retry-After': '7' })),
    })
    const { headers } = (await call(platform.url)) as Incoming
    expect([headers.get('retry-after'), headers.get('location')]).toEqual(['7', null])
  })

  test('a header that came twice', async () => {
    const platform = await standIn({
      asked: (socket) =>
        socket.write(
          'HTTP/1.1 429 Too Many Requests\r\nretry-after: 5\r\nretry-after: 7\r\n' +
            'content-length: 0\r\n\r\n',
        ),
    })
    expect(((await call(platform.url)) as Incoming).headers.get('retry-after')).toBe('5, 7')
  })

  test('method, path, query, headers and body go out as given', async () => {
    const platform = await standIn({ asked: (socket) => socket.write(reply('200 OK')) })
    await transport({
      url: `${platform.url}/a/b%20c?fields=%2Bmetadata`,
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: '{"ö":1}',
      signal: AbortSignal.timeout(DEADLINE_MS),
      maxBytes: MAX_BYTES,
    })
    expect(platform.requests[0]).toBe(
      [
        'PATCH /a/b%20c?fields=%2Bmetadata HTTP/1.1',
        `host: 127.0.0.1:${platform.port}`,
        'connection: keep-alive',
        'accept-encoding: identity',
        'content-type: application/json',
        'content-length: 8',
        '',
        Buffer.from('{"ö":1}').toString('latin1'),
      ].join('\r\n'),
    )
  })
})
