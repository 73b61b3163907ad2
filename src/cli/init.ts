/**
 * `rescind init`: a store's platform and credentials, proved by a read, into the configuration; and
 * a first key.
 */
import { isCancel, password, select, text, updateSettings } from '@clack/prompts'
import { type Field, fieldsOf } from '../adapter/settings.ts'
import type { AnyAdapter } from '../adapter/platform.ts'
import { ConfigError, readConfig, type StoreConfig } from '../config/configuration.ts'
import { mintKey } from './key.ts'
import type { Environment } from '../hosts/node/load.ts'
import { platforms } from '../hosts/platforms.ts'
import { checkStore, exitOf, type Finding } from './check.ts'
import { addTo, type ConfigFile, openFile } from './file.ts'
import { clean, duration, EXIT, Halt, type Terminal } from './terminal.ts'

export interface InitOptions {
  readonly platform?: string
  readonly store?: string
  /** `name=value` */
  readonly set: readonly string[]
  /** `name=VARIABLE` */
  readonly env: readonly string[]
  readonly key: string | false
  readonly check: boolean
}

/**
 * By setting: a value as it is, or the environment variable that has it, with what was typed for
 * it.
 */
type Draft = Map<
  string,
  { readonly value: string } | { readonly variable: string; readonly typed: string | null }
>

const adapters: readonly AnyAdapter[] = platforms.map(({ adapter }) => adapter)
const NOTHING = 'Nothing was written.'
const STORE_RULE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/

/** What a prompt came to; ended by Ctrl-C, Ctrl-D or a closed terminal, nothing is written. */
const answer = async <T>(
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

const listFields = (fields: readonly Field[]) =>
  fields
    .map(
      ({ name, secret, needed, choices }) =>
        `${secret ? `--env ${name}=VARIABLE` : `--set ${name}=${choices.length > 0 ? choices.join('|') : '…'}`}${needed ? ' (needed)' : ''}`,
    )
    .join('\n')

/**
 * The settings of the flags. A secret is never taken from one: other users of the machine can read
 * them.
 */
const fromFlags = (fields: readonly Field[], { set, env }: InitOptions): Draft => {
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

/** Asks for every setting that matters at the start; the rest is for `--set`. */
const fromPerson = async (
  fields: readonly Field[],
  store: string,
  before: Draft,
): Promise<Draft> => {
  const draft: Draft = new Map()
  const secrets: [string, string][] = []
  for (const field of fields.filter(
    ({ name, preset, needed, kind, choices }) =>
      !preset && (needed || name !== 'baseUrl') && (kind !== 'choice' || choices.length > 1),
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
const toSettings = (fields: readonly Field[], draft: Draft): Record<string, unknown> => {
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
const environmentWith = (draft: Draft): Environment => ({
  ...process.env,
  ...Object.fromEntries(
    [...draft.values()].flatMap((entry) =>
      'variable' in entry && entry.typed !== null ? [[entry.variable, entry.typed]] : [],
    ),
  ),
})

const checked = (
  id: string,
  platform: string,
  settings: object,
  environment: Environment,
): StoreConfig => {
  try {
    const [store] = readConfig(
      { stores: [{ id, platform, settings }] },
      environment,
      adapters,
    ).stores
    if (store) return store
    throw new ConfigError('no store')
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    throw new Halt(
      EXIT.usage,
      error.message.replaceAll(/^stores\[0\]\.(settings\.?)?(: )?/gm, ''),
      NOTHING,
    )
  }
}

const platformFor = async (terminal: Terminal, given: string | undefined): Promise<AnyAdapter> => {
  const known = adapters.map(({ id }) => id).join(', ')
  if (given === undefined && !terminal.isAsking)
    throw new Halt(
      EXIT.usage,
      'Say which platform: --platform NAME',
      `Known: ${known}. Without a terminal also --store NAME, --set name=value, --env ` +
        'name=VARIABLE.',
    )
  const id =
    given ??
    (await answer((common) =>
      select({
        ...common,
        message: 'Which platform is the store on?',
        options: adapters.map((adapter) => ({ value: adapter.id, label: adapter.name })),
      }),
    ))
  return (
    adapters.find((adapter) => adapter.id === id) ??
    fail(`There is no platform ${clean(id)}.`, `Known: ${known}.`)
  )
}

const fail = (message: string, next: string): never => {
  throw new Halt(EXIT.usage, message, next)
}

const storeFor = async (
  terminal: Terminal,
  given: string | undefined,
  file: ConfigFile,
  platform: string,
): Promise<string> => {
  const fault = (id = '') =>
    !STORE_RULE.test(id)
      ? 'Letters, digits, “.”, “_” and “-”, at most 128.'
      : file.stores.some((store) => store.id === id)
        ? `A store is called ${id} already in ${file.name}.`
        : undefined
  if (given === undefined && !terminal.isAsking)
    fail('Say what the store is called: --store NAME', NOTHING)
  const id =
    given ??
    (await answer((common) =>
      text({
        ...common,
        message: 'What shall the store be called?',
        placeholder: `acme-${platform}`,
        validate: fault,
      }),
    ))
  const wrong = fault(id)
  return wrong === undefined ? id : fail(`--store: ${wrong}`, NOTHING)
}

const describe = ({ credentials, detail, ms }: Finding): string =>
  credentials === 'accepted'
    ? `The store answers in ${duration(ms)} and takes the credentials.`
    : credentials === 'refused'
      ? `The store refuses the credentials: ${detail}`
      : `Whether the credentials are right cannot be told: ${detail}`

/** The settings, and that the store takes them, or that a person wants them all the same. */
const provedSettings = async (
  terminal: Terminal,
  adapter: AnyAdapter,
  store: string,
  options: InitOptions,
) => {
  const fields = fieldsOf(adapter.settings)
  const asks = terminal.isAsking && options.set.length + options.env.length === 0
  if (!asks && options.set.length + options.env.length === 0)
    fail(`${adapter.name} needs settings.`, `It takes:\n${listFields(fields)}`)
  for (let draft: Draft = new Map(); ;) {
    draft = asks ? await fromPerson(fields, store, draft) : fromFlags(fields, options)
    const settings = toSettings(fields, draft)
    const environment = environmentWith(draft)
    let problem: Halt
    try {
      const ready = checked(store, adapter.id, settings, environment)
      if (!options.check) return { draft, settings, environment, finding: null }
      terminal.say('Reading from the store …')
      const finding = await checkStore(ready)
      if (finding.credentials === 'accepted') return { draft, settings, environment, finding }
      problem = new Halt(
        exitOf([finding]),
        describe(finding),
        `${NOTHING} Mend the settings; --no-check writes them as they are.`,
      )
      if (asks) {
        terminal.warn(problem.message)
        const next = await answer((common) =>
          select({
            ...common,
            message: 'What now?',
            options: [
              { value: 'again', label: 'Mend the settings' },
              { value: 'write', label: 'Write them as they are' },
              { value: 'stop', label: 'Stop, write nothing' },
            ],
          }),
        )
        if (next === 'write') return { draft, settings, environment, finding }
        if (next === 'stop') throw problem
        continue
      }
    } catch (error) {
      if (!asks || !(error instanceof Halt) || error.exit !== EXIT.usage) throw error
      terminal.warn(error.message)
      continue
    }
    throw problem
  }
}

export const init = async (terminal: Terminal, options: InitOptions): Promise<number> => {
  if (terminal.plain) updateSettings({ withGuide: false, accessible: true })
  const file = openFile(process.env)
  const adapter = await platformFor(terminal, options.platform)
  const store = await storeFor(terminal, options.store, file, adapter.id)
  const { draft, settings, environment, finding } = await provedSettings(
    terminal,
    adapter,
    store,
    options,
  )
  const wantsKey = options.key !== false && file.callers.length === 0
  const minted = wantsKey ? mintKey(options.key || 'admin', ['read', 'cancel', 'operate']) : null
  addTo(
    file,
    {
      stores: [{ id: store, platform: adapter.id, settings }],
      callers: minted ? [minted.entry] : [],
    },
    environment,
  )

  const unset = [...draft.values()].flatMap((entry) =>
    'variable' in entry && !process.env[entry.variable] ? [entry.variable] : [],
  )
  terminal.result(
    {
      file: file.name,
      store: { id: store, platform: adapter.id },
      check: finding,
      caller: minted?.entry.name ?? null,
      key: minted?.key ?? null,
      setBeforeStart: unset,
    },
    () => minted?.key ?? '',
  )
  if (finding) terminal.say(describe(finding))
  terminal.say(
    `${store} is in ` +
      `${file.name}${file.text === null ? ', which is new and readable by you alone' : ''}.`,
  )
  if (minted)
    terminal.say(
      `The key above is ${minted.entry.name}’s, shown once: the file knows only its hash. Give ` +
        'it to the commands: export RESCIND_KEY=rsk_…',
    )
  if (unset.length > 0)
    terminal.say(
      `Set these where the gateway runs, they are not kept anywhere: ${unset.join(', ')}`,
    )
  terminal.say('Next: rescind serve')
  return EXIT.canceled
}
