/** Commands that are printed, or documented, held against the one table of verbs and flags. */
import { expect } from 'vitest'
import { createProgram } from '../../src/cli/program.ts'

/** The words of a line as a shell takes them apart, without what only scripts write. */
const wordsOf = (line: string): string[] =>
  (line.match(/(?:"[^"]*"|'[^']*'|\\'|[^\s'"])+/g) ?? []).map((word) =>
    word.replaceAll(/"([^"]*)"|'([^']*)'|\\(')/g, '$1$2$3'),
  )

/** Verb, flags and as many words as it takes. */
export const expectKnown = (line: string): void => {
  const words = wordsOf(line)
  let command = createProgram(() => {})
  for (
    let child;
    (child = command.commands.find((one) => one.name() === words[0])) !== undefined;
    command = child
  )
    words.shift()
  expect(command.commands, `${line} is no command`).toEqual([])
  const { operands, unknown } = command.parseOptions(words)
  expect([line, unknown]).toEqual([line, []])
  const takesMore = command.registeredArguments.at(-1)?.variadic ?? false
  const most = takesMore ? Infinity : command.registeredArguments.length
  const least = command.registeredArguments.filter(({ required }) => required).length
  expect([line, operands.length >= least, operands.length <= most]).toEqual([line, true, true])
}

/** A line for a command, and nothing else in it but the word before. */
const ADVICE = /^(?:→ |Next: | {2,})(?:npx )?rescind (.+)$/

/** The commands that are advised. */
export const advised = (talk: string): string[] =>
  talk
    .split(/\r?\n/)
    .filter((line) => /\brescind [a-z]/.test(line) && !line.startsWith('Usage:'))
    .map((line) => {
      expect(line).toMatch(ADVICE)
      return ADVICE.exec(line)?.[1] ?? ''
    })

export const expectPasteable = (talk: string): void => advised(talk).forEach(expectKnown)
