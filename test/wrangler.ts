/**
 * `npx wrangler dev`, as a user has it: the bundle in workerd, over real connections, its storage
 * in a folder. `cwd`: another project than this one; `script`: another bundle than wrangler.toml
 * names.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))
export const WRANGLER = 'node_modules/wrangler/bin/wrangler.js'
export const environment = {
  ...process.env,
  WRANGLER_SEND_METRICS: 'false',
  CI: '1',
  NO_COLOR: '1',
}

export interface Dev {
  readonly url: string
  /** All that it printed. */
  readonly output: () => string
  close(): Promise<void>
}

export const startWrangler = async (
  folder: string,
  settings: Readonly<Record<string, string>> = {},
  cwd = root,
  script: readonly string[] = [],
  /** What the build is told. */
  building: Readonly<Record<string, string>> = {},
): Promise<Dev> => {
  const variables = Object.entries(settings).flatMap(([name, value]) => [
    '--var',
    `${name}:${value}`,
  ])
  const child = spawn(
    process.execPath,
    [
      join(root, WRANGLER),
      'dev',
      ...script,
      '--ip',
      '127.0.0.1',
      '--port',
      '0',
      '--inspector-port',
      '0',
      '--persist-to',
      folder,
      ...variables,
    ],
    { cwd, env: { ...environment, ...building }, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (part: Buffer) => {
      output += part.toString()
    })
  const gone = once(child, 'exit')
  const url = await new Promise<string>((resolve, reject) => {
    const look = () => {
      const [, found] = /Ready on (http:\/\/\S+)/.exec(output) ?? []
      if (found) resolve(found)
    }
    child.stdout.on('data', look)
    child.stderr.on('data', look)
    void gone.then(() => reject(new Error(`wrangler dev ended: ${output}`)))
  })
  return {
    url,
    output: () => output,
    async close() {
      child.kill('SIGTERM')
      await gone
    },
  }
}
