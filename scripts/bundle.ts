/**
 * Bundles the Worker (`wrangler` runs it): like wrangler's own bundling, but without the parts of
 * libraries that nobody calls, and with the platforms that are asked for.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'
import { without, withoutCompiling, withoutParts } from './bundle-libraries.ts'

const at = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))

/** How an imitation becomes a part of the application. */
const MOUNTING = /^\tmount\(.*\) \{$[^]*?^\t\}$/m

/** Where a platform's imitation would be. Only a Worker without a configuration loads one. */
const withoutSandboxes: Plugin = {
  name: 'without sandboxes',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]adapters[\\/][^\\/]+[\\/]sandbox[\\/]index\.ts$/ }, () => ({
      loader: 'js',
      contents:
        'export const createSandbox = () => { ' +
        "throw new Error('no RESCIND_CONFIG, and no sandbox here') }",
    }))
    onLoad({ filter: /[\\/]hono[\\/]dist[\\/]hono-base\.js$/ }, ({ path }) => ({
      loader: 'js',
      contents: readFileSync(path, 'utf8').replace(
        MOUNTING,
        "\tmount() { throw new Error('mount is left out of this bundle') }",
      ),
    }))
  },
}

/** The list of platforms, with these alone; every other adapter stays out of the bundle. */
const withPlatforms = (names: readonly string[]): Plugin => ({
  name: 'with platforms',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]adapters[\\/]index\.ts$/ }, ({ path }) => {
      const lines = readFileSync(path, 'utf8').split('\n')
      const folders = new Map(
        lines.flatMap((line) => {
          const folder = /'\.\/([^/]+)\/index\.ts'/.exec(line)?.[1]
          return folder ? [[folder, line] as const] : []
        }),
      )
      const kept = names.map((name) => {
        const line = folders.get(name)
        if (line) return line
        throw new Error(
          `RESCIND_PLATFORMS: no platform is called ${JSON.stringify(name)}; there are ` +
            `${[...folders.keys()].join(', ')}`,
        )
      })
      return { loader: 'ts', contents: kept.join('\n') }
    })
  },
})

/** Where the document and its page would be, and its examples. */
const withoutReference: Plugin = {
  name: 'without reference',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]src[\\/]http[\\/]routes[\\/]reference\.ts$/ }, () => ({
      loader: 'js',
      contents:
        'export const describe = () => {}\n' +
        'export const addReference = ({ app, hasConsole }) => ' +
        "hasConsole && app.get('/', (c) => c.redirect('/console'))",
    }))
    onLoad({ filter: /[\\/]src[\\/]http[\\/]reference[\\/]examples\.ts$/ }, () => ({
      loader: 'js',
      contents: 'export const [CLIENT, CURL, EXAMPLES, QUERIES] = [{}, {}, {}, {}]',
    }))
  },
}

/** What RESCIND_PLATFORMS names, with commas between; null: every platform. */
export const platformsOf = (setting: string | undefined): readonly string[] | null => {
  const names = new Set((setting ?? '').split(',').map((name) => name.trim()))
  names.delete('')
  return names.size > 0 ? [...names] : null
}

export interface BundleOptions {
  /**
   * With the platforms' imitations, for `npx wrangler dev` and for trying it; what goes live
   * carries none.
   */
  readonly sandbox: boolean
  /** With the pages for people. */
  readonly console?: boolean
  /** The platforms that it can speak to, by the names of their folders; left out or null: all. */
  readonly platforms?: readonly string[] | null
  /** False: without the OpenAPI document and its page, which are in the repository as well. */
  readonly reference?: boolean
}

/** The Worker, minified, in one module. */
export const bundle = async ({
  sandbox,
  console = false,
  platforms = null,
  reference = true,
}: BundleOptions): Promise<string> => {
  const { outputFiles } = await build({
    entryPoints: [at(`src/hosts/workers/${console ? 'console' : 'index'}.ts`)],
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['workerd', 'worker', 'browser', 'import'],
    target: 'es2024',
    external: ['cloudflare:*'],
    write: false,
    plugins: [
      withoutParts({ console, reference }),
      sandbox ? withoutCompiling : without,
      ...(sandbox ? [] : [withoutSandboxes]),
      ...(platforms ? [withPlatforms(platforms)] : []),
      ...(reference ? [] : [withoutReference]),
    ],
  })
  return outputFiles[0]?.text ?? ''
}

if (import.meta.main) {
  const { mkdirSync, writeFileSync } = await import('node:fs')
  // wrangler says what it builds for (developers.cloudflare.com/workers/wrangler/custom-builds).
  const { WRANGLER_COMMAND, RESCIND_SANDBOX, RESCIND_PLATFORMS, RESCIND_REFERENCE } = process.env
  const platforms = platformsOf(RESCIND_PLATFORMS)
  const reference = RESCIND_REFERENCE !== '0'
  const sandbox = WRANGLER_COMMAND === 'dev' || RESCIND_SANDBOX === '1'
  // Each in a folder of its own: wrangler takes along whatever module lies beside the one it is
  // told.
  for (const [folder, console] of [
    ['dist/worker', false],
    ['dist/worker-console', true],
  ] as const) {
    mkdirSync(at(folder), { recursive: true })
    const options = { sandbox, console, platforms, reference }
    writeFileSync(at(`${folder}/worker.mjs`), await bundle(options))
  }
}
