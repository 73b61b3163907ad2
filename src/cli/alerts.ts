/** `rescind alerts test`: sends a test message to people, from where the gateway runs. */
import type { Alert } from '../alerts/alert.ts'
import { testDigest } from '../messages/digest.ts'
import { openSending } from '../hosts/node/alerts.ts'
import { DEFAULT_CONFIG, isSandbox, loadConfig } from '../hosts/node/load.ts'
import { settingsOf } from '../hosts/node/settings.ts'
import { here, next } from './paste.ts'
import { clean, EXIT, Halt, type Terminal } from './terminal.ts'

const HOW = 'They are entries of “alerts” in the configuration: docs/alerts.md shows one.'

const chosen = (alerts: readonly Alert[], name: string | undefined): readonly Alert[] => {
  if (alerts.length === 0)
    throw new Halt(EXIT.usage, 'The configuration has no alerts: nobody is told.', HOW)
  const some = alerts.filter((alert) => name === undefined || alert.name === name)
  if (some.length > 0) return some
  throw new Halt(
    EXIT.usage,
    `There is no alert ${clean(name ?? '')}.`,
    `Known: ${clean(alerts.map((alert) => alert.name).join(', '))}.`,
  )
}

/** Ends with 1 where one did not arrive. */
export const testAlerts = async (terminal: Terminal, name: string | undefined): Promise<number> => {
  const config = loadConfig(process.env)
  if (config === null)
    throw new Halt(
      EXIT.usage,
      isSandbox(process.env)
        ? 'RESCIND_SANDBOX is 1: a sandbox sends nothing, and shows its messages in the console.'
        : `There is no configuration: ${DEFAULT_CONFIG} does not exist, so nobody is told.`,
      next('This writes one:', here('init')),
    )
  const alerts = chosen(config.alerts, name)
  const { send, close } = openSending(config.smtp, settingsOf(process.env).base)
  const at = Date.now()
  const tested = await Promise.all(
    alerts.map(async (alert) => ({
      name: alert.name,
      channel: alert.channel.kind,
      ...(await send(alert, {
        id: `test.${at}.${alert.name}`,
        at,
        digest: testDigest(alert.name),
      })),
    })),
  )
  await close()
  for (const { name: told, channel, hasArrived, result } of tested)
    terminal.result(
      { name: told, channel, arrived: hasArrived, result },
      () => `${told} (${channel}): ${hasArrived ? 'sent' : 'not sent'}, ${clean(result)}`,
    )
  return tested.every(({ hasArrived }) => hasArrived) ? EXIT.canceled : EXIT.fault
}
