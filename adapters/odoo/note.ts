/** The reason as an internal note of the order, which staff read and the portal does not show. */
import { type Connection, type Fact, sameText } from '../../src/adapter/index.ts'
import { type Access, callOf, type Settings } from './access.ts'
import { native } from './orders.ts'
import * as wire from './wire.ts'

const NOTE: Omit<Fact, 'basis'> = {
  done: 'yes',
  detail: 'Kept as an internal note of the order, written after the cancel.',
}
/** So many messages of one order are looked through, the newest first. */
const MOST_MESSAGES = 100

const ENTITIES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#34;': '"',
  '&#39;': "'",
  '&nbsp;': ' ',
  '&amp;': '&',
}

/** Odoo keeps HTML: how a text was broken into lines is not told for sure. */
const inOneLine = (text: string): string => text.replace(/\s+/gu, ' ').trim()
const textOf = (html: string): string =>
  inOneLine(
    html
      .replace(/<[^<>]*>/g, ' ')
      .replace(/&(?:lt|gt|quot|#34|#39|nbsp|amp);/g, (entity) => ENTITIES[entity] ?? entity),
  )

/** 16 reads a body as HTML, 17 and later escape a plain text themselves. */
const bodyOf = (text: string, { version }: Settings): string =>
  version === '16'
    ? text
        .replaceAll('&', '&amp;')
        .replaceAll('<', '&lt;')
        .replaceAll('>', '&gt;')
        .replace(/\r\n?|\n/g, '<br>')
    : text

/** Whether the order has this note: one that an earlier try wrote is not written again. */
const isNoted = async (
  connection: Connection<Settings>,
  access: Access,
  orderId: string,
  text: string,
): Promise<boolean> => {
  const id = native(orderId)
  const domain = [
    ['model', '=', 'sale.order'],
    ['res_id', '=', id],
    ['message_type', '=', 'comment'],
  ]
  const messages = await connection.send(
    callOf(
      access,
      'mail.message',
      'search_read',
      { domain },
      { fields: ['res_id', 'body'], order: 'id desc', limit: MOST_MESSAGES },
      wire.MessagesReply,
    ),
  )
  return messages.some(
    ({ res_id, body }) => res_id === String(id) && sameText(textOf(body ?? ''), inOneLine(text)),
  )
}

export const writeNote = async (
  connection: Connection<Settings>,
  access: Access,
  orderId: string,
  text: string,
): Promise<Fact> => {
  if (await isNoted(connection, access, orderId, text)) return { ...NOTE, basis: 'confirmed' }
  const named = {
    body: bodyOf(text, connection.settings),
    message_type: 'comment',
    subtype_xmlid: 'mail.mt_note',
  }
  const ids = { ids: [native(orderId)] }
  await connection.send(callOf(access, 'sale.order', 'message_post', ids, named, wire.PostedReply))
  return { ...NOTE, basis: 'reported' }
}
