/**
 * What the Node transport makes of what a platform answers over real sockets: redirects, codings,
 * sizes, headers.
 */
import {
  brotliCompressSync,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { type Incoming } from '../../src/connection/transport.ts'
import { reply } from './stand-in.ts'
import { DEADLINE_MS, MAX_BYTES, openSockets } from './sockets.ts'

const { transport, standIn, call } = openSockets()

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

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
