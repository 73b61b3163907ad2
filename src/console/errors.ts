/**
 * Every error as a page of the console: what is the matter in words, what to do, and by what name
 * it stands in the log; never a trace, and never an answer for programs.
 */
import type { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Env } from '../http/auth.ts'
import { LedgerUnavailable } from '../ledger/port.ts'
import { personAdvice } from '../messages/advice.ts'
import { type Problem, type ProblemCode, ProblemError } from '../model/problem.ts'
import { type Html, html, icon, said } from './elements.ts'
import { addressOf, type Call, type ConsoleContext, show } from './layout.ts'

interface Trouble {
  readonly status: number
  readonly title: string
  readonly detail: string
  /** What to do now. */
  readonly todo: string
  readonly more?: Html
  /** Where else to go, before what every such page leads to. */
  readonly links?: readonly Html[]
}

const troublePage = (
  c: Call,
  context: ConsoleContext,
  { status, title, detail, todo, more, links = [] }: Trouble,
): Promise<Response> => {
  const ways = [
    ...links,
    c.get('caller')
      ? html`<a href="/console">Needs you</a>`
      : html`<a href="/console/login">Log in</a>`,
  ]
  return show(
    c,
    context,
    {
      title,
      place: null,
      body: html`
        <div class="empty is-trouble">
          <h1>${icon('alert')} ${title}</h1>
          <p>${said(detail)}</p>
          ${more ?? ''}
          ${todo ? html`<p><strong>What to do:</strong> ${todo}</p>` : ''}
          <p>${ways.map((way, index) => html`${index > 0 ? ' · ' : ''}${way}`)}</p>
          <p class="hint">
            Error ${status}. In the log it is request <code>${c.get('requestId')}</code>.
          </p>
        </div>
      `,
    },
    status as ContentfulStatusCode,
  )
}

/** What to do where the advice to a person has nothing, or speaks of the API. */
const AT_THE_CONSOLE: Partial<Record<ProblemCode, string>> = {
  'invalid-request': 'Go back, mend what is named here, and try again.',
  forbidden: 'Log in with a key that may do this, or have this one’s scopes widened.',
  'not-found': 'Check the address, or begin at one of the pages above.',
  'store-not-found': 'Choose one of those that “Stores” lists.',
  'cancellation-not-found':
    'Look for it above by its order. Records are kept for 400 days after they settled.',
  'link-not-found': 'Choose one of those that “Links” lists.',
  'webhook-not-found': 'Choose one of those that “Webhooks” lists.',
  'cancellation-conflict': 'Look at the cancellation in question: that one counts.',
  'needs-attention': 'Look at the order and its payment in the store, then close the cancellation.',
  'not-withdrawable': 'Look at it again: it is being sent, or it is settled.',
  'too-large': 'Send less at once.',
  'unsupported-media-type': 'Open the page here, and press its button again.',
  'idempotency-key-reused': 'Begin anew: this form was used for something else.',
  'invalid-items': 'Mend the rows that are named, and choose the file again.',
  'rate-limited': 'Wait some seconds, and try again.',
}

/** What is wrong in what was sent, and where. */
const mistakes = (errors: NonNullable<Problem['errors']>) => html`
  <ul>
    ${errors.slice(0, 20).map(({ line, row, column, pointer, detail }) => {
      const at = line ? `line ${line}` : row ? `row ${row}` : ''
      const place = [at, column ?? pointer].filter(Boolean).join(', ')
      return html`<li>${said([place, detail].filter(Boolean).join(': '))}</li>`
    })}
  </ul>
`

/** Where to go on from a problem; what stands in the way is linked. */
const waysOf = (c: Call, { code, cancellation, retryable }: Problem): readonly Html[] => {
  const other = /^\/v1\/cancellations\/(can_\w+)$/.exec(cancellation ?? '')?.[1]
  return [
    other ? html`<a href="/console/cancellations/${other}">The cancellation in question</a>` : null,
    html`<a href="/problems/${code}">What this means</a>`,
    code === 'order-not-found'
      ? html`<a href="/console/new">Find the order</a>`
      : retryable && c.req.method === 'GET'
        ? html`<a href="${addressOf(c)}">Try again</a>`
        : c.req.path === '/console/batches/check'
          ? html`<a href="/console/batches">Choose another file</a>`
          : null,
  ].filter((way) => way !== null)
}

/** Of what was only read, nobody expects a change. */
const unchanged = (c: Call, { acted }: Problem): boolean => acted === 'no' && c.req.method !== 'GET'

const ofProblem = (c: Call, problem: Problem): Trouble => ({
  status: problem.status,
  title: problem.title,
  detail: problem.detail,
  todo: AT_THE_CONSOLE[problem.code] ?? personAdvice(problem) ?? '',
  more: html`
    ${problem.errors ? mistakes(problem.errors) : ''}
    ${unchanged(c, problem) ? html`<p>Nothing changed in the store.</p>` : ''}
  `,
  links: waysOf(c, problem),
})

const ofLedger = (c: Call, { written }: LedgerUnavailable): Trouble => {
  const isSafe = written === false || c.req.method === 'GET'
  return {
    status: 503,
    title: 'Could not load',
    detail:
      'The ledger cannot be reached, so nothing can be said about cancellations. ' +
      (isSafe
        ? 'Nothing was accepted and nothing sent.'
        : 'What was asked for may be written down, and is done then: look for it before you ' +
          'ask again.'),
    todo: 'Try again in a while. If it stays, whoever runs the gateway finds why in its log.',
    links: c.req.method === 'GET' ? [html`<a href="${addressOf(c)}">Try again</a>`] : [],
  }
}

const FAULT: Trouble = {
  status: 500,
  title: 'We made a mistake',
  detail: 'Something went wrong inside the gateway. What was written is kept.',
  todo:
    'See whether it was done before you do it again. If it stays, tell whoever runs the gateway ' +
    'the request below.',
}

const ELSEWHERE: Trouble = {
  status: 403,
  title: 'This form came from elsewhere',
  detail: 'Only forms of this console are read. Nothing was done.',
  todo: 'Open the page here, and press its button again.',
}

/**
 * Answers every error of the console with a page. `admit`: finds out who asks, where the error came
 * before that.
 */
export const addErrors = (
  app: Hono<Env>,
  context: ConsoleContext,
  admit: (c: Call) => Promise<void>,
  onFault: (error: unknown, requestId: string) => void,
): void => {
  app.onError(async (error, c) => {
    await admit(c)
    if (error instanceof ProblemError) {
      c.set('code', error.problem.code)
      for (const [name, value] of Object.entries(error.headers)) c.header(name, value)
      return troublePage(c, context, ofProblem(c, error.problem))
    }
    if (error instanceof HTTPException && error.status === 403)
      return troublePage(c, context, ELSEWHERE)
    onFault(error, c.get('requestId'))
    return troublePage(c, context, error instanceof LedgerUnavailable ? ofLedger(c, error) : FAULT)
  })
}
