/** A digest as a mail: plain text, and the same as simple HTML. */
import { type Digest, FOOT, type Line, type Section } from './digest.ts'

/** Where the console is for those who read it; null: nobody said, so nothing is linked. */
export type Base = string | null

const textLine = ({ what, says, path }: Line, base: Base): string[] =>
  what === ''
    ? [`  ${says}`]
    : [`  ${what}: ${says}`, ...(base !== null && path !== null ? [`  ${base}${path}`] : [])]

const textSection = ({ title, lines, todo }: Section, base: Base): string =>
  [
    title,
    ...lines.flatMap((line) => textLine(line, base)),
    ...(todo === null ? [] : [`  → ${todo}`]),
  ].join('\n')

export const digestText = ({ subject, parts }: Digest, base: Base): string =>
  [
    subject,
    ...parts.flatMap(({ heading, sections }) => [
      `${heading}\n${'-'.repeat(heading.length)}`,
      ...sections.map((section) => textSection(section, base)),
    ]),
    ...(base === null ? [] : [`${base}/console`]),
    `-- \n${FOOT}`,
  ].join('\n\n') + '\n'

const SIGNS: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escape = (text: string): string => text.replaceAll(/[&<>"']/g, (sign) => SIGNS[sign] ?? sign)

const linked = (text: string, path: string | null, base: Base): string =>
  base === null || path === null
    ? escape(text)
    : `<a href="${escape(base + path)}">${escape(text)}</a>`

const htmlLine = ({ what, says, path }: Line, base: Base): string =>
  what === ''
    ? `<li>${escape(says)}</li>`
    : `<li><strong>${linked(what, path, base)}</strong>: ${escape(says)}</li>`

const htmlSection = ({ title, lines, todo }: Section, base: Base): string =>
  `<h3 style="font-size:1em;margin:.8em 0 .2em">${escape(title)}</h3>` +
  (lines.length === 0
    ? ''
    : `<ul style="margin:0">${lines.map((line) => htmlLine(line, base)).join('')}</ul>`) +
  (todo === null ? '' : `<p style="margin:.2em 0">→ ${escape(todo)}</p>`)

export const digestHtml = ({ subject, parts }: Digest, base: Base): string =>
  '<!doctype html><html lang="en"><head><meta charset="utf-8">' +
  `<title>${escape(subject)}</title></head>` +
  '<body style="font-family:sans-serif;line-height:1.4;max-width:44em">' +
  `<h1 style="font-size:1.3em">${escape(subject)}</h1>` +
  parts
    .map(
      ({ heading, sections }) =>
        `<h2 style="font-size:1.1em;margin:1.2em 0 0;color:#666">${escape(heading)}</h2>` +
        sections.map((section) => htmlSection(section, base)).join(''),
    )
    .join('') +
  (base === null ? '' : `<p>${linked('Needs you', '/console', base)}</p>`) +
  `<p style="color:#666">${escape(FOOT)}</p></body></html>`
