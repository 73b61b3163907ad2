/**
 * No text from outside decides how long we work: every pattern of the project is tried with texts
 * that are made to keep just this one busy.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createContext, Script } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { parseAst } from 'vitest/node'

const root = fileURLToPath(new URL('../..', import.meta.url))
/** Tests, and what plays recordings back for them, read nothing but the project's own. */
const OURS = /\.test\.ts$|\/sandbox\/replay\.ts$/
const files = ['src', 'adapters']
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
      join(folder, name),
    ),
  )
  .filter((name) => /\.(?:ts|mjs)$/.test(name) && !OURS.test(name))

interface Literal {
  readonly pattern: string
  readonly flags: string
}
const literalsIn = (node: unknown): Literal[] => {
  if (node === null || typeof node !== 'object') return []
  const { regex } = node as { regex?: Literal }
  return regex ? [regex] : Object.values(node).flatMap(literalsIn)
}
const PATTERNS = files.flatMap((file) =>
  literalsIn(parseAst(readFileSync(join(root, file), 'utf8'), { lang: 'ts' })).map(
    ({ pattern, flags }) => ({ file, pattern, flags }),
  ),
)

/** One of every kind that patterns tell apart. */
const SAMPLES = [...'a1 /.-_@"\'{(:,;=<#Z+*%', '\t', '\n', 'é', '\ud83d\ude00', '\u0000']
/** What a text ends in that a pattern does not take. */
const ENDS = ['\u0000', '\n', '!', '']
/** A pattern's atoms and signs, in their order. */
const TOKEN = RegExp(
  [
    /\\[pP]\{\w+\}|\\u\{?[\da-fA-F]+\}?|\\x[\da-f]{2}|\\./u,
    /\[(?:\\.|[^\]\\])*\]|\(\?(?:<?[=!]|:|<\w+>)|[()|]/u,
    /[*+?]\??|\{\d+(?:,\d*)?\}\??|[^]/u,
  ]
    .map(({ source }) => source)
    .join('|'),
  'gu',
)
const isQuantifier = (token: string) => /^(?:[*+?]\??|\{\d.*)$/.test(token)
const isLong = (token: string) => /^[*+]|^\{\d+,(?:\d{2,})?\}/.test(token)

/** Texts that an atom takes, each another kind of character. */
const taken = (atom: string, flags: string): string[] => {
  if (/^(?:[()|^$]|\(\?.*|\\[bB])$/.test(atom)) return []
  if (/^[^\\[.]$/.test(atom)) return [atom]
  const one = new RegExp(`^(?:${atom})$`, flags.replaceAll(/[gy]/g, ''))
  return SAMPLES.filter((sample) => one.test(sample)).slice(0, 4)
}

/** What is repeated, and what must stand before it, wherever a pattern repeats something. */
const pumps = ({
  pattern,
  flags,
}: Literal): { readonly before: string; readonly repeated: string }[] => {
  const tokens = pattern.match(TOKEN) ?? []
  const first = (from: number, to: number) =>
    tokens
      .slice(from, to)
      .map((token) => (isQuantifier(token) ? '' : (taken(token, flags)[0] ?? '')))
      .join('')
  return tokens.flatMap((token, index) => {
    if (!isQuantifier(token) || !isLong(token)) return []
    let start = index - 1
    if (tokens[start] === ')')
      for (let depth = 1; depth > 0;)
        depth += tokens[--start] === ')' ? 1 : tokens[start]?.startsWith('(') ? -1 : 0
    const group = tokens.slice(start, index)
    const bodies = [
      ...(group.length > 1 ? [first(start, index)] : []),
      ...group.flatMap((atom) => (isQuantifier(atom) ? [] : taken(atom, flags))),
    ]
    const since = tokens.findLastIndex(
      (sign, at) => at < start && (sign === '|' || sign.startsWith('(')),
    )
    const befores = new Set([first(0, start), first(since + 1, start), ''])
    return [...new Set(bodies)]
      .filter((body) => body !== '')
      .flatMap((repeated) => [...befores].map((before) => ({ before, repeated })))
  })
}

const LENGTH = 20_000
/**
 * What is linear takes a third of a millisecond for such a text; what is not, several hundred times
 * as long.
 */
const LIMIT_MS = 100
const context = createContext({ pattern: /x/, texts: [''] })
// Several in a run: the watch over its time costs more than a pattern that is well.
const script = new Script('for (const text of texts) text.search(pattern)')

/**
 * Whether texts keep a pattern busy for longer than their length explains, in time that it
 * computed: what the machine did meanwhile does not count.
 */
const areKeepingBusy = (literal: Literal, texts: readonly string[]): boolean => {
  Object.assign(context, { pattern: new RegExp(literal.pattern, literal.flags), texts })
  for (;;) {
    const before = process.threadCpuUsage()
    try {
      script.runInContext(context, { timeout: LIMIT_MS })
      return false
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error
      if (process.threadCpuUsage(before).user / 1000 > LIMIT_MS / 2) return true
    }
  }
}

/** What the texts are made of that keep a pattern busy; null: none does. */
const attackOn = (literal: Literal): string | null => {
  for (const { before, repeated } of pumps(literal)) {
    const times = (one: string) => one.repeat(Math.ceil(LENGTH / one.length))
    const texts = new Set(
      ENDS.flatMap((end) => [before + times(repeated) + end, times(before + repeated) + end]),
    )
    // Together they may take as long as one alone may: what is linear, many times.
    if (
      areKeepingBusy(literal, [...texts]) &&
      [...texts].some((text) => areKeepingBusy(literal, [text]))
    )
      return JSON.stringify([before, repeated])
  }
  return null
}

describe('patterns that a text can keep busy', () => {
  it.each([
    /[^\s"'<>()[\]{},;:]+@[^\s"'<>()[\]{},;:]+\.[^\s"'<>()[\]{},;:]+/g, // ours, once
    /\/+$/,
    /\s+$/,
    /(a+)+$/,
    /^(?:a|a)*$/,
    /^(\w+\s?)*$/,
    /\d+\.\d+x/,
    /a.*b.*c/,
    /<[^>]*>[^]*?<\/x>/,
    /^\d*\d*\d*x$/,
    /(?:[\w.]+[\w-]+)+@/,
  ])('%s is found out', ({ source, flags }) =>
    expect(attackOn({ pattern: source, flags })).not.toBeNull(),
  )
  it.each([/(?<!\/)\/+$/, /^\d+$/, /[^x]{1,64}@/, /^(?:[a-z]+,)*[a-z]+$/, /\d{16}/])(
    '%s is let through',
    ({ source, flags }) => expect(attackOn({ pattern: source, flags })).toBeNull(),
  )

  it('all of the project’s are looked at', () => {
    expect(PATTERNS.length).toBeGreaterThan(150)
    // What is put together at run time cannot be seen here: a list of words, of ours, is all that
    // may be.
    expect(
      files.filter((file) => /\bRegExp\(/.test(readFileSync(join(root, file), 'utf8'))),
    ).toEqual(['adapters/shoplazza/index.ts'])
  })
  it.each(PATTERNS.filter((literal) => pumps(literal).length > 0))(
    '$file: /$pattern/$flags is none',
    (literal) => expect(attackOn(literal)).toBeNull(),
  )
})
