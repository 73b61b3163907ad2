/** The settings of a store for `rescind init`: from flags or a person, and as they are written. */
import { isCancel, password, select, text } from '@clack/prompts'
import type { Field } from '../adapter/settings.ts'
import type { Environment } from '../hosts/node/load.ts'
import { clean, EXIT, Halt } from './terminal.ts'

/** What the flags give. */
export interface SettingsFlags {
  /** `name=value` */
  readonly set: readonly string[]
  /** `name=VARIABLE` */
  readonly env: readonly string[]
}

/**
 * By setting: a value as it is, or the environment variable that has it, with what was typed for
 * it.
 */
export type Draft = Map<
  string,
  { readonly value: string } | { readonly variable: string; readonly typed: string | null }
>

export const NOTHING = 'Nothing was written.'

/** What a prompt came to; ended by Ctrl-C, Ctrl-D or a closed terminal, nothing is written. */
export const answer = async <T>(
  ask: (common: { output: NodeJS.WriteStream; signal: AbortSignal }) => Promise<T>,
): Promise<Exclude<T, symbol>> => {
  const closed = new AbortController()
  const close = () => closed.abort()
  const press = (_: string, { ctrl, name }: { ctrl?: boolean; name?: string } = {}) => {
    if (ctrl && name === 'd') close()
  }
  process.stdin.once('end', close).on('keypress', press)
  const given = await ask({ output: process.stderr, signal: closed.signal }).finally(() =>
    process.stdin.off('end', close).off('keypress', press),
  )
  if (isCancel(given)) throw new Halt(EXIT.notCanceled, `Stopped. ${NOTHING}`)
  return given as Exclude<T, symbol>
}

const parts = (pair: string, flag: string): [name: string, value: string] => {
  const at = pair.indexOf('=')
  if (at < 1 || at === pair.length - 1)
    throw new Halt(EXIT.usage, `${flag} takes name=value.`, NOTHING)
  return [pair.slice(0, at), pair.slice(at + 1)]
}

export const listFields = (fields: readonly Field[]) =>
  fields
    .map(
      ({ name, secret, needed, choices }) =>
        (secret
          ? `--env ${name}=VARIABLE`
          : `--set ${name}=${choices.length > 0 ? choices.join('|') : '…'}`) +
        `${needed ? ' (needed)' : ''}`,
    )
    .join('\n')

/**
 * The settings of the flags. A secret is never taken from one: other users of the machine can read
 * them.
 */
export const fromFlags = (fields: readonly Field[], { set, env }: SettingsFlags): Draft => {
  const draft: Draft = new Map()
  for (const [flag, pairs] of [
    ['--set', set],
    ['--env', env],
  ] as const) {
    for (const pair of pairs) {
      const [name, value] = parts(pair, flag)
      const field = fields.find((other) => other.name === name)
      if (!field)
        throw new Halt(
          EXIT.usage,
          `There is no setting ${clean(name)}.`,
          `It takes:\n${listFields(fields)}`,
        )
      if (flag === '--set' && field.secret)
        throw new Halt(
          EXIT.usage,
          `${name} is a secret, and flags are seen by others.`,
          `Put it into an environment variable and name that: --env ${name}=VARIABLE`,
        )
      if (flag === '--env' && !/^[A-Za-z_]\w*$/.test(value))
        throw new Halt(
          EXIT.usage,
          `--env ${name}: this is not the name of an environment variable.`,
          NOTHING,
        )
      draft.set(name, flag === '--set' ? { value } : { variable: value, typed: null })
    }
  }
  return draft
}

const variableFor = (store: string, name: string): string =>
  `${/^\d/.test(store) ? 'STORE_' : ''}${store}_${name}`
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .replace(/\W/g, '_')
    .toUpperCase()

const askField = async (
  { name, secret, needed, kind, choices }: Field,
  before: string | undefined,
): Promise<string> => {
  const message = `${name}${needed ? '' : ' (Enter leaves it out)'}`
  const validate = (value: string | undefined) =>
    needed && !value?.trim() ? 'This is needed.' : undefined
  if (kind === 'choice')
    return answer((common) =>
      select({
        ...common,
        message: name,
        options: [
          ...(needed ? [] : [{ value: '', label: 'leave it out' }]),
          ...choices.map((value) => ({ value, label: value })),
        ],
      }),
    )
  if (secret) return (await answer((common) => password({ ...common, message, validate }))) ?? ''
  return (
    (await answer((common) =>
      text({ ...common, message, validate, ...(before !== undefined && { initialValue: before }) }),
    )) ?? ''
  ).trim()
}

/** Of every platform (`common`), and nothing that a store needs to be read. */
const LATER = ['baseUrl', 'webhookSecret', 'previousWebhookSecret', 'webhookToken']

/** Asks for every setting that matters at the start; the rest is for `--set` and `--env`. */
export const fromPerson = async (
  fields: readonly Field[],
  store: string,
  before: Draft,
): Promise<Draft> => {
  const draft: Draft = new Map()
  const secrets: [string, string][] = []
  for (const field of fields.filter(
    ({ name, preset, needed, kind, choices }) =>
      !preset && (needed || !LATER.includes(name)) && (kind !== 'choice' || choices.length > 1),
  )) {
    const old = before.get(field.name)
    const value = await askField(field, old && 'value' in old ? old.value : undefined)
    if (value === '') continue
    if (field.secret) secrets.push([field.name, value])
    else draft.set(field.name, { value })
  }
  if (secrets.length === 0) return draft
  const inFile = await answer((common) =>
    select({
      ...common,
      message: 'Where are the secrets kept?',
      initialValue: false,
      options: [
        {
          value: false,
          label: 'in environment variables',
          hint: 'recommended: the file holds their names only',
        },
        { value: true, label: 'in the file', hint: 'readable by you alone' },
      ],
    }),
  )
  for (const [name, value] of secrets)
    draft.set(name, inFile ? { value } : { variable: variableFor(store, name), typed: value })
  return draft
}

/** The settings as they are written: nested, secrets by the name of their variable. */
export const toSettings = (fields: readonly Field[], draft: Draft): Record<string, unknown> => {
  const settings: Record<string, unknown> = {}
  for (const [name, entry] of draft) {
    const path = name.split('.')
    const place = path
      .slice(0, -1)
      .reduce<Record<string, unknown>>(
        (inner, part) => (inner[part] ??= {}) as Record<string, unknown>,
        settings,
      )
    const isFlag = fields.find((field) => field.name === name)?.kind === 'flag'
    place[path.at(-1) ?? name] =
      'variable' in entry
        ? { env: entry.variable }
        : isFlag && /^(true|false)$/.test(entry.value)
          ? entry.value === 'true'
          : entry.value
  }
  return settings
}

/** The environment as it will be once the person has set what was typed. */
export const environmentWith = (draft: Draft): Environment => ({
  ...process.env,
  ...Object.fromEntries(
    [...draft.values()].flatMap((entry) =>
      'variable' in entry && entry.typed !== null ? [[entry.variable, entry.typed]] : [],
    ),
  ),
})
