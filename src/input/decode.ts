/** A table’s text: which encoding a spreadsheet wrote it in, and which separator stands in it. */

export interface Decoded {
  readonly text: string
  /** No mark and no UTF-8: read as Windows-1252, which a person should look at. */
  readonly isGuessed: boolean
}

/** What is wrong with a file as a whole. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable'
}

/** How a file begins, and what it is by that. */
const MARKS: readonly (readonly [bytes: readonly number[], encoding: string])[] = [
  [[0xef, 0xbb, 0xbf], 'utf-8'],
  [[0xff, 0xfe], 'utf-16le'],
  [[0xfe, 0xff], 'utf-16be'],
]
/** ZIP and the compound file: a workbook, new or old. */
const WORKBOOKS = [
  [0x50, 0x4b, 0x03, 0x04],
  [0xd0, 0xcf, 0x11, 0xe0],
]
const SAVE = 'save the table as “CSV UTF-8”'

const beginsWith = (bytes: Uint8Array, mark: readonly number[]): boolean =>
  mark.every((byte, index) => bytes[index] === byte)

const strictly = (bytes: ArrayBuffer, encoding: string): string | null => {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch {
    return null
  }
}

/** Every byte is a character there; what no text holds shows that it is none. */
const guessed = (bytes: ArrayBuffer): string => {
  const text = new TextDecoder('windows-1252').decode(bytes)
  // oxlint-disable-next-line no-control-regex
  if (/[\u0000-\u0008\u000e-\u001f\u007f-\u009f]/.test(text))
    throw new Unreadable(`is not valid UTF-8 and no other text either: ${SAVE}`)
  return text
}

/**
 * The text of a file from a spreadsheet. Without a mark it is UTF-8; else, where `mayGuess`, what
 * Excel writes as plain CSV on Windows in western Europe and America. Throws `Unreadable`.
 */
export const decodeTable = (bytes: ArrayBuffer, mayGuess: boolean): Decoded => {
  const head = new Uint8Array(bytes, 0, Math.min(4, bytes.byteLength))
  if (WORKBOOKS.some((mark) => beginsWith(head, mark)))
    throw new Unreadable(`is a workbook, and not the text of a table: ${SAVE}`)
  const encoding = MARKS.find(([mark]) => beginsWith(head, mark))?.[1]
  const text = strictly(bytes, encoding ?? 'utf-8')
  if (text === null && (encoding !== undefined || !mayGuess))
    throw new Unreadable(`is not valid ${(encoding ?? 'utf-8').toUpperCase()}: ${SAVE}`)
  // ASCII in UTF-16 without a mark is valid UTF-8 too: every other byte is zero.
  if (text?.slice(0, 2).includes('\0')) throw new Unreadable(`is UTF-16 without a mark: ${SAVE}`)
  return text === null ? { text: guessed(bytes), isGuessed: true } : { text, isGuessed: false }
}

const SEPARATORS = [',', ';', '\t']
/** How far a header is looked for. */
const HEAD_LENGTH = 65_536

/** The separator that the first line with anything in it has most of; a comma where none is. */
const separatorIn = (text: string): string => {
  const lines = text.slice(0, HEAD_LENGTH).split('\n')
  const head = (lines.find((line) => /[^,;"\s]/.test(line)) ?? '').replaceAll(/"[^"]*"/g, '')
  const times = SEPARATORS.map((separator) => head.split(separator).length)
  return SEPARATORS[times.indexOf(Math.max(...times))] ?? ','
}

export interface Separated {
  readonly text: string
  readonly separator: string
}

/**
 * What is in the table, and what parts its cells: as its first line says, `sep=;`, which Excel
 * writes for itself and does not show, or as its header has it. Lines end in `\n`.
 */
export const separate = (text: string): Separated => {
  const lines = text.replaceAll(/\r\n?/g, '\n')
  const told = /^"?sep=([,;\t|])"?\n/i.exec(lines)
  return told?.[1] === undefined
    ? { text: lines, separator: separatorIn(lines) }
    : { text: lines.slice(told[0].length), separator: told[1] }
}
