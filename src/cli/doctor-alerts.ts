/** What the doctor finds out about messages to people: whether their mails can be handed over. */
import type { Alert, Smtp } from '../alerts/alert.ts'
import type { Configuration } from '../config/configuration.ts'
import { openMailer } from '../hosts/node/mail.ts'
import { bad, type Line, ok } from './doctor-line.ts'

/** What helps, by what the server or the way to it said. */
const HELP: readonly (readonly [RegExp, string])[] = [
  [/^EAUTH/, 'mend “user” and “password” of “smtp”'],
  [
    /^ETLS/,
    'the server has no STARTTLS, or refuses it: set “port” to 465; or, on a network that nobody ' +
      'else listens in, “allowPlain” to true',
  ],
  [/CERT|SIGNED|SIGNATURE/, 'its certificate is not believed: NODE_EXTRA_CA_CERTS names more'],
  [/^(?:ENOTFOUND|EDNS|EAI_AGAIN)/, 'mend “host” of “smtp”'],
]

const checkSmtp = async (smtp: Smtp): Promise<Line> => {
  const { hasArrived, result } = await openMailer(smtp).verify()
  const at = `${smtp.host}:${smtp.port}`
  if (hasArrived) return ok('smtp', `${at}: ${result}; nothing was sent`)
  const todo = HELP.find(([pattern]) => pattern.test(result))?.[1]
  return bad(
    'smtp',
    `${at} cannot be used for mails: ${result}`,
    todo ?? 'are “host” and “port” right, and may this machine go out?',
  )
}

const WHERE = { slack: 'to Slack', teams: 'to Teams', console: 'in the console' } as const

const whereOf = ({ channel }: Alert): string => {
  if (channel.kind !== 'mail') return WHERE[channel.kind]
  const count = channel.to.length
  return count === 1 ? 'by mail to one address' : `by mail to ${count} addresses`
}

export const checkAlerts = async ({ alerts, smtp }: Configuration): Promise<Line[]> => {
  if (alerts.length === 0) return []
  return [
    ...(smtp ? [await checkSmtp(smtp)] : []),
    ok('alerts', alerts.map((alert) => `${alert.name} ${whereOf(alert)}`).join('; ')),
  ]
}
