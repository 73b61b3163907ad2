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

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

/** Frappe shows a comment as HTML and takes nothing out of it (comment.json: ignore_xss_filter). */
export const asHtml = (text: string): string =>
  text.replaceAll(/[&<>]/g, (sign) => ENTITIES[sign] ?? sign).replaceAll(/\r\n?|\n/g, '<br>')

const isThere = async (
  connection: Connection<Settings>,
  name: string,
  content: string,
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
  return data.some((one) => one.reference_name === name && sameText(one.content, content))
}

/** Comments are taken whatever state the order is in. */
export const keepReason = async (
  connection: Connection<Settings>,
  request: CancelRequest,
  name: string,
): Promise<Partial<Facts>> => {
  const text = reasonText(request)
  if (text === null) return {}
  const content = asHtml(text)
  if (await isThere(connection, name, content)) return { reason: { ...KEPT, basis: 'confirmed' } }
  await connection.send({
    method: 'POST',
    path: PATHS.comments,
    body: {
      comment_type: 'Comment',
      reference_doctype: 'Sales Order',
      reference_name: name,
      content,
    },
    reply: wire.CommentReply,
    about: { orderId: name, ids: ({ data }) => [data.reference_name] },
  })
  return { reason: { ...KEPT, basis: 'reported' } }
}
