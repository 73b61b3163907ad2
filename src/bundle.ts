/** Bundles the Worker (`wrangler` runs it): like wrangler's own bundling, but without the parts of zod that nobody calls, a third of the size. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'

const at = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))

/** What zod ties to its other parts, so that no bundler can shake it off, and nobody here calls: by file, the names. */
const UNUSED: readonly { readonly file: RegExp, readonly names: RegExp }[] = [
  { file: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/, names: /^(?!en$)/ },
  { file: /[\\/]zod[\\/]v4[\\/]classic[\\/]from-json-schema\.js$/, names: /./ },
  { file: /[\\/]zod[\\/]v4[\\/]core[\\/](compile|to-json-schema)\.js$/, names: /./ },
  // Its `aggregateChecks` is what a schema says of its own bounds.
  { file: /[\\/]zod[\\/]v4[\\/]core[\\/]json-schema-processors\.js$/, names: /(Processors?|^toJSONSchema)$/ },
]

/** What a module of zod exports. */
const exportsOf = (text: string): string[] => [
  ...[...text.matchAll(/^export (?:const|function|class) (\w+)/gm)].map(([, name = '']) => name),
  ...[...text.matchAll(/^export \{ (?:\w+ as )?(\w+) \}/gm)].map(([, name = '']) => name),
]

const WHOLE = '?whole'

/** Puts a function that says so in the place of everything unused; the rest comes from the file as it is. */
const without: Plugin = {
  name: 'without',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /\?whole$/ }, ({ path }) => ({ path: path.slice(0, -WHOLE.length), suffix: WHOLE, sideEffects: false }))
    onLoad({ filter: /[\\/]zod[\\/]v4[\\/]/ }, ({ path, suffix }) => {
      const unused = suffix === WHOLE ? undefined : UNUSED.find(({ file }) => file.test(path))
      if (!unused) return undefined
      const names = exportsOf(readFileSync(path, 'utf8'))
      const kept = names.filter((name) => !unused.names.test(name))
      return { loader: 'js', contents: [
        'const out = (name) => () => { throw new Error(`${name} is left out of this bundle`) }',
        ...names.filter((name) => unused.names.test(name)).map((name) => `export const ${name} = /* @__PURE__ */ out('${name}')`),
        ...(kept.length > 0 ? [`export { ${kept.join(', ')} } from ${JSON.stringify(path + WHOLE)}`] : []),
      ].join('\n') }
    })
  },
}

/** The Worker's code, minified. */
export const bundle = async (): Promise<string> => {
  const { outputFiles } = await build({
    entryPoints: [at('src/worker.ts')],
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['workerd', 'worker', 'browser', 'import'],
    target: 'es2024',
    external: ['cloudflare:*'],
    define: { PAPA_BROWSER_CONTEXT: 'true' }, // papaparse without Node’s streams
    write: false,
    plugins: [without],
  })
  return outputFiles[0]?.text ?? ''
}

if (import.meta.main) {
  const { mkdirSync, writeFileSync } = await import('node:fs')
  mkdirSync(at('dist'), { recursive: true })
  writeFileSync(at('dist/worker.js'), await bundle())
}
