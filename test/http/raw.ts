/** Bytes on a socket, for what no HTTP client would send. */
import { connect } from 'node:net'

export interface RawAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/** What a server wrote, as answers; informational ones are left out. */
const answersIn = (received: string): RawAnswer[] =>
  received
    .split(/(?=HTTP\/1\.1 \d{3} )/)
    .filter((part) => /^HTTP\/1\.1 [2-5]/.test(part))
    .map((part) => {
      const [head = '', ...rest] = part.split('\r\n\r\n')
      const [line = '', ...lines] = head.split('\r\n')
      return {
        status: Number(line.split(' ')[1]),
        text: rest.join('\r\n\r\n'),
        headers: new Headers(
          lines.map(
            (field) =>
              [field.slice(0, field.indexOf(':')), field.slice(field.indexOf(':') + 1).trim()] as [
                string,
                string,
              ],
          ),
        ),
      }
    })

/**
 * Writes these bytes to a fresh connection and resolves with every answer when the server closes
 * it, or `quietMs` after the last byte came; `hangUp` says that nothing more will be sent.
 */
export const send = (
  url: string,
  parts: readonly (string | Uint8Array)[],
  quietMs = 150,
  hangUp = false,
): Promise<RawAnswer[]> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(url)
    let received = ''
    const socket = connect(Number(port), hostname, () => {
      for (const part of parts) socket.write(part)
      if (hangUp) socket.end()
    })
    const done = () => {
      clearTimeout(timer)
      socket.destroy()
      resolve(answersIn(received))
    }
    let timer = setTimeout(done, quietMs + 1_000)
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => {
      received += chunk
      clearTimeout(timer)
      timer = setTimeout(done, quietMs)
    })
    socket.on('error', () => {})
    socket.on('close', done)
  })

/** A request as text. */
export const request = (
  method: string,
  path: string,
  headers: readonly (readonly [string, string])[] = [],
  body = '',
  version = 'HTTP/1.1',
): string =>
  [
    `${method} ${path} ${version}`,
    'host: localhost',
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...(body === '' ? [] : [`content-length: ${Buffer.byteLength(body)}`]),
    '',
    body,
  ].join('\r\n')
