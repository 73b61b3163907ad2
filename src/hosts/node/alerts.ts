/** How people are told on Node: by mail, in a chat, or in the console alone. */
import type { Logger } from 'pino'
import type { Alert, Smtp } from '../../alerts/alert.ts'
import { type AlertDesk, createDesk } from '../../alerts/desk.ts'
import type { Message } from '../../alerts/kept.ts'
import type { Sent } from '../../alerts/schedule.ts'
import { createTeller, type Teller } from '../../alerts/teller.ts'
import { afterOf, thingsOf } from '../../alerts/things.ts'
import { retryAfter } from '../../connection/classify.ts'
import { type Head, type Transport, TransportError } from '../../connection/transport.ts'
import type { Webhook } from '../../gateway/deliveries/webhook.ts'
import type { CancellationService } from '../../gateway/service.ts'
import type { FullLedger } from '../../ledger/port.ts'
import { slackBody, teamsBody } from '../../messages/digest-chat.ts'
import { type Base, digestHtml, digestText } from '../../messages/digest-mail.ts'
import { steadyNow } from '../../model/time.ts'
import { openTransports } from './deliveries.ts'
import type { OnFault } from './log.ts'
import type { Mailer } from './mail.ts'
import type { Metrics } from './metrics.ts'

const CHAT_MS = 15_000
/** Of an answer little is of use. */
const REPLY_BYTES = 4_096
const LONGEST_MS = 24 * 3_600_000

export type Send = (alert: Alert, message: Message) => Promise<Sent>

const sentBy = ({ status, headers }: Head, now: number): Sent => ({
  hasArrived: status >= 200 && status < 300,
  result: String(status),
  retryAfterMs: retryAfter(headers, now, LONGEST_MS),
})

/** Older webhooks of Teams answer 200 and say in words that nothing arrived. */
const TEAMS_REFUSED = /HTTP error (\d{3})/

const wordsOf = ({ reason, word }: TransportError): string =>
  reason.replaceAll('_', ' ') + (word === null ? '' : ` (${word})`)

const toChat = async (transport: Transport, url: string, body: string): Promise<Sent> => {
  try {
    const answer = await transport({
      url,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      signal: AbortSignal.timeout(CHAT_MS),
      maxBytes: REPLY_BYTES,
    })
    const sent = sentBy(answer, steadyNow())
    const refused = sent.hasArrived ? TEAMS_REFUSED.exec(answer.text)?.[1] : undefined
    return refused === undefined ? sent : { hasArrived: false, result: refused }
  } catch (error) {
    if (!(error instanceof TransportError)) throw error
    // Its status counts, once that was there.
    if (error.answered) return sentBy(error.answered, steadyNow())
    return { hasArrived: false, result: wordsOf(error) }
  }
}

export interface Sending {
  readonly send: Send
  readonly close: () => Promise<void>
}

/** Where messages go. The mailer is loaded by those who have one. */
export const openSending = (smtp: Smtp | null, base: Base): Sending => {
  const { transportFor, close } = openTransports()
  let opened: Promise<Mailer> | undefined
  const mailer = (known: Smtp) =>
    (opened ??= import('./mail.ts').then(({ openMailer }) => openMailer(known)))
  return {
    close: async () => void (await close()),
    async send({ channel }, { id, at, digest }) {
      switch (channel.kind) {
        case 'console':
          return { hasArrived: true, result: 'shown in the console' }
        case 'mail': {
          if (!smtp) return { hasArrived: false, result: 'no smtp' }
          const { subject } = digest
          const text = digestText(digest, base)
          const html = digestHtml(digest, base)
          return (await mailer(smtp)).send({ to: channel.to, id, at, subject, text, html })
        }
        case 'slack':
          return toChat(transportFor(channel), channel.url, slackBody(digest, base))
        case 'teams':
          return toChat(transportFor(channel), channel.url, teamsBody(digest, base))
      }
    },
  }
}

export interface AlertsParts {
  readonly ledger: FullLedger
  readonly gateway: CancellationService
  readonly webhooks: readonly Webhook[]
  readonly alerts: readonly Alert[]
  readonly smtp: Smtp | null
  readonly base: Base
  readonly log: Logger
  readonly metrics: Metrics
  readonly onFault: OnFault
}

export interface Alerts extends Pick<Teller, 'begin' | 'close'> {
  readonly desk: AlertDesk
}

export const openAlerts = (parts: AlertsParts): Alerts => {
  const { ledger, alerts, smtp, base, log, metrics, onFault } = parts
  const { send, close } = openSending(smtp, base)
  const teller = createTeller({
    ledger,
    alerts,
    thingsOf: (alert) => thingsOf(parts, alert),
    afterOf: (alert, absent) => afterOf(parts, alert, absent),
    send,
    now: steadyNow,
    random: Math.random,
    onSent({ name, channel: { kind } }, { hasArrived, result }) {
      metrics.onAlert(name, hasArrived)
      const fields = { alert: name, channel: kind, result }
      if (hasArrived) log.info(fields, 'people were told')
      else log.warn(fields, 'people were not told yet')
    },
    onFault: (error) => onFault(error),
  })
  return {
    begin: teller.begin,
    desk: createDesk(ledger, alerts),
    async close() {
      await teller.close()
      await close()
    },
  }
}
