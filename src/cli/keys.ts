/**
 * `rescind keys`: the callers of the configuration; a key is shown once, when it is made, and
 * nowhere kept.
 */
import { type Scope, SCOPES } from '../gateway/service.ts'
import { keyOf } from '../config/keys.ts'
import { keyMistake, type KeyOptions, mintKey, mintSecret } from './key.ts'
import { addKeyTo, addTo, type ConfigFile, openFile } from './file.ts'
import { here, next } from './paste.ts'
import { clean, EXIT, Halt, type Terminal } from './terminal.ts'

/** How much of a hash tells keys apart. */
const PREFIX_LENGTH = 12

const listOf = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)

const scopesOf = (text: string): Scope[] => {
  const scopes = listOf(text)
  const unknown = scopes.find((scope) => !SCOPES.includes(scope as Scope))
  if (unknown !== undefined || scopes.length === 0)
    throw new Halt(
      EXIT.usage,
      `--scopes: ${clean(unknown ?? 'nothing')} is no scope.`,
      `The scopes are ${SCOPES.join(', ')}.`,
    )
  return scopes as Scope[]
}

/** “laptop-2026, taken until 2027-02-01”. */
const calledBy = ({ name, expires }: KeyOptions): string =>
  name === undefined
    ? ''
    : ` It is called ${clean(name)}${expires === undefined ? '' : `, and ends with ${expires}`}.`

const TAKEN_UP =
  'A gateway that runs takes it up within seconds (its log says so); commands take the key from ' +
  'RESCIND_KEY.'

/** A further key of a caller that is there: the first half of a rotation. */
const addKey = (
  terminal: Terminal,
  file: ConfigFile,
  caller: string,
  options: KeyOptions,
): number => {
  const { key, entry } = mintSecret(options)
  addKeyTo(file, caller, entry, process.env)
  terminal.result({ caller, ...keyOf(entry), key }, () => key)
  terminal.say(
    `This is a further key of ${clean(caller)}, shown once; ${file.name} knows only its hash.` +
      `${calledBy(options)} It may what the caller may.`,
  )
  terminal.say(TAKEN_UP)
  terminal.say(`Once nobody uses the one before, take it out of the “keyHash” of ${clean(caller)}.`)
  return EXIT.canceled
}

export const createKey = (
  terminal: Terminal,
  name: string,
  options: { readonly scopes: string; readonly stores: string } & KeyOptions,
): number => {
  const scopes = scopesOf(options.scopes)
  const mistake = keyMistake(options)
  if (mistake !== null) throw new Halt(EXIT.usage, mistake, 'Nothing was changed.')
  const file = openFile(process.env)
  if (file.text === null)
    throw new Halt(
      EXIT.usage,
      `There is no configuration: ${file.name} does not exist.`,
      next('This writes one, with a first key:', here('init')),
    )
  if (file.callers.some((caller) => caller.name === name)) {
    if (options.name !== undefined) return addKey(terminal, file, name, options)
    throw new Halt(
      EXIT.usage,
      `A caller is called ${clean(name)} already.`,
      'Take another name; or say --name, and it gets a further key, of that name.',
    )
  }
  const { key, entry } = mintKey(name, scopes, listOf(options.stores), options)
  const isFirst = file.callers.length === 0
  addTo(file, { callers: [entry] }, process.env)
  terminal.result({ ...entry, key }, () => key)
  terminal.say(
    `This is the key of ${clean(name)}, shown once; ${file.name} knows only its hash. It may ` +
      `${scopes.join(', ')}; stores: ${clean(entry.stores.join(', '))}.${calledBy(options)}`,
  )
  terminal.say(
    isFirst
      ? 'Restart the gateway: from now on it asks for keys. Commands take it from RESCIND_KEY.'
      : TAKEN_UP,
  )
  return EXIT.canceled
}

/** “laptop-2026 (sha256:…), until 2027-02-01T00:00:00.000Z”. */
const keyCell = (
  hash: string,
  key: { readonly name: string | null; readonly expiresAt: string | null } | undefined,
): string =>
  (key?.name ? `${key.name} (${hash}…)` : `${hash}…`) +
  (key?.expiresAt ? `, until ${key.expiresAt}` : '')

export const listKeys = (terminal: Terminal): number => {
  const file = openFile(process.env)
  const callers = file.callers.map(({ name, keyHash, scopes, stores }) => ({
    name,
    scopes,
    stores,
    keys: [keyHash]
      .flat()
      .map(keyOf)
      .map(({ hash }) => hash.slice(0, 'sha256:'.length + PREFIX_LENGTH)),
    named: [keyHash]
      .flat()
      .map(keyOf)
      .map(({ name: key, expiresAt }) => ({
        name: key,
        expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString(),
      })),
  }))
  if (callers.length === 0) {
    terminal.say(
      `${file.name} ${file.text === null ? 'does not exist' : 'has no callers'}: the gateway ` +
        'serves this machine only, without keys.',
    )
    terminal.next(here(file.text === null ? 'init' : 'help keys create'))
  } else if (terminal.json) for (const caller of callers) terminal.result(caller, () => '')
  else
    terminal.result(null, () =>
      terminal.table(
        ['name', 'scopes', 'stores', 'keys (by their hash)'],
        callers.map(({ name, scopes, stores, keys, named }) => [
          name,
          scopes.join(', '),
          stores.join(', '),
          keys.map((hash, index) => keyCell(hash, named[index])).join(', '),
        ]),
      ),
    )
  return EXIT.canceled
}
