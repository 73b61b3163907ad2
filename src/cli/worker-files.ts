/** The files of a wrangler project with the gateway in it: what `rescind init --workers` writes. */
import manifest from '../../package.json' with { type: 'json' }

/** With which wrangler its bundle is known to build and run. */
export const WRANGLER = '4.155.0'

export interface WorkerFiles {
  /** With the pages for people. */
  readonly console: boolean
}

const WRANGLER_TEXT = `\
# The gateway on Cloudflare Workers; its secrets are named in .dev.vars.example.
name = "rescind"
main = "src/index.js"
# Not earlier: from this day on, what an object has begun keeps it in memory when nobody asks it
# any more.
compatibility_date = "2026-10-01"

[vars]
LOG_LEVEL = "info"

[[durable_objects.bindings]]
name = "ACCOUNTS"
class_name = "Account"

[[migrations]]
tag = "v1"
new_sqlite_classes = ["Account"]

# Accounts are woken to ask their stores what changed; each store's own interval says whether it is
# time.
[triggers]
crons = ["*/5 * * * *"]

[observability]
enabled = true

# The gateway writes its own line for every request, without addresses and headers.
[observability.logs]
invocation_logs = false
`

const entryText = ({ console }: WorkerFiles): string =>
  console
    ? `\
// The gateway with its console. The API alone is 'rescind/worker'.
export { Account, default } from 'rescind/worker-console'
`
    : `\
// The gateway. With the pages for people as well it is 'rescind/worker-console'.
export { Account, default } from 'rescind/worker'
`

const exampleText = ({ console }: WorkerFiles): string => `\
# What the Worker is told beside wrangler.toml. On your machine: in .dev.vars, which git must
# ignore; deployed, each is a secret: npx wrangler secret put NAME. Without RESCIND_CONFIG
# \`npx wrangler dev\` is the sandbox.

# The configuration as JSON on one line: stores and callers. As it stands here it lets nobody in.
# What is longer than 5 KB goes on in RESCIND_CONFIG_2, RESCIND_CONFIG_3 and so on.
RESCIND_CONFIG='{"stores":[],"callers":[]}'
${
  console
    ? `
# Signs the sessions of the console: \`openssl rand -base64 32\`. As it stands here nobody can log
# in.
RESCIND_SESSION_SECRET=too-short
`
    : ''
}
# Whatever the configuration names as { "env": "NAME" }.
# PARIS_KEY=sk_…
`

/** What Cloudflare's page for a deployment says beside each (deploy buttons, “Best practices”). */
const BINDINGS = {
  ACCOUNTS: 'One object for each platform account: it keeps the cancellations and works on them.',
  LOG_LEVEL: 'How much is logged: `debug`, `info`, `warn`, `error` or `silent`.',
  RESCIND_CONFIG:
    'Stores and callers as JSON; as it stands it lets nobody in. `npx rescind init` writes one, ' +
    'and it may be set later: `npx wrangler secret put RESCIND_CONFIG < rescind.config.json`.',
  RESCIND_SESSION_SECRET:
    'Signs the sessions of the console, at least 32 random characters: `openssl rand -base64 32`.',
}

const packageText = ({ console }: WorkerFiles): string => {
  const { RESCIND_SESSION_SECRET, ...others } = BINDINGS
  const bindings = { ...others, ...(console && { RESCIND_SESSION_SECRET }) }
  const value = {
    name: 'rescind-worker',
    private: true,
    type: 'module',
    scripts: { dev: 'wrangler dev', deploy: 'wrangler deploy' },
    dependencies: { rescind: manifest.version },
    devDependencies: { wrangler: WRANGLER },
    cloudflare: {
      bindings: Object.fromEntries(
        Object.entries(bindings).map(([binding, description]) => [binding, { description }]),
      ),
    },
  }
  return `${JSON.stringify(value, null, 2)}\n`
}

const IGNORED = `\
node_modules/
.wrangler/
.dev.vars*
!.dev.vars.example
rescind.config.json
`

/** What `npx wrangler dev` reads, for its owner’s eyes alone. */
export const secretsText = ({ console }: WorkerFiles, secret: string): string => `\
# Read by \`npx wrangler dev\` and by nothing else; never to be committed. Without RESCIND_CONFIG it
# is the sandbox.
# RESCIND_CONFIG='{"stores":[…],"callers":[…]}'
${console ? `RESCIND_SESSION_SECRET=${secret}\n` : ''}`

/** Every file but the one with secrets, by its path. */
export const workerFiles = (of: WorkerFiles): ReadonlyMap<string, string> =>
  new Map([
    ['wrangler.toml', WRANGLER_TEXT],
    ['src/index.js', entryText(of)],
    ['package.json', packageText(of)],
    ['.dev.vars.example', exampleText(of)],
    ['.gitignore', IGNORED],
  ])
