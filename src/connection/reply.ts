/**
 * A reply's body as data, with every digit that was written; and, where it is no data, what it is
 * instead.
 */
import { isExact } from '../model/money.ts'
import type { Incoming } from './transport.ts'

/**
 * A number in JSON that a double may not hold: sixteen digits and more, and no string's. Ordinary
 * replies have none and are read at full speed.
 */
const LONG_NUMBER = /[\s:,[-]\d[\d.]{15}/

/**
 * A number whose digits would be lost stays the text that was written (ECMAScript's `JSON.parse`
 * with source text access).
 */
const withDigits = (_: string, value: unknown, context?: { readonly source?: string }): unknown =>
  typeof value === 'number' && context?.source !== undefined && !isExact(value, context.source)
    ? context.source
    : value

/**
 * The JSON of a text; undefined where it is none (HTML, half a reply): the caller decides by
 * status.
 */
export const parse = (text: string): unknown => {
  const json = text.startsWith('\ufeff') ? text.slice(1) : text
  try {
    return LONG_NUMBER.test(json) ? JSON.parse(json, withDigits) : JSON.parse(json)
  } catch {
    return undefined
  }
}

/**
 * Why a reply with success could not be used, and the same as a sentence for people. Nothing of it
 * is the platform's.
 */
export const WHY = {
  'text/html':
    'The platform answered with a page of HTML in the place of data, as a login page does.',
  XML: 'The platform answered with XML in the place of JSON.',
  empty: 'The platform answered with nothing in the place of data.',
  'no JSON': 'The platform’s reply could not be read: it is no JSON, or only a part of it.',
  'another shape': 'The platform’s reply could not be read: what it must hold is not in it.',
  'unknown coding':
    'The platform’s reply could not be read: it is compressed in a way that is not known here.',
  'broken coding': 'The platform’s reply could not be read: its compression is broken.',
  'another order': 'The platform’s reply was about another order.',
} as const
export type Unread = keyof typeof WHY

/** What a reply is in the place of the data that was asked for. */
export const unreadBecause = ({ unread, text, headers }: Incoming, body: unknown): Unread => {
  if (unread) return unread
  if (body !== undefined) return 'another shape'
  const start = text.slice(0, 1_000).trimStart()
  if (/^<(?:!doctype html|html)/i.test(start) || /html/i.test(headers.get('content-type') ?? ''))
    return 'text/html'
  return start === '' ? 'empty' : start.startsWith('<') ? 'XML' : 'no JSON'
}
