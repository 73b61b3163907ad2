/** `rescind webhooks`: the key’s own, how they are, a test, told again, on again. */
import type { Webhook } from '../client/index.ts'
import { reach, type ReachOptions } from './reach.ts'
import { clean, count, EXIT, moment, type Terminal } from './terminal.ts'
import { timeOf } from './time.ts'

const stateOf = ({ enabled, failingSince, lastSuccessAt, lastResult }: Webhook): string => {
  if (!enabled) return 'switched off'
  if (failingSince !== null)
    return `failing since ${moment(failingSince)}${lastResult === null ? '' : ` (${lastResult})`}`
  return lastSuccessAt === null ? 'told nothing yet' : 'well'
}

const table = (terminal: Terminal, webhooks: readonly Webhook[]): string =>
  terminal.table(
    ['webhook', 'state', 'to be told', 'last told', 'events', 'address'],
    webhooks.map((webhook) => [
      webhook.name,
      stateOf(webhook),
      count(webhook.pending),
      webhook.lastSuccessAt === null ? '' : moment(webhook.lastSuccessAt),
      webhook.events.join(', '),
      webhook.url,
    ]),
  )

export const listWebhooks = async (terminal: Terminal, options: ReachOptions): Promise<number> => {
  const webhooks = await (await reach(terminal, options)).reader.webhooks.list()
  if (terminal.json) for (const webhook of webhooks) terminal.result(webhook, () => '')
  else if (webhooks.length === 0)
    terminal.say('This key has no webhooks. They are entries of its caller in the configuration.')
  else terminal.result(null, () => table(terminal, webhooks))
  return webhooks.every(({ enabled }) => enabled) ? EXIT.canceled : EXIT.needsYou
}

/** Ends with 1 where the receiver did not take it. */
export const testWebhook = async (
  terminal: Terminal,
  name: string,
  options: ReachOptions,
): Promise<number> => {
  const tested = await (await reach(terminal, options)).reader.webhooks.test(name)
  const what = tested.delivered ? 'arrived' : 'did not arrive'
  terminal.result(tested, () => `The test ${what}: ${clean(tested.result)}`)
  return tested.delivered ? EXIT.canceled : EXIT.fault
}

export const enableWebhook = async (
  terminal: Terminal,
  name: string,
  options: ReachOptions,
): Promise<number> => {
  const webhook = await (await reach(terminal, options)).client.webhooks.enable(name)
  terminal.result(webhook, () => table(terminal, [webhook]))
  terminal.say('What it is owed goes out.')
  return EXIT.canceled
}

export const replayWebhook = async (
  terminal: Terminal,
  name: string,
  options: ReachOptions & { readonly since: string; readonly until?: string },
): Promise<number> => {
  const since = timeOf('--since', options.since)
  const until = options.until === undefined ? undefined : timeOf('--until', options.until)
  const { client } = await reach(terminal, options)
  const owed = await client.webhooks.replay(name, { since, until })
  terminal.result({ owed }, () =>
    owed === 0
      ? 'Nothing changed in that time.'
      : `${count(owed)} ${owed === 1 ? 'is' : 'are'} told again, in the newest state.`,
  )
  return EXIT.canceled
}
