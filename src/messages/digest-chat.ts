/** A digest as chats take it: the bodies of Slack's and Teams' incoming webhooks. */
import { type Digest, type Line } from './digest.ts'
import type { Base } from './digest-mail.ts'

/** Of a section's text 3,000 characters, of a header's 150, and 50 blocks at most (Block Kit). */
const BLOCK_LENGTH = 2_900
const HEADER_LENGTH = 150
const MOST_BLOCKS = 50

/**
 * What Slack reads as its own: mentions, links
 * (docs.slack.dev/messaging/formatting-message-text, “Escaping text”).
 */
const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

const slackLine = ({ what, says, path }: Line, base: Base): string => {
  if (what === '') return `• ${escape(says)}`
  const name = escape(what)
  return `• ${base === null || path === null ? name : `<${base}${path}|${name}>`}: ${escape(says)}`
}

const slackLines = ({ parts }: Digest, base: Base): readonly string[] => [
  ...parts.flatMap(({ heading, sections }) => [
    `*${escape(heading)}*`,
    ...sections.flatMap(({ title, lines, todo }) => [
      escape(title),
      ...lines.map((line) => slackLine(line, base)),
      ...(todo === null ? [] : [`→ ${escape(todo)}`]),
    ]),
  ]),
  ...(base === null ? [] : [`<${base}/console|Needs you>`]),
]

/** As many lines a block as it holds. */
const filled = (lines: readonly string[]): readonly string[] =>
  lines.reduce<string[]>((texts, line) => {
    const last = texts.at(-1)
    if (last !== undefined && last.length + 1 + line.length <= BLOCK_LENGTH)
      return [...texts.slice(0, -1), `${last}\n${line}`]
    return [...texts, line]
  }, [])

/** docs.slack.dev/messaging/sending-messages-using-incoming-webhooks */
export const slackBody = (digest: Digest, base: Base): string => {
  const { subject } = digest
  const header =
    subject.length > HEADER_LENGTH ? `${subject.slice(0, HEADER_LENGTH - 1)}…` : subject
  return JSON.stringify({
    text: escape(subject),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: header.toWellFormed(), emoji: false } },
      ...filled(slackLines(digest, base))
        .slice(0, MOST_BLOCKS - 1)
        .map((text) => ({ type: 'section', text: { type: 'mrkdwn', text, verbatim: true } })),
    ],
  })
}

/** A message of more than 28 KB is refused. */
const CARD_BYTES = 26_000

interface Run {
  readonly type: 'TextRun'
  readonly text: string
}
/** Of a text run nothing is read as Markdown, which of a text block is. */
const run = (text: string, more: object = {}): Run => ({ type: 'TextRun', text, ...more })
const block = (inlines: readonly Run[], more: object = {}) => ({
  type: 'RichTextBlock',
  inlines,
  ...more,
})
const opens = (url: string) => ({ selectAction: { type: 'Action.OpenUrl', url } })

const cardLine = ({ what, says, path }: Line, base: Base) =>
  block(
    what === ''
      ? [run(says)]
      : [
          run(what, {
            weight: 'Bolder',
            ...(base !== null && path !== null && opens(base + path)),
          }),
          run(`: ${says}`),
        ],
    { spacing: 'Small' },
  )

const cardBody = ({ subject, parts }: Digest, base: Base): readonly object[] => [
  block([run(subject, { size: 'Medium', weight: 'Bolder' })]),
  ...parts.flatMap(({ heading, sections }) => [
    block([run(heading, { weight: 'Bolder' })], { separator: true }),
    ...sections.flatMap(({ title, lines, todo }) => [
      block([run(title)]),
      ...lines.map((line) => cardLine(line, base)),
      ...(todo === null ? [] : [block([run(`→ ${todo}`)], { spacing: 'Small' })]),
    ]),
  ]),
]

/**
 * The message around an adaptive card that an incoming webhook of the Workflows app takes
 * (learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using,
 * “Send adaptive cards using an incoming webhook”).
 */
export const teamsBody = (digest: Digest, base: Base): string => {
  const message = (body: readonly object[]) =>
    JSON.stringify({
      type: 'message',
      attachments: [
        {
          contentType: 'application/vnd.microsoft.card.adaptive',
          contentUrl: null,
          content: {
            $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
            type: 'AdaptiveCard',
            version: '1.2',
            body,
            ...(base !== null && {
              actions: [{ type: 'Action.OpenUrl', title: 'Needs you', url: `${base}/console` }],
            }),
          },
        },
      ],
    })
  const whole = cardBody(digest, base)
  for (let length = whole.length; ; length--) {
    const text = message(whole.slice(0, length))
    if (length <= 1 || new TextEncoder().encode(text).length <= CARD_BYTES) return text
  }
}
