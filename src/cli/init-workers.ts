/**
 * `rescind init --workers`: a wrangler project with the gateway in it, in this folder; nothing that
 * is there already is touched.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { openFile } from './file.ts'
import { NOTHING } from './init-settings.ts'
import { type Command, here } from './paste.ts'
import { clean, EXIT, Halt, type Terminal } from './terminal.ts'
import { secretsText, workerFiles, WRANGLER } from './worker-files.ts'

const SECRETS = '.dev.vars'
/** Where one of these is, the project is somebody’s already. */
const OWN = ['wrangler.toml', 'wrangler.json', 'wrangler.jsonc', 'src/index.js']

const refuseOwn = (): void => {
  const found = OWN.filter((path) => existsSync(path))
  if (found.length > 0)
    throw new Halt(
      EXIT.usage,
      `${found.join(' and ')} ${found.length === 1 ? 'is' : 'are'} in this folder already.`,
      `${NOTHING} Begin in an empty folder, or add the gateway by hand: docs/embed.md, “On ` +
        'Cloudflare Workers”.',
    )
}

/** Written whole, and only where there is none; false: there is one. */
const writeNew = (path: string, text: string, mode = 0o644): boolean => {
  try {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text, { flag: 'wx', mode })
    return true
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'EEXIST') return false
    throw new Halt(EXIT.fault, `${path} cannot be written: ${code}.`)
  }
}

const randomSecret = (): string =>
  Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url')

/** The variables that a configuration names, wherever it does. */
const namedIn = (value: unknown): string[] => {
  if (value === null || typeof value !== 'object') return []
  const { env } = value as { env?: unknown }
  return typeof env === 'string' ? [env] : Object.values(value).flatMap(namedIn)
}

/** What is set where the Worker runs, before it is deployed: without a configuration it is open. */
const secretsNext = (console: boolean): (Command | string)[] => {
  const { name, text } = openFile(process.env)
  const named = text === null ? [] : [...new Set(namedIn(JSON.parse(text)))]
  return [
    ...(text === null ? [here('init')] : []),
    ...named.map((variable) => `npx wrangler secret put ${variable}`),
    `npx wrangler secret put RESCIND_CONFIG < ${clean(name)}`,
    ...(console
      ? ['openssl rand -base64 32 | npx wrangler secret put RESCIND_SESSION_SECRET']
      : []),
  ]
}

const isIgnored = (): boolean =>
  readFileSync('.gitignore', 'utf8')
    .split('\n')
    .some((line) => /^\/?\.dev\.vars\*?$/.test(line.trim()))

export interface InitWorkersOptions {
  readonly console: boolean
}

export const initWorkers = (terminal: Terminal, { console }: InitWorkersOptions): number => {
  refuseOwn()
  const secrets = secretsNext(console)
  const files = [...workerFiles({ console })]
  const isPackage = existsSync('package.json')
  const written = files.filter(([path, text]) => writeNew(path, text)).map(([path]) => path)
  if (writeNew(SECRETS, secretsText({ console }, randomSecret()), 0o600)) written.push(SECRETS)
  const kept = [...files.map(([path]) => path), SECRETS].filter((path) => !written.includes(path))
  terminal.result({ written, kept }, () => written.join('\n'))
  if (kept.length > 0) terminal.say(`Left as they were: ${kept.join(', ')}.`)
  if (!isIgnored())
    terminal.warn(`${SECRETS} is for your eyes alone: put it into .gitignore, as it is not there.`)
  terminal.say(
    `The Worker is ${console ? 'the API and the console' : 'the API'}. On this machine it is a ` +
      'sandbox; deployed, it is what RESCIND_CONFIG says, so that is set before. What has no ' +
      'configuration is open to everybody.',
  )
  terminal.next(
    ...(isPackage
      ? ['npm install rescind', `npm install --save-dev --save-exact wrangler@${WRANGLER}`]
      : ['npm install']),
    'npx wrangler dev',
    ...secrets,
    'npx wrangler deploy',
  )
  return EXIT.canceled
}
