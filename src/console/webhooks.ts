/** The page about the caller's own webhooks: how they are, a test, on again, and told again. */
import type { Hono } from 'hono'
import type { CallerWebhooks, WebhookView } from '../gateway/deliveries/service.ts'
import type { Env } from '../http/auth.ts'
import { DISABLED_SENTENCE } from '../messages/standing.ts'
import { refuse } from '../model/problem.ts'
import { instant, steadyNow } from '../model/time.ts'
import { empty, field, type Html, html, icon, said, tag, time } from './elements.ts'
import { type Call, type ConsoleContext, formOf, show } from './layout.ts'

const pathOf = ({ name }: WebhookView, action: string): string =>
  `/console/webhooks/${encodeURIComponent(name)}/${action}`

const stateOf = ({ enabled, failingSince, lastSuccessAt }: WebhookView): Html => {
  if (!enabled) return tag('needs_attention', 'Switched off')
  if (failingSince !== null) return tag('in_doubt', 'Failing')
  return lastSuccessAt === null ? tag('accepted', 'Told nothing yet') : tag('succeeded', 'Well')
}

const health = (webhook: WebhookView): Html => {
  const { pending, oldestPendingAt, lastSuccessAt, failingSince, lastResult, enabled } = webhook
  return html`
    <p>
      ${pending === 0 ? 'Nothing is owed' : `${pending} to be told`}${
        oldestPendingAt === null ? '' : html`, the oldest of ${time(oldestPendingAt)}`
      }.
      ${lastSuccessAt === null ? '' : html` Last told ${time(lastSuccessAt)}.`}
      ${
        failingSince === null
          ? ''
          : html` Failing since ${time(failingSince)}${
              lastResult === null ? '' : html`, last with <code>${said(lastResult)}</code>`
            }.`
      }
    </p>
    ${
      enabled
        ? ''
        : html`
        <p class="error">
          ${icon('alert')}
          <span>${DISABLED_SENTENCE}</span>
        </p>
      `
    }
  `
}

const acts = (webhook: WebhookView): Html => {
  const id = `since-${webhook.name}`
  return html`
    <div class="acts">
      <form method="post" action="${pathOf(webhook, 'test')}">
        <button class="button">Send a test</button>
      </form>
      ${
        webhook.enabled
          ? ''
          : html`
          <form method="post" action="${pathOf(webhook, 'enable')}">
            <button class="button is-first">Switch on</button>
          </form>
        `
      }
    </div>
    <form class="filters" method="post" action="${pathOf(webhook, 'replay')}">
      ${field(
        id,
        'Tell again what changed since (UTC)',
        html`<input id="${id}" name="since" type="datetime-local" required>`,
      )}
      <button class="button">Tell again</button>
    </form>
  `
}

/** What a form of this page came to, beside its webhook. */
interface Result {
  readonly name: string
  readonly says: Html
}

const card = (webhook: WebhookView, result: Result | null): Html => html`
  <article class="card">
    <div class="head">
      <div>
        <h2>${said(webhook.name)}</h2>
        <p><code>${said(webhook.url)}</code></p>
        <p>${webhook.events === null ? 'every event' : webhook.events.join(', ')}</p>
      </div>
      ${stateOf(webhook)}
    </div>
    ${result?.name === webhook.name ? html`<p class="lead" id="result">${result.says}</p>` : ''}
    ${health(webhook)}
    ${acts(webhook)}
  </article>
`

const NONE = html`
  <p>
    A webhook tells a program of yours what became of a cancellation, by itself. It is an entry of a
    caller in the configuration:
  </p>
  <pre tabindex="0">
    "webhooks": [ { "name": "orders", "url": "https://erp.example.com/hooks/rescind",
    "secret": { "env": "ERP_WEBHOOK_SECRET" }, "events": ["*"] } ]
  </pre>
`

const page = async (
  c: Call,
  context: ConsoleContext,
  result: Result | null = null,
): Promise<Response> => {
  const webhooks = await c.get('webhooks').list()
  return show(c, context, {
    title: 'Webhooks',
    place: 'webhooks',
    body: html`
      <div class="head">
        <div>
          <h1>Webhooks</h1>
          <p>What is told to others: those of ${said(c.get('caller').name)} alone.</p>
        </div>
      </div>
      ${
        webhooks.length === 0
          ? empty('None of this key.', NONE)
          : webhooks.map((webhook) => card(webhook, result))
      }
    `,
  })
}

type Action = (webhooks: CallerWebhooks, name: string, c: Call) => Promise<Html>

const test: Action = async (webhooks, name) => {
  const { delivered, result } = await webhooks.test(name)
  return delivered
    ? html`The test arrived: <code>${said(result)}</code>.`
    : html`The test did not arrive: <code>${said(result)}</code>.`
}

const enable: Action = async (webhooks, name) => {
  await webhooks.enable(name)
  return html`It is on. What is owed goes out.`
}

const replay: Action = async (webhooks, name, c) => {
  const { since } = await formOf(c)
  // A browser sends no zone.
  const at = Date.parse(instant(`${typeof since === 'string' ? since : ''}Z`) ?? '')
  const now = steadyNow()
  if (!(at <= now)) return refuse('invalid-request', 'Say since when, in UTC and not after now.')
  const owed = await webhooks.replay(name, at, now)
  return html`
    ${owed === 0 ? 'Nothing changed since then.' : `${owed} told again, each in its newest state.`}
  `
}

const act =
  (context: ConsoleContext, action: Action) =>
  async (c: Call): Promise<Response> => {
    const name = c.req.param('name') ?? ''
    const says = await action(c.get('webhooks'), name, c)
    return page(c, context, { name, says })
  }

export const addWebhooks = (app: Hono<Env>, context: ConsoleContext): void => {
  app.get('/webhooks', (c) => page(c, context))
  // What a form of it came to is shown once, and has no address.
  app.get('/webhooks/*', (c) => c.redirect('/console/webhooks', 303))
  app.post('/webhooks/:name/test', act(context, test))
  app.post('/webhooks/:name/enable', act(context, enable))
  app.post('/webhooks/:name/replay', act(context, replay))
}
