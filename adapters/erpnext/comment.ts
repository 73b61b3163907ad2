/** The reason as a comment in the order's timeline: written after the cancel, and not twice. */
import {
  type Connection,
  type Fact,
  type Facts,
  reasonText,
  sameText,
  type CancelRequest,
} from '../../src/adapter/index.ts'
import { list, PATHS, type Settings } from './access.ts'
import * as wire from './wire.ts'

const KEPT: Omit<Fact, 'basis'> = {
  done: 'yes',
  detail: 'Kept as a comment in the order’s timeline, written after the cancel.',
}

/** So many comments of one order are looked through, the newest first. */
const MOST_COMMENTS = 100

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
}
const SIGNS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(ENTITIES).map(([sign, entity]) => [entity, sign])),
  '&nbsp;': ' ',
  '&quot;': '"',
  '&#34;': '"',
  '&#39;': "'",
}

/** Frappe shows a comment as HTML. */
export const asHtml = (text: string): string =>
  text.replaceAll(/[&<>]/g, (sign) => ENTITIES[sign] ?? sign).replaceAll(/\r\n?|\n/g, '<br>')

const inOneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()
const asText = (html: string): string =>
  inOneLine(
    html
      .replaceAll(/<[^<>]*>/g, ' ')
      .replaceAll(/&(?:amp|lt|gt|nbsp|quot|#34|#39);/g, (entity) => SIGNS[entity] ?? entity),
  )

/**
 * Frappe writes a comment's HTML anew as it saves it (comment.py, validate), each release in its
 * own way: `<br/>`, `&nbsp;`, and some put signs in the place of `&lt;`.
 */
const isSaid = (content: string | null | undefined, text: string): boolean => {
  const said = asText(content ?? '')
  return said !== '' && [inOneLine(text), asText(text)].some((ours) => sameText(said, ours))
}

const isThere = async (
  connection: Connection<Settings>,
  name: string,
  text: string,
): Promise<boolean> => {
  const { data } = await connection.send(
    list(
      PATHS.comments,
      {
        fields: ['reference_name', 'content'],
        filters: [
          ['reference_doctype', '=', 'Sales Order'],
          ['reference_name', '=', name],
          ['comment_type', '=', 'Comment'],
        ],
        orderBy: 'creation desc',
        limit: MOST_COMMENTS,
      },
      wire.CommentsReply,
    ),
  )
  return data.some((one) => one.reference_name === name && isSaid(one.content, text))
}

/** Comments are taken whatever state the order is in. */
export const keepReason = async (
  connection: Connection<Settings>,
  request: CancelRequest,
  name: string,
): Promise<Partial<Facts>> => {
  const text = reasonText(request)
  if (text === null) return {}
  if (await isThere(connection, name, text)) return { reason: { ...KEPT, basis: 'confirmed' } }
  await connection.send({
    method: 'POST',
    path: PATHS.comments,
    body: {
      comment_type: 'Comment',
      reference_doctype: 'Sales Order',
      reference_name: name,
      content: asHtml(text),
    },
    reply: wire.CommentReply,
    about: { orderId: name, ids: ({ data }) => [data.reference_name] },
  })
  return { reason: { ...KEPT, basis: 'reported' } }
}
