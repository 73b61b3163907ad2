/** Slack's and Teams' incoming webhooks over real HTTP: what goes out, and every way to fail. */
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Alert } from '../../src/alerts/alert.ts'
import { openSending } from '../../src/hosts/node/alerts.ts'
import { digestOf } from '../../src/messages/digest.ts'
import { slackBody, teamsBody } from '../../src/messages/digest-chat.ts'
import { answering, LOOPBACK, openReceiver } from '../gateway/deliveries/receiver.ts'
import { EVIL, hostile } from './hostile.ts'
import { alertOf, START } from './people.ts'

const BASE = 'https://rescind.example'

const found = {
  fresh: [
    {
      key: 'cancellation.needs_attention can_1 1',
      event: 'cancellation.needs_attention',
      title: 'Not clear what became of the order',
      place: 'acme-wix',
      what: 'Order 10012',
      path: '/console/cancellations/can_1',
      since: 0,
      says: 'A person must look.',
      todo: 'Look at the order.',
    },
  ],
  waiting: [],
  solved: [],
} as const
const message = { id: 'm1', at: START, digest: digestOf(found) }

const alertAt = (kind: 'slack' | 'teams', url: string, reach = LOOPBACK): Alert =>
  alertOf({ channel: { kind, url, reach } })

const open = () => {
  const sending = openSending(null, BASE)
  onTestFinished(sending.close)
  return sending.send
}

interface SlackBody {
  readonly text: string
  readonly blocks: readonly { readonly type: string; readonly text: { readonly text: string } }[]
}

describe('what goes out', () => {
  it('to Slack is a text and a few blocks', async () => {
    const receiver = await openReceiver(answering(200, {}, 'ok'))
    expect(await open()(alertAt('slack', receiver.url), message)).toEqual({
      hasArrived: true,
      result: '200',
      retryAfterMs: null,
    })
    const body = JSON.parse(receiver.received[0]?.body ?? '') as SlackBody
    expect(body.text).toBe('1 order needs you at acme-wix')
    expect(body.blocks.map(({ type, text }) => [type, text.text])).toEqual([
      ['header', '1 order needs you at acme-wix'],
      [
        'section',
        '*New*\nNot clear what became of the order · acme-wix\n' +
          `• <${BASE}/console/cancellations/can_1|Order 10012>: A person must look.\n` +
          `→ Look at the order.\n<${BASE}/console|Needs you>`,
      ],
    ])
    expect(receiver.received[0]?.headers['content-type']).toBe('application/json')
  })

  it('to Teams is an adaptive card in a message', async () => {
    const receiver = await openReceiver(answering(202))
    expect(await open()(alertAt('teams', receiver.url), message)).toMatchObject({
      hasArrived: true,
    })
    const body = JSON.parse(receiver.received[0]?.body ?? '') as {
      readonly type: string
      readonly attachments: readonly { readonly content: { readonly body: readonly object[] } }[]
    }
    expect(body).toMatchObject({
      type: 'message',
      attachments: [
        {
          contentType: 'application/vnd.microsoft.card.adaptive',
          contentUrl: null,
          content: {
            type: 'AdaptiveCard',
            version: '1.2',
            actions: [{ type: 'Action.OpenUrl', title: 'Needs you', url: `${BASE}/console` }],
          },
        },
      ],
    })
    expect(body.attachments[0]?.content.body.at(3)).toEqual({
      type: 'RichTextBlock',
      spacing: 'Small',
      inlines: [
        {
          type: 'TextRun',
          text: 'Order 10012',
          weight: 'Bolder',
          selectAction: { type: 'Action.OpenUrl', url: `${BASE}/console/cancellations/can_1` },
        },
        { type: 'TextRun', text: ': A person must look.' },
      ],
    })
  })

  it('leads nowhere where nobody said at which address the console is', () => {
    expect(slackBody(message.digest, null) + teamsBody(message.digest, null)).not.toMatch(
      /\/console|OpenUrl/,
    )
  })

  it('is escaped, whatever others wrote, and never longer than is taken', () => {
    const many = {
      fresh: Array.from({ length: 40 }, (_, index) => ({
        ...hostile.fresh[0]!,
        key: String(index),
        place: `${index} ${EVIL}`,
        says: '<&>'.repeat(100),
      })),
      waiting: hostile.waiting,
      solved: hostile.solved,
    }
    for (const digest of [digestOf(hostile), digestOf(many)]) {
      const slack = JSON.parse(slackBody(digest, BASE)) as SlackBody
      const [header, ...sections] = slack.blocks
      expect(header?.text.text.length).toBeLessThanOrEqual(150)
      expect(slack.blocks.length).toBeLessThanOrEqual(50)
      for (const { text } of sections) {
        expect(text.text.length).toBeLessThanOrEqual(3_000)
        expect(text.text.replaceAll(`<${BASE}/console`, '')).not.toMatch(/<[!@#h]/)
      }
      expect(slack.text).not.toMatch(/[<>]/)
      const teams = teamsBody(digest, BASE)
      expect(new TextEncoder().encode(teams).length).toBeLessThanOrEqual(28_000)
      // A text block would read Markdown in it.
      expect(teams).not.toContain('"TextBlock"')
      for (const text of [JSON.stringify(slack), teams])
        expect(text).not.toMatch(/\\u0000|\u202e|\\r/)
    }
  })
})

describe('a receiver that fails', () => {
  const result = async (
    answer: Parameters<typeof openReceiver>[0],
    kind: 'slack' | 'teams' = 'slack',
  ) => {
    const receiver = await openReceiver(answer)
    return open()(alertAt(kind, receiver.url), message)
  }

  it('asks to be left alone', async () => {
    expect(await result(answering(429, { 'retry-after': '30' }))).toEqual({
      hasArrived: false,
      result: '429',
      retryAfterMs: 30_000,
    })
  })
  it('has a fault, or knows the webhook no more', async () => {
    expect(await result(answering(500))).toMatchObject({ hasArrived: false, result: '500' })
    expect(await result(answering(404, {}, 'no_service'))).toMatchObject({ result: '404' })
  })
  it('sends elsewhere: nobody goes there', async () => {
    const elsewhere = await openReceiver(answering(200))
    expect(await result(answering(302, { location: elsewhere.url }))).toMatchObject({
      hasArrived: false,
      result: '302',
    })
    expect(elsewhere.received).toEqual([])
  })
  it('answers with more than anybody reads: its status counts', async () => {
    const huge = 'x'.repeat(5_000_000)
    expect(await result(answering(200, {}, huge))).toMatchObject({
      hasArrived: true,
      result: '200',
    })
    expect(await result(answering(503, {}, huge))).toMatchObject({
      hasArrived: false,
      result: '503',
    })
  })
  it('of Teams says in words that nothing arrived', async () => {
    const words = 'Webhook message delivery failed with error: endpoint returned HTTP error 429'
    expect(await result(answering(200, {}, words), 'teams')).toEqual({
      hasArrived: false,
      result: '429',
    })
  })
  it('breaks off, or is not there', async () => {
    expect(await result((response) => response.destroy())).toMatchObject({
      hasArrived: false,
      result: expect.stringContaining('connection lost'),
    })
    expect(await open()(alertAt('slack', 'http://127.0.0.1:1/x'), message)).toEqual({
      hasArrived: false,
      result: 'unreachable (ECONNREFUSED)',
    })
  })
  it('by a name that leads into the network of the gateway is not asked', async () => {
    const receiver = await openReceiver()
    const inside = `http://localhost:${receiver.port}/hooks`
    const internet = { allowHttp: true, allowPrivate: false, allowLoopback: false }
    const sent = await open()(alertAt('slack', inside, internet), message)
    expect(sent).toEqual({ hasArrived: false, result: 'unreachable (EADDRFORBIDDEN)' })
    expect(receiver.connections()).toBe(0)
  })
})
