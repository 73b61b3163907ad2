/**
 * Bundles the Worker (`wrangler` runs it): like wrangler's own bundling, but without the parts of
 * zod and papaparse that nobody calls, a third of the size, and with the sandboxes apart.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'

const at = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))

/** Kinds of values that no shape here has, by the names of their makers. */
const KINDS =
  'GUID|UUID|UUIDv\\d|Email|Emoji|NanoID|CUID|CUID2|ULID|XID|KSUID|IPv4|IPv6|MAC|CIDRv4|CIDRv6|Base64|Base64URL|E164|CreditCard|IBAN|JWT|BigInt|BigIntFormat|Int64|Uint64|Symbol|Void|Date|Xor|Map|Set|File|Success|NaN|Codec|TemplateLiteral|Function|Promise|ExactOptional|Prefault|NonOptional|Readonly|Lazy|DiscriminatedUnion|Intersection'
/** The same of checks. */
const CHECKS =
  'LowerCase|UpperCase|StartsWith|EndsWith|Mime|MimeType|Property|Properties|MaxSize|MinSize|Size|SizeEquals|Slugify|Normalize|StringBool'

/**
 * What zod ties to its other parts, so that no bundler can shake it off, and nobody here calls: by
 * file, the names.
 */
const UNUSED: readonly { readonly file: RegExp; readonly names: RegExp }[] = [
  { file: /[\\/]zod[\\/]v4[\\/]classic[\\/]from-json-schema\.js$/, names: /./ },
  {
    file: /[\\/]zod[\\/]v4[\\/]core[\\/](api|schemas|checks)\.js$/,
    names: new RegExp(`^(_|\\$Zod|\\$ZodCheck)(${KINDS}|coerced.*|${CHECKS})$`, 'i'),
  },
  {
    file: /[\\/]zod[\\/]v4[\\/]classic[\\/]schemas\.js$/,
    names: new RegExp(
      `^(?!(void|function)$)(Zod)?(${KINDS}|hostname|hex|hash|currencyCode|float\\d+|u?int32|stringbool|json)$`,
      'i',
    ),
  },
  { file: /[\\/]zod[\\/]v4[\\/]classic[\\/]parse\.js$/, names: /encode|decode/i },
  {
    file: /[\\/]zod[\\/]v4[\\/]core[\\/]errors\.js$/,
    names: /^((treeify|prettify|format|flatten)Error|toDotPath)$/,
  },
  { file: /[\\/]zod[\\/]v4[\\/]classic[\\/](deep-partial|in-out)\.js$/, names: /./ },
  { file: /[\\/]zod[\\/]v4[\\/]core[\\/](compile|to-json-schema)\.js$/, names: /./ },
  // Its `aggregateChecks` is what a schema says of its own bounds.
  {
    file: /[\\/]zod[\\/]v4[\\/]core[\\/]json-schema-processors\.js$/,
    names: /(Processors?|^toJSONSchema)$/,
  },
]

/** What zod shows of its inside: as values, these would keep all of it. */
const INSIDES =
  /^export \* as (core|locales|coerce) .*$|\b(regexes|util|compile|withParser|ZodCompile\w+), /gm

/**
 * The same for papaparse, whose parts are functions in one: all but reading a text and writing one.
 */
const PAPA =
  /\n\tfunction (CsvToJson|ChunkStreamer|NetworkStreamer|FileStreamer|StringStreamer|ReadableStreamStreamer|DuplexStreamStreamer|ParserHandle|getWorkerBlob|newWorker|mainThreadReceivedMessage|workerThreadReceivedMessage)\([^]*?\n\t\}\n/g
const PAPA_PLUGIN = /\n\tif \(global\.jQuery\)[^]*?\n\t\}\n/

/** What a module of zod exports. */
const exportsOf = (text: string): string[] => [
  ...[...text.matchAll(/^export (?:const|function|class) ([\w$]+)/gm)].map(([, name = '']) => name),
  ...[...text.matchAll(/^export \{ (?:[\w$]+ as )?([\w$]+) \}/gm)].map(([, name = '']) => name),
]

const WHOLE = '?whole'

/**
 * Puts a function that says so in the place of everything unused; the rest comes from the file as
 * it is.
 */
const without: Plugin = {
  name: 'without',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /\?whole$/ }, ({ path }) => ({
      path: path.slice(0, -WHOLE.length),
      suffix: WHOLE,
      sideEffects: false,
    }))
    onLoad({ filter: /[\\/]papaparse\.js$/ }, ({ path }) => ({
      loader: 'js',
      contents: readFileSync(path, 'utf8')
        .replace(PAPA_PLUGIN, '\n')
        .replaceAll(
          PAPA,
          "\n\tfunction $1() { throw new Error('$1 is left out of this bundle') }\n",
        ),
    }))
    onLoad({ filter: /[\\/]zod[\\/]v4[\\/]classic[\\/]external\.js$/ }, ({ path }) => ({
      loader: 'js',
      contents: readFileSync(path, 'utf8').replaceAll(INSIDES, ''),
    }))
    onLoad({ filter: /[\\/]zod[\\/]v4[\\/]/ }, ({ path, suffix }) => {
      const unused = suffix === WHOLE ? undefined : UNUSED.find(({ file }) => file.test(path))
      if (!unused) return undefined
      const names = exportsOf(readFileSync(path, 'utf8'))
      const kept = names.filter((name) => !unused.names.test(name))
      return {
        loader: 'js',
        contents: [
          'const out = (name) => () => { throw new Error(`${name} is left out of this bundle`) }',
          ...names
            .filter((name) => unused.names.test(name))
            .map((name) => `export const ${name} = /* @__PURE__ */ out('${name}')`),
          ...(kept.length > 0
            ? [`export { ${kept.join(', ')} } from ${JSON.stringify(path + WHOLE)}`]
            : []),
        ].join('\n'),
      }
    })
  },
}

const SANDBOXES = 'sandboxes'

/**
 * Puts all imitations of platforms into a module of their own, which `loadImitations` loads; until
 * then they cannot be made.
 */
const apart: Plugin = {
  name: 'apart',
  setup({ onLoad, onResolve }) {
    const namespace = SANDBOXES
    const nameOf = (folder: string) => folder.replaceAll('-', '_')
    onResolve({ filter: /\/imitations\.ts$/ }, () => ({ path: 'loader', namespace }))
    onResolve({ filter: /^sandboxes:/ }, ({ path }) => ({
      path: path.slice(`${SANDBOXES}:`.length),
      namespace,
    }))
    onResolve({ filter: /^\.\/sandbox\.ts$/ }, ({ importer }) =>
      /[\\/]adapters[\\/][^\\/]+[\\/]index\.ts$/.test(importer)
        ? { path: basename(dirname(importer)), namespace }
        : undefined,
    )
    onLoad({ filter: /^loader$/, namespace }, () => ({
      contents: `export let made\nexport const loadImitations = async () => { made ??= await import('${SANDBOXES}:${SANDBOXES}') }`,
    }))
    onLoad({ filter: /^sandboxes$/, namespace }, () => ({
      resolveDir: at('adapters'),
      contents: readdirSync(at('adapters'))
        .filter((name) => existsSync(at(`adapters/${name}/sandbox.ts`)))
        .map((name) => `export { createSandbox as ${nameOf(name)} } from './${name}/sandbox.ts'`)
        .join('\n'),
    }))
    onLoad({ filter: /./, namespace }, ({ path }) => ({
      contents: `import { made } from '${SANDBOXES}:loader'\nexport const createSandbox = () => made.${nameOf(path)}()`,
    }))
  },
}

/** The Worker's modules by name, minified: what it starts with, and the sandboxes beside. */
export const bundle = async (): Promise<ReadonlyMap<string, string>> => {
  const { outputFiles } = await build({
    entryPoints: { worker: at('src/worker.ts') },
    bundle: true,
    splitting: true,
    outdir: at('dist/worker'),
    chunkNames: '[name]',
    outExtension: { '.js': '.mjs' },
    minify: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['workerd', 'worker', 'browser', 'import'],
    target: 'es2024',
    external: ['cloudflare:*'],
    write: false,
    plugins: [without, apart],
  })
  return new Map(outputFiles.map(({ path, text }) => [basename(path), text]))
}

if (import.meta.main) {
  const { mkdirSync, rmSync, writeFileSync } = await import('node:fs')
  // No module of an earlier build stays.
  rmSync(at('dist/worker'), { recursive: true, force: true })
  mkdirSync(at('dist/worker'), { recursive: true })
  for (const [name, text] of await bundle()) writeFileSync(at(`dist/worker/${name}`), text)
}
