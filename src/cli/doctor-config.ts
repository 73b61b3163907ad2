/** What the doctor finds out about the configuration: each mistake by its place in the file. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { type Node, parseTree } from 'jsonc-parser'
import { ConfigError, type Configuration } from '../config/configuration.ts'
import { DEFAULT_CONFIG, type Environment, isSandbox, loadConfig } from '../hosts/node/load.ts'
import { bad, type Line, ok, warn } from './doctor-line.ts'
import { here, next, type Next, quoted } from './paste.ts'
import { clean } from './terminal.ts'

/** The node at a place, or the nearest one around it. */
const nodeAt = (root: Node, place: string): Node =>
  (place.match(/[^.[\]]+/g) ?? []).reduce<{ node: Node; isThere: boolean }>(
    ({ node, isThere }, name) => {
      const inner =
        node.type === 'array'
          ? node.children?.[Number(name)]
          : node.children?.find(({ children }) => children?.[0]?.value === name)?.children?.[1]
      return isThere && inner ? { node: inner, isThere } : { node, isThere: false }
    },
    { node: root, isThere: true },
  ).node

/** Where the thing stands that a mistake begins with; null: it names none. */
const placeIn = (text: string, mistake: string): { line: number; node: Node } | null => {
  const place = /^([A-Za-z][\w.[\]-]*): /.exec(mistake)?.[1]
  const root = place === undefined ? undefined : parseTree(text)
  if (!root || place === undefined) return null
  const node = nodeAt(root, place)
  return { line: text.slice(0, node.offset).split('\n').length, node }
}

const UNSET = /the environment variable (\w+) is (?:not set|empty)$/
const NO_TEXT = /expected string, received object$/

/** The variable that a value comes from; null: it stands in the file itself. */
const variableOf = (node: Node | undefined): string | null => {
  const [name, value] = node?.children?.[0]?.children ?? []
  return name?.value === 'env' && /^[A-Z][A-Z0-9_]*$/.test(String(value?.value))
    ? String(value?.value)
    : null
}

const todoOf = (mistake: string, node: Node | undefined): string => {
  const unset = UNSET.exec(mistake)?.[1]
  if (unset !== undefined)
    return (
      `set ${unset} where the gateway is started, and here: it is read from the environment ` +
      'of each'
    )
  if (/: the file named here /.test(mistake))
    return 'mend that file: it is read by whoever runs the gateway, and holds the value alone'
  const variable = variableOf(node)
  if (variable !== null) return `mend the value of ${variable}, which it comes from`
  if (NO_TEXT.test(mistake))
    return 'it takes a text, {"env": "NAME"} for a variable, or {"file": "PATH"} for a file'
  return /the environment variable named here/.test(mistake)
    ? '"env" takes the name of a variable, in capitals; a secret itself goes in its place as text'
    : 'mend it; the gateway does not start with it'
}

const unreadable = (name: string, code: string | undefined, isNamed: boolean): Line => {
  const folder = dirname(name)
  const by = isNamed ? `RESCIND_CONFIG names ${name}, which` : name
  const says: Partial<Record<string, [string, string | Next]>> = {
    ENOENT: [
      'does not exist',
      next(
        'name another in RESCIND_CONFIG; or this writes one there:',
        ...(existsSync(folder) ? [] : [`mkdir -p ${quoted(folder)}`]),
        here('init'),
      ),
    ],
    ENOTDIR: ['does not exist: a part of its path is a file', 'name another in RESCIND_CONFIG'],
    EISDIR: ['is a folder', 'name a file in RESCIND_CONFIG'],
    EACCES: [
      'this user may not read',
      next('whose it is, and who may read it:', `ls -l ${quoted(name)}`),
    ],
  }
  const [what, todo] = says[code ?? ''] ?? [`cannot be read: ${code}`, 'mend it']
  return bad('configuration', `${by} ${what}`, todo)
}

/** Why it is refused: a line for each mistake, for each is to be mended by itself. */
const refused = (name: string, error: ConfigError, isNamed: boolean): Line[] => {
  const { code } = (error.cause ?? {}) as NodeJS.ErrnoException
  if (typeof code === 'string' && /^E[A-Z]+$/.test(code)) return [unreadable(name, code, isNamed)]
  const text = readFileSync(name, 'utf8')
  // The first line says that it is not valid.
  const [, ...mistakes] = error.message.split('\n')
  return mistakes.map((mistake) => {
    const place = placeIn(text, mistake)
    return bad(
      'configuration',
      `${name}${place === null ? '' : `, line ${place.line}`}: ${clean(mistake)}`,
      todoOf(mistake, place?.node),
    )
  })
}

/** The configuration, null where there is none or it is refused; and what is to be said of it. */
export const checkConfig = (environment: Environment): [Configuration | null, Line[]] => {
  const named = environment['RESCIND_CONFIG']
  const name = named ?? DEFAULT_CONFIG
  let config: Configuration | null
  try {
    config = loadConfig(environment)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return [null, refused(name, error, named !== undefined)]
  }
  if (config === null)
    return [
      null,
      [
        isSandbox(environment)
          ? warn(
              'configuration',
              'RESCIND_SANDBOX is 1: the gateway is a sandbox, whatever is configured',
              'unset it for stores of your own',
            )
          : warn(
              'configuration',
              `${name} does not exist: the gateway is a sandbox`,
              next('this writes one:', here('init')),
            ),
      ],
    ]
  // A group may be meant, as that of the systemd unit.
  const isOpen = (statSync(name).mode & 0o007) !== 0
  return [
    config,
    [
      config.stores.length === 0
        ? warn(
            'configuration',
            `${name} is valid and has no stores`,
            next('this adds one:', here('init')),
          )
        : ok('configuration', `${name} is valid: ${config.stores.map(({ id }) => id).join(', ')}`),
      ...(isOpen
        ? [
            warn(
              'configuration',
              `other users of this machine can read ${name}`,
              next('', `chmod 600 ${quoted(name)}`),
            ),
          ]
        : []),
    ],
  ]
}
