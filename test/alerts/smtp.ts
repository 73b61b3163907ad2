/** A server of mails, of the test's own. */
import type { AddressInfo } from 'node:net'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { onTestFinished } from 'vitest'
import { CERTIFICATE, KEY } from './certificate.ts'

export const PASSWORD = 'canary-password-of-the-server'

export interface Got {
  readonly from: string
  readonly to: readonly string[]
  readonly raw: string
  readonly secure: boolean
}

/** It takes the login `rescind` with its password, and mails of whoever needs none. */
export const openSmtp = async (over: SMTPServerOptions = {}) => {
  const got: Got[] = []
  const server = new SMTPServer({
    key: KEY,
    cert: CERTIFICATE,
    authOptional: true,
    logger: false,
    onAuth: ({ username, password }, _, done) =>
      username === 'rescind' && password === PASSWORD
        ? done(null, { user: username })
        : done(Object.assign(new Error('Invalid login'), { responseCode: 535 })),
    onData(stream, { envelope, secure }, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const { mailFrom, rcptTo } = envelope
        got.push({
          from: mailFrom ? mailFrom.address : '',
          to: rcptTo.map(({ address }) => address),
          raw: Buffer.concat(chunks).toString('utf8'),
          secure,
        })
        done()
      })
    },
    ...over,
  })
  server.on('error', () => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())))
  return { got, port: (server.server.address() as AddressInfo).port }
}
