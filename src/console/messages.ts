/** The page about messages to people: who is told, how that went, and what was said last. */
import type { Hono } from 'hono'
import type { AlertView } from '../alerts/desk.ts'
import type { Env } from '../http/auth.ts'
import type { Line, Section } from '../messages/digest.ts'
import { empty, type Html, html, icon, said, tag, time } from './elements.ts'
import { type Call, type ConsoleContext, show } from './layout.ts'

const CHANNELS: Readonly<Record<AlertView['channel'], string>> = {
  mail: 'by mail',
  slack: 'in Slack',
  teams: 'in Teams',
  console: 'here alone: nothing is sent',
}

const stateOf = ({ failingSince, message, channel }: AlertView): Html => {
  if (failingSince !== null) return tag('needs_attention', 'Does not arrive')
  if (message === null) return tag('accepted', 'Nothing told yet')
  return tag('succeeded', channel === 'console' ? 'Shown here' : 'Well')
}

const lineHtml = ({ what, says, path }: Line): Html => html`
  <li>
    ${
      what === ''
        ? said(says)
        : html`
          ${path === null ? said(what) : html`<a href="${path}">${said(what)}</a>`}: ${said(says)}
        `
    }
  </li>
`

const sectionHtml = ({ title, lines, todo }: Section): Html => html`
  <h4>${said(title)}</h4>
  ${lines.length === 0 ? '' : html`<ul>${lines.map(lineHtml)}</ul>`}
  ${todo === null ? '' : html`<p>→ ${todo}</p>`}
`

const wentWhen = (
  { state, at, arrivedAt }: NonNullable<AlertView['message']>,
  result: string | null,
): Html => {
  if (state === 'delivered' && arrivedAt !== null)
    return html`
      Told ${time(arrivedAt)}.
      ${result?.includes('refused') ? html` The server said <code>${said(result)}</code>.` : ''}
    `
  return state === 'superseded'
    ? html`Of ${time(at)}; it was solved before anybody was told.`
    : html`To be told since ${time(at)}.`
}

const messageHtml = (
  message: NonNullable<AlertView['message']>,
  result: string | null,
): Html => html`
  <div class="letter">
    <h3>${said(message.digest.subject)}</h3>
    <p class="soft">${wentWhen(message, result)}</p>
    ${message.digest.parts.map(
      ({ heading, sections }) => html`
        <section><p class="part">${heading}</p>${sections.map(sectionHtml)}</section>
      `,
    )}
  </div>
`

const failing = ({ failingSince, lastResult, nextAt }: AlertView): Html =>
  failingSince === null
    ? html``
    : html`
      <p class="error">
        ${icon('alert')}
        <span>
          Nothing arrives since ${time(failingSince)}${
            lastResult === null ? '' : html`, last with <code>${said(lastResult)}</code>`
          }. What is to be told is kept, and tried again${' '}
          ${nextAt > Date.now() ? time(nextAt) : 'soon'}.
        </span>
      </p>
    `

const minutes = (ms: number): string => {
  const count = Math.round(ms / 60_000)
  return count === 1 ? 'a minute' : `${count} minutes`
}

const aboutOf = ({ channel, addresses, stores, events, quietMs }: AlertView): Html => html`
  <p>
    ${CHANNELS[channel]}${
      addresses === null ? '' : ` to ${addresses === 1 ? 'one address' : `${addresses} addresses`}`
    };${' '}
    ${stores === null ? 'every store' : said(stores.join(', '))};${' '}
    ${events === null ? 'everything that needs a person' : [...events].join(', ')}; at most one
    message in ${minutes(quietMs)}
  </p>
`

const card = (alert: AlertView): Html => html`
  <article class="card">
    <div class="head">
      <div>
        <h2>${said(alert.name)}</h2>
        ${aboutOf(alert)}
      </div>
      ${stateOf(alert)}
    </div>
    ${failing(alert)}
    ${
      alert.channel === 'console'
        ? html`
        <p>
          This is what people would be told. With stores of your own, alerts of the configuration
          send it by mail, to Slack or to Teams.
        </p>
      `
        : ''
    }
    ${
      alert.message === null
        ? html`<p>Nothing needed anybody until now, so nothing was said.</p>`
        : messageHtml(alert.message, alert.lastResult)
    }
  </article>
`

const NONE = html`
  <p>
    People are told by mail, or in Slack or Teams, when something needs them: one message for all
    that is new, then nothing for a quarter of an hour. It is an entry of the configuration:
  </p>
  <pre tabindex="0">
    "alerts": [ { "name": "ops", "slack": { "url": { "env": "OPS_SLACK_URL" } } } ]
  </pre>
`

/** What stands at the head of Needs you where messages do not arrive. */
export const untold = (alerts: readonly AlertView[]): Html => {
  const some = alerts.filter(({ failingSince }) => failingSince !== null)
  return some.length === 0
    ? html``
    : html`
      <p class="error">
        ${icon('alert')}
        <span>
          <a href="/console/messages">Messages to people</a> do not arrive:${' '}
          ${said(some.map(({ name }) => name).join(', '))}.
        </span>
      </p>
    `
}

/** Changes with it. */
export const untoldMark = (alerts: readonly AlertView[]): string =>
  alerts
    .filter(({ failingSince }) => failingSince !== null)
    .map(({ name }) => `~${name}`)
    .join('')

const page = async (c: Call, context: ConsoleContext): Promise<Response> => {
  const { name, stores } = c.get('caller')
  c.get('service').must('read')
  const alerts = await context.alerts.list(stores)
  return show(c, context, {
    title: 'Messages to people',
    place: 'needs',
    body: html`
      <div class="head">
        <div>
          <h1>Messages to people</h1>
          <p>Who is told when something needs a person, as far as ${said(name)} may see.</p>
        </div>
      </div>
      ${alerts.length === 0 ? empty('Nobody is told.', NONE) : alerts.map(card)}
    `,
  })
}

export const addMessages = (app: Hono<Env>, context: ConsoleContext): void => {
  app.get('/messages', (c) => page(c, context))
}
