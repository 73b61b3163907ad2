/** Mails over SMTP: a connection for each, which ends in time, whatever a server does. */
import { connect, type Socket } from 'node:net'
import { createTransport } from 'nodemailer'
import type SMTPTransport from 'nodemailer/lib/smtp-transport/index.js'
import type { Smtp } from '../../alerts/alert.ts'
import type { Sent } from '../../alerts/schedule.ts'

/** Below what one gateway may take before another one tells. */
const MAIL_MS = 20_000

export interface Mail {
  readonly to: readonly string[]
  /** Tells a mail that comes twice from two. */
  readonly id: string
  readonly at: number
  readonly subject: string
  readonly text: string
  readonly html: string
}

export interface Mailer {
  /** Tries once. */
  send(mail: Mail): Promise<Sent>
  /** Connects and logs in; sends nothing. */
  verify(): Promise<Sent>
}

export interface MailerOptions {
  /** For tests: whom to believe beside the certificates of the machine. */
  readonly ca?: string
  readonly timeoutMs?: number
}

/** What is told of the library's codes, and of the system's; their texts may hold addresses. */
const TOLD: ReadonlySet<string> = new Set([
  'EAUTH',
  'ECONNECTION',
  'ECONNREFUSED',
  'ECONNRESET',
  'EDNS',
  'EENVELOPE',
  'EHOSTUNREACH',
  'EMESSAGE',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPROTOCOL',
  'ESOCKET',
  'ETIMEDOUT',
  'ETLS',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])

interface Failure {
  readonly code?: unknown
  readonly responseCode?: unknown
  readonly cause?: unknown
}

/** “EAUTH 535”, “ECONNREFUSED”. */
const resultOf = (error: Failure | null | undefined): string => {
  const codes = [error?.code, (error?.cause as Failure | undefined)?.code]
  const code = codes.find((one) => typeof one === 'string' && TOLD.has(one)) ?? 'failed'
  const status = error?.responseCode
  return typeof status === 'number' ? `${String(code)} ${status}` : String(code)
}

/** A connection of our own, so that it can be ended from here at any time. */
const connected = ({ host, port }: Smtp, signal: AbortSignal): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host, port })
    signal.addEventListener('abort', () => socket.destroy(new Error('timeout')), { once: true })
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      // The library listens by itself; what comes once it has let go must end nothing.
      socket.on('error', () => {})
      resolve(socket)
    })
  })

const transportOf = (smtp: Smtp, { ca }: MailerOptions, signal: AbortSignal, timeoutMs: number) => {
  const { host, port, secure, allowPlain, login } = smtp
  const options: SMTPTransport.Options = {
    host,
    port,
    secure,
    requireTLS: !secure && !allowPlain,
    ...(login && { auth: { user: login.user, pass: login.password } }),
    ...(ca !== undefined && { tls: { ca } }),
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
    getSocket: (_, done) =>
      void connected(smtp, signal).then(
        (connection) => done(null, { connection }),
        (error: Error) => done(error, null),
      ),
  }
  return createTransport(options)
}

type Transporter = ReturnType<typeof transportOf>

/** Does it with a connection of its own, and no longer than may be. */
const within = async (
  smtp: Smtp,
  options: MailerOptions,
  act: (transporter: Transporter) => Promise<string>,
): Promise<Sent> => {
  const { timeoutMs = MAIL_MS } = options
  const ending = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<Sent>((resolve) => {
    timer = setTimeout(() => resolve({ hasArrived: false, result: 'timeout' }), timeoutMs)
  })
  const acted = act(transportOf(smtp, options, ending.signal, timeoutMs)).then(
    (result): Sent => ({ hasArrived: true, result }),
    (error: Failure): Sent => ({ hasArrived: false, result: resultOf(error) }),
  )
  try {
    return await Promise.race([acted, late])
  } finally {
    clearTimeout(timer)
    ending.abort()
  }
}

const refusedText = (refused: number, all: number): string =>
  refused === 0 ? '' : `, ${refused} of ${all} addresses refused`

export const openMailer = (smtp: Smtp, options: MailerOptions = {}): Mailer => ({
  send: ({ to, id, at, subject, text, html }) =>
    within(smtp, options, async (transporter) => {
      const { response, rejected } = await transporter.sendMail({
        from: smtp.from,
        to: [...to],
        subject,
        text,
        html,
        date: new Date(at),
        messageId: `<${id}@${smtp.from.address.split('@')[1]}>`,
        // No out-of-office reply comes back to what no person wrote (RFC 3834).
        headers: { 'Auto-Submitted': 'auto-generated' },
      })
      return (/^\d{3}/.exec(response)?.[0] ?? 'sent') + refusedText(rejected.length, to.length)
    }),
  verify: () =>
    within(smtp, options, async (transporter) => {
      await transporter.verify()
      return smtp.login ? 'it takes the login' : 'it answers'
    }),
})
