/**
 * `rescind init`: a store's platform and credentials, proved by a read, into the configuration; and
 * a first key.
 */
import { select, text, updateSettings } from '@clack/prompts'
import { fieldsOf } from '../adapter/settings.ts'
import type { AnyAdapter } from '../adapter/platform.ts'
import { ConfigError, readConfig, type StoreConfig } from '../config/configuration.ts'
import { mintKey } from './key.ts'
import type { Environment } from '../hosts/node/load.ts'
import { platforms } from '../hosts/platforms.ts'
import { checkStore, exitOf, type Finding } from './check.ts'
import { addTo, type ConfigFile, openFile } from './file.ts'
import {
  answer,
  type Draft,
  environmentWith,
  fromFlags,
  fromPerson,
  listFields,
  NOTHING,
  type SettingsFlags,
  toSettings,
} from './init-settings.ts'
import { initWorkers } from './init-workers.ts'
import { here } from './paste.ts'
import { clean, duration, EXIT, Halt, type Terminal } from './terminal.ts'

export interface InitOptions extends SettingsFlags {
  readonly platform?: string
  readonly store?: string
  readonly key: string | false
  readonly check: boolean
  readonly workers?: boolean
  readonly console: boolean
}

const adapters: readonly AnyAdapter[] = platforms.map(({ adapter }) => adapter)
const STORE_RULE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/

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
  if (options.workers) return initWorkers(terminal, options)
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
        'it to the commands in RESCIND_KEY.',
    )
  if (unset.length > 0)
    terminal.say(
      `Set these where the gateway runs, they are not kept anywhere: ${unset.join(', ')}`,
    )
  terminal.next(here('serve'))
  return EXIT.canceled
}
