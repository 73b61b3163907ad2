/**
 * The configuration file as the commands change it: added to and never rewritten, checked before,
 * and kept from other eyes.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { applyEdits, modify } from 'jsonc-parser'
import { readPeople } from '../config/alerts.ts'
import { ConfigError, readConfig } from '../config/configuration.ts'
import { JsonError, parseJson } from '../input/json.ts'
import type { KeyConfig } from '../config/keys.ts'
import { DEFAULT_CONFIG, type Environment, fileOf } from '../hosts/node/load.ts'
import { platforms } from '../hosts/platforms.ts'
import { EXIT, Halt } from './terminal.ts'

export interface ConfigFile {
  readonly name: string
  /** Null: not there yet. */
  readonly text: string | null
  readonly stores: readonly { readonly id: string }[]
  readonly callers: readonly {
    readonly name: string
    readonly keyHash: KeyConfig | readonly KeyConfig[]
    readonly scopes: readonly string[]
    readonly stores: readonly string[]
  }[]
}

const UNSET = /: the (?:environment variable \w+ is (?:not set|empty)|file named here .*)$/

/** Every mistake in it, as the gateway would tell at its start. */
const mistakesIn = (text: string, environment: Environment): string[] => {
  try {
    readConfig(
      parseJson(Buffer.from(text)),
      environment,
      platforms.map(({ adapter }) => adapter),
      { fileOf, readPeople },
    )
    return []
  } catch (error) {
    if (error instanceof ConfigError || error instanceof JsonError) return error.message.split('\n')
    throw error
  }
}

/** What is written there now; what another shell must set is nothing to stumble over here. */
export const openFile = (environment: Environment): ConfigFile => {
  const name = environment['RESCIND_CONFIG'] ?? DEFAULT_CONFIG
  if (!existsSync(name)) return { name, text: null, stores: [], callers: [] }
  let text: string
  try {
    text = readFileSync(name, 'utf8').replace(/^\ufeff/, '')
  } catch (cause) {
    throw new Halt(
      EXIT.usage,
      `${name} cannot be read: ${(cause as NodeJS.ErrnoException).code}.`,
      'RESCIND_CONFIG names another file.',
    )
  }
  const mistakes = mistakesIn(text, environment).filter((line) => !UNSET.test(line))
  if (mistakes.length > 0)
    throw new Halt(
      EXIT.usage,
      `${name} is not valid:\n${mistakes.join('\n')}`,
      'Mend it first; nothing was changed.',
    )
  const { stores = [], callers = [] } = JSON.parse(text) as Partial<ConfigFile>
  return { name, text, stores, callers }
}

/** The text with one more entry in a list; everything else stays to the letter. */
const added = (text: string, list: 'stores' | 'callers', entry: object): string =>
  applyEdits(
    text,
    modify(text, [list, -1], entry, {
      isArrayInsertion: true,
      formattingOptions: { insertSpaces: true, tabSize: 2 },
    }),
  )

/** The text with one more key of the caller in this place. */
const withKey = (
  text: string,
  index: number,
  keyHash: ConfigFile['callers'][number]['keyHash'],
  key: KeyConfig,
): string => {
  const formattingOptions = { insertSpaces: true, tabSize: 2 }
  const place = ['callers', index, 'keyHash']
  return applyEdits(
    text,
    Array.isArray(keyHash)
      ? modify(text, [...place, -1], key, { isArrayInsertion: true, formattingOptions })
      : modify(text, place, [keyHash, key], { formattingOptions }),
  )
}

/**
 * Readable and writable by its owner alone, complete or not there at all; the name `.new` keeps two
 * commands apart.
 */
const write = (name: string, text: string, mode: number): void => {
  const target = existsSync(name) ? realpathSync(name) : name
  const draft = `${target}.new`
  let handle: number
  try {
    handle = openSync(draft, 'wx', mode)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw code === 'EEXIST'
      ? new Halt(
          EXIT.fault,
          `${draft} exists: another command is writing, or one was killed in the middle.`,
          'Remove it if no other command runs, and try again.',
        )
      : new Halt(EXIT.fault, `${name} cannot be written: ${code}.`)
  }
  try {
    writeSync(handle, text)
    fsyncSync(handle)
    renameSync(draft, target)
  } catch (cause) {
    unlinkSync(draft)
    throw new Halt(
      EXIT.fault,
      `${name} cannot be written: ${(cause as NodeJS.ErrnoException).code}.`,
    )
  } finally {
    closeSync(handle)
  }
}

export interface Additions {
  readonly stores?: readonly object[]
  readonly callers?: readonly object[]
}

/** Adds entries, if the gateway would still start with them. */
export const addTo = (
  file: ConfigFile,
  { stores = [], callers = [] }: Additions,
  environment: Environment,
): void => {
  let text = file.text ?? '{\n  "stores": []\n}\n'
  for (const entry of stores) text = added(text, 'stores', entry)
  for (const entry of callers) text = added(text, 'callers', entry)
  put(file, text, environment)
}

/** Adds a key to a caller that is there. */
export const addKeyTo = (
  file: ConfigFile,
  caller: string,
  key: KeyConfig,
  environment: Environment,
): void => {
  const index = file.callers.findIndex(({ name }) => name === caller)
  const keyHash = file.callers[index]?.keyHash
  if (file.text === null || keyHash === undefined) throw new Error('there is no such caller')
  put(file, withKey(file.text, index, keyHash, key), environment)
}

/** Writes a changed text, if the gateway would still start with it. */
const put = (file: ConfigFile, text: string, environment: Environment): void => {
  const before = file.text === null ? [] : mistakesIn(file.text, environment)
  const mistakes = mistakesIn(text, environment).filter(
    (line) => !before.includes(line) && !UNSET.test(line),
  )
  if (mistakes.length > 0)
    throw new Halt(
      EXIT.usage,
      `This would not be valid in ${file.name}:\n${mistakes.join('\n')}`,
      'Nothing was changed.',
    )
  // What somebody opened to a group on purpose stays open to it.
  write(file.name, text, file.text === null ? 0o600 : statSync(file.name).mode & 0o777)
}
