/**
 * Prints what the documentation says of platforms and problems from the code itself (`npm run
 * docs`), between its marks.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { platforms } from '../src/hosts/platforms.ts'
import { repeatInGeneral } from '../src/adapter/contract.ts'
import type { AnyAdapter } from '../src/adapter/platform.ts'
import { causeAdvice, programAdvice } from '../src/messages/advice.ts'
import { INPUTS } from '../src/model/capability.ts'
import { CAUSES, PROBLEM_CODES, PROBLEMS } from '../src/model/problem.ts'

const adapters = platforms.map(({ adapter }) => adapter)
const byName = adapters.toSorted((one, other) => one.name.localeCompare(other.name, 'en'))
const at = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))
const row = (...cells: readonly string[]) =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
const linked = (text: string) =>
  text.replaceAll(/(?<![(<])https:\/\/[^\s;,)]*[^\s;,):]/g, (url) => `<${url}>`)

const isErp = ({ kind }: AnyAdapter): boolean => kind === 'erp'

/** What these platforms can do, a row each. */
const table = (of: readonly AnyAdapter[]): string =>
  [
    row('platform', ...INPUTS, 'a second cancel', 'may land after'),
    row('---', ...INPUTS.map(() => '---'), '---', '---'),
    ...of.map(({ id, name, capabilities, repeat, settleMs }) =>
      row(
        `[${name}](adapters/${id}/README.md)`,
        ...INPUTS.map((input) => capabilities[input].can),
        typeof repeat === 'function' ? 'by version' : repeat.effect,
        `${settleMs / 1000} s`,
      ),
    ),
  ].join('\n')

/** The capability matrix of all platforms: the README's tables. */
const matrix = (): string => {
  const [shops, erps] = [byName.filter((one) => !isErp(one)), byName.filter(isErp)]
  return [
    `**Commerce platforms: ${shops.length}**`,
    table(shops),
    `**ERPs: ${erps.length}**, where an order is a sale`,
    table(erps),
  ].join('\n\n')
}

/** The pages of all platforms, as a page in docs/ links to them. */
const links = (): string =>
  byName.map(({ id, name }) => `[${name}](../adapters/${id}/README.md)`).join(' · ')

const names = (): string => {
  const [shops, erps] = [byName.filter((one) => !isErp(one)), byName.filter(isErp)].map((some) =>
    some.map(({ name }) => name).join(' · '),
  )
  return `${byName.length} in all: ${shops}; and the ERPs ${erps}.`
}

const paces = (): string =>
  `${byName.map(({ name, pace }) => `${name} ${pace.perSecond}`).join(' · ')}.`

/** What is heard of its orders beside a platform's notices. */
const listened = ({ sweep, mayReopen }: AnyAdapter): string => {
  const swept = sweep
    ? `It is asked what changed; a change may take ${sweep.overlapMs / 60_000} minutes to be ` +
      `listed, so each time is asked for as long again (${linked(sweep.source)}).`
    : 'It cannot be asked what changed: what no notice tells of is never heard of.'
  const reopened = {
    yes: 'An order that is canceled there can be open again',
    no: 'An order that is canceled there stays so',
    unknown: 'Whether an order that is canceled there can be open again is unknown',
  }
  const { can, source } = mayReopen ?? { can: 'unknown', source: 'nobody has shown it' }
  return `${swept} ${reopened[can]} (${linked(source)}).`
}

/** One platform's capabilities with what they mean there and where that is written. */
const capabilities = (adapter: AnyAdapter): string => {
  const { capabilities: all, pace, settleMs } = adapter
  const repeat = repeatInGeneral(adapter)
  return [
    row('input', 'can', 'what that means here', 'the buyer can read it', 'source'),
    row('---', '---', '---', '---', '---'),
    ...INPUTS.map((input) =>
      row(
        input,
        all[input].can,
        all[input].note ?? '',
        all[input].buyerVisible ?? '',
        linked(all[input].source),
      ),
    ),
    '',
    `A second cancel is ${repeat.effect} (${linked(repeat.source)}). A call that was given up ` +
      `on may land for ${settleMs / 1000} s. Pace: ${pace.perSecond} a second, ${pace.burst} at ` +
      `once (${linked(pace.source)}).`,
    '',
    listened(adapter),
  ].join('\n')
}

/** The catalogue of problems, by status as the model has it. */
const problems = (): string =>
  [
    row('code', 'status', 'retryable', 'what it means', 'what to do'),
    row('---', '---', '---', '---', '---'),
    ...PROBLEM_CODES.map((code) =>
      row(
        `\`${code}\``,
        String(PROBLEMS[code].status),
        PROBLEMS[code].retryable ? 'yes' : 'no',
        `**${PROBLEMS[code].title}.** ${PROBLEMS[code].about}`.replace('?.**', '?**'),
        programAdvice(code),
      ),
    ),
  ].join('\n')

const causes = (): string =>
  [
    row('cause', 'what to do'),
    row('---', '---'),
    ...CAUSES.map((cause) => row(`\`${cause}\``, causeAdvice(cause))),
  ].join('\n')

const between = (text: string, name: string, content: string): string => {
  const [open, close] = [`<!-- ${name}: printed by npm run docs -->`, `<!-- /${name} -->`]
  const [start, end] = [text.indexOf(open), text.indexOf(close)]
  if (start < 0 || end < start) throw new Error(`the mark ${open} … ${close} is missing`)
  return `${text.slice(0, start + open.length)}\n${content}\n${text.slice(end)}`
}

/** The page of a platform that has none yet, to be filled in. */
const empty = ({ name, docs }: AnyAdapter) =>
  `# ${name}\n\nFrom its [documentation](${docs}).\n\n## Capabilities\n\n` +
  '<!-- capabilities: printed by npm run docs -->\n<!-- /capabilities -->\n'

/** Every page that has printed parts: its path, and its text as it should be. */
export const pages = (): {
  readonly path: string
  readonly is: string
  readonly should: string
}[] => {
  const page = (path: string, name: string, content: string, empty = '') => {
    const is = existsSync(at(path)) ? readFileSync(at(path), 'utf8') : ''
    return { path, is, should: between(is || empty, name, content) }
  }
  const errors = page('docs/errors.md', 'problems', problems())
  const questions = page('docs/faq.md', 'names', names())
  return [
    page('README.md', 'platforms', matrix()),
    page('docs/README.md', 'pages', links()),
    page('docs/deploy-to-workers.md', 'pages', links()),
    { ...questions, should: between(questions.should, 'paces', paces()) },
    { ...errors, should: between(errors.should, 'causes', causes()) },
    ...adapters.map((adapter) =>
      page(
        `adapters/${adapter.id}/README.md`,
        'capabilities',
        capabilities(adapter),
        empty(adapter),
      ),
    ),
  ]
}

if (import.meta.main) for (const { path, should } of pages()) writeFileSync(at(path), should)
