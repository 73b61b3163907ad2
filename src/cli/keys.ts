/**
 * `rescind keys`: the callers of the configuration; a key is shown once, when it is made, and
 * nowhere kept.
 */
import { type Scope, SCOPES } from '../gateway/service.ts'
import { mintKey } from './key.ts'
import { addTo, openFile } from './file.ts'
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

export const createKey = (
  terminal: Terminal,
  name: string,
  options: { readonly scopes: string; readonly stores: string },
): number => {
  const scopes = scopesOf(options.scopes)
  const file = openFile(process.env)
  if (file.text === null)
    throw new Halt(
      EXIT.usage,
      `There is no configuration: ${file.name} does not exist.`,
      next('This writes one, with a first key:', here('init')),
    )
  if (file.callers.some((caller) => caller.name === name))
    throw new Halt(
      EXIT.usage,
      `A caller is called ${clean(name)} already.`,
      'Take another name; several hashes in its “keyHash” are several keys at once.',
    )
  const { key, entry } = mintKey(name, scopes, listOf(options.stores))
  addTo(file, { callers: [entry] }, process.env)
  terminal.result({ ...entry, key }, () => key)
  terminal.say(
    `This is the key of ${clean(name)}, shown once; ${file.name} knows only its hash. It may ` +
      `${scopes.join(', ')}; stores: ${clean(entry.stores.join(', '))}.`,
  )
  terminal.say(
    'Restart the gateway, then give the key to its caller; commands take it from RESCIND_KEY.',
  )
  return EXIT.canceled
}

export const listKeys = (terminal: Terminal): number => {
  const file = openFile(process.env)
  const callers = file.callers.map(({ name, keyHash, scopes, stores }) => ({
    name,
    scopes,
    stores,
    keys: [keyHash].flat().map((hash) => hash.slice(0, 'sha256:'.length + PREFIX_LENGTH)),
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
        callers.map(({ name, scopes, stores, keys }) => [
          name,
          scopes.join(', '),
          stores.join(', '),
          keys.map((hash) => `${hash}…`).join(', '),
        ]),
      ),
    )
  return EXIT.canceled
}
