/**
 * What a bundle for Workers leaves out of its libraries: the parts of zod, its generator of
 * documents and others that nobody here calls, a third of the size.
 */
import { readFileSync } from 'node:fs'
import type { Plugin } from 'esbuild'

/** Kinds of values that no shape here has, by the names of their makers. */
const KINDS =
  'GUID|UUID|UUIDv\\d|Email|Emoji|NanoID|CUID|CUID2|ULID|XID|KSUID|IPv4|IPv6|MAC|CIDRv4|' +
  'CIDRv6|Base64|Base64URL|E164|CreditCard|IBAN|JWT|BigInt|BigIntFormat|Int64|Uint64|' +
  'Symbol|Void|Date|Xor|Map|Set|File|Success|NaN|Codec|TemplateLiteral|Function|Promise|' +
  'ExactOptional|Prefault|NonOptional|Readonly|Lazy|DiscriminatedUnion|Intersection|' +
  'ISOTime|ISODuration|CustomStringFormat|InvertCodec'
/** The same of checks. */
const CHECKS =
  'LowerCase|UpperCase|StartsWith|EndsWith|Mime|MimeType|Property|Properties|MaxSize|' +
  'MinSize|Size|SizeEquals|Slugify|Normalize|StringBool'

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
      `^(?!(void|function)$)(Zod)?(${KINDS}|hostname|hex|hash|currencyCode|float\\d+|u?int32|` +
        'stringbool|json)$',
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

/** Classes that settings are told apart by (src/adapter/settings.ts). */
const CLASSES = 'Type|Object|Union|Pipe|Optional|Nullable|Default|Enum|Literal|Boolean'
/**
 * What is used within zod alone, so that its one value needs no place for it: the other classes,
 * and ways to make a shape that nobody here takes.
 */
const UNASKED = new RegExp(
  `^(Zod(?!(${CLASSES})$).*|_?function|httpUrl|nativeEnum|looseRecord|stringFormat|keyof|` +
    'invertCodec|check|refine|superRefine|describe|meta|pipe|transform|catch|nullish|any)$',
)

/** What zod shows of its inside: as values, these would keep all of it. */
const INSIDES = new RegExp(
  '^export \\* as (core|locales|coerce) .*$|' +
    '\\b(regexes|util|memoizer|compile|withParser|ZodCompile\\w+), ',
  'gm',
)

/**
 * How each shape would be told as a JSON Schema; and a shape that compiles itself falls back on the
 * plain one wherever code cannot be made, as on Workers.
 */
const JSON_SCHEMAS = /^ *inst\._zod\.processJSONSchema = .*;$/gm

/** Its own functions, taken as one value in a place or two, which would keep all of them. */
const UTIL = 'import { util } from "../core/index.js";'

/** How it follows values that hold themselves, which what was JSON cannot. */
const CYCLES = /(?<=^function _ensureDefaultMemoizer\(\) \{\n)[^]*?(?=^\})/m

/** What a shape can be asked for, and none here is; each would keep the kinds that it leads to. */
const METHODS = new RegExp(
  `^ {4}(?:async )?(?:${KINDS}|${CHECKS}|and|(?:safe)?(?:En|De)code(?:Async)?|validate(?:Async)?|` +
    'toJSONSchema)(?:\\(.*\\)|: (?:async )?function .*) \\{\\n(?: {8}.*\\n)+ {4}\\},\\n',
  'gim',
)

/**
 * The same for papaparse, whose parts are functions in one: all but reading a text and writing one.
 */
const PAPA_PARTS = [
  'CsvToJson',
  'ChunkStreamer',
  'NetworkStreamer',
  'FileStreamer',
  'StringStreamer',
  'ReadableStreamStreamer',
  'DuplexStreamStreamer',
  'ParserHandle',
  'getWorkerBlob',
  'newWorker',
  'mainThreadReceivedMessage',
  'workerThreadReceivedMessage',
]
const PAPA = new RegExp(`\\n\\tfunction (${PAPA_PARTS.join('|')})\\([^]*?\\n\\t\\}\\n`, 'g')
const PAPA_PLUGIN = /\n\tif \(global\.jQuery\)[^]*?\n\t\}\n/

/**
 * And for the generator of the document: shapes of which no route has one, and versions of OpenAPI
 * that nobody asks for.
 */
const SHAPES = 'BigInt|Date|DiscriminatedUnion|Intersection|Literal|TemplateLiteral|Tuple|Union'
const GENERATOR_PARTS = `(?:${SHAPES})Transformer|OpenApiGeneratorV3(?:0Specifics|2)?`
const GENERATOR = new RegExp(`^class (${GENERATOR_PARTS}) [^]*?^\\}`, 'gm')

/**
 * How Hono finds a route: a quick way for most patterns, and beside it one for all of them, which
 * is enough for a few dozen routes.
 */
const ROUTERS = 'new SmartRouter({ routers: [new RegExpRouter(), new TrieRouter()] })'

/** What formats are called that no shape here has. */
const FORMATS = /^ +(?!(?:regex|url|datetime): )\w+: "[^"]+",\n(?=(?: +\w+: "[^"]+",\n)* {4}\};)/gm

/** Ways to serve a document, and to add routes, that are not ours. */
const WAYS = /^\t(doc|doc31|getOpenAPIDocument|openapiRoutes) = [^]*?^\t\};/gm
/** Where there is no document. */
const DOCUMENT = /^\t(getOpenAPI31Document) = [^]*?^\t\};/gm

/** Applications within others: the console's, where there is one. */
const NESTING = /^\t(route|basePath)\(.*\) \{$[^]*?^\t\}$/gm

/** Of sums, what no amount needs: it is added, taken away, compared and rounded. */
const SUMS =
  /^P\.(mod|pow|sqrt|div|prec|times|toExponential|toPrecision)(?: = P\.mul)? = function [^]*?^\};/gm

/** And for addresses: all but reading one and saying in which range it is. */
const ADDRESS_PARTS =
  '\\w*CIDR\\w*|\\w*SubnetMask\\w*|fromByteArray|' +
  'toRFC5952String|toFixedLengthString|toNormalizedString'
const ADDRESS = new RegExp(
  `^( +)((?:ipaddr|IPv[46])\\.(?:\\w+\\.)?(?:${ADDRESS_PARTS})) = function [^]*?^\\1\\};`,
  'gmi',
)

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
export const without: Plugin = {
  name: 'without',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /\?whole$/ }, ({ path }) => ({
      path: path.slice(0, -WHOLE.length),
      suffix: WHOLE,
      sideEffects: false,
    }))
    onLoad({ filter: /[\\/]zod[\\/]v4[\\/]classic[\\/]external\.js$/ }, ({ path }) => ({
      loader: 'js',
      contents: readFileSync(path, 'utf8')
        .replaceAll(INSIDES, '')
        // As one value, it would keep a place for each name that is left out.
        .replace('export * from "./schemas.js";', () => {
          const file = path.replace('external.js', 'schemas.js')
          const unused = UNUSED.find(({ file: of }) => of.test(file))
          const kept = exportsOf(readFileSync(file, 'utf8')).filter(
            (name) => !unused?.names.test(name) && !UNASKED.test(name),
          )
          return `export { ${kept.join(', ')} } from "./schemas.js";`
        }),
    }))
    onLoad({ filter: /[\\/]zod[\\/]v4[\\/]classic[\\/]schemas\.js$/ }, ({ path, suffix }) =>
      suffix === WHOLE
        ? {
            loader: 'js',
            contents: readFileSync(path, 'utf8')
              .replaceAll(JSON_SCHEMAS, '')
              .replaceAll('core.$ZodObjectJIT', 'core.$ZodObject')
              .replace(UTIL, 'import * as util from "../core/util.js";')
              .replaceAll('core.util.', 'util.')
              .replace(CYCLES, '')
              .replaceAll(METHODS, ''),
          }
        : undefined,
    )
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

/** A method or a field of that name which says so. */
const leftOut = (_: string, name: string) =>
  `\t${name} = () => { throw new Error('${name} is left out of this bundle') };`

/**
 * For a trial, whose imitations take more of zod: all of it, but for what makes code of a shape,
 * which Workers do not allow.
 */
export const withoutCompiling: Plugin = {
  name: 'without compiling',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]zod[\\/]v4[\\/]classic[\\/]schemas\.js$/ }, ({ path }) => ({
      loader: 'js',
      contents: readFileSync(path, 'utf8').replaceAll('core.$ZodObjectJIT', 'core.$ZodObject'),
    }))
  },
}

export interface Parts {
  readonly console: boolean
  readonly reference: boolean
}

/** The same for libraries that are one file each. */
export const withoutParts = ({ console, reference }: Parts): Plugin => ({
  name: 'without parts',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]papaparse\.js$/ }, ({ path }) => ({
      loader: 'js',
      contents: readFileSync(path, 'utf8')
        .replace(PAPA_PLUGIN, '\n')
        .replaceAll(
          PAPA,
          "\n\tfunction $1() { throw new Error('$1 is left out of this bundle') }\n",
        ),
    }))
    onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]en\.js$/ }, ({ path }) => ({
      loader: 'js',
      contents: readFileSync(path, 'utf8').replaceAll(FORMATS, ''),
    }))
    onLoad({ filter: /[\\/]big\.mjs$/ }, ({ path }) => ({
      loader: 'js',
      contents: readFileSync(path, 'utf8').replaceAll(
        SUMS,
        "P.$1 = () => { throw new Error('$1 is left out of this bundle') };",
      ),
    }))
    onLoad({ filter: /[\\/]ipaddr\.js$/ }, ({ path }) => ({
      loader: 'js',
      contents: readFileSync(path, 'utf8').replaceAll(
        ADDRESS,
        "$1$2 = () => { throw new Error('$2 is left out of this bundle') };",
      ),
    }))
    // Its lists of kinds and errors are values that no bundler takes for unused.
    onLoad({ filter: /[\\/]jsonc-parser[\\/]lib[\\/]esm[\\/]main\.js$/ }, () => ({
      loader: 'js',
      contents: "export { visit } from './impl/parser'",
    }))
    onLoad({ filter: /[\\/]hono[\\/]dist[\\/]hono\.js$/ }, ({ path }) => ({
      loader: 'js',
      contents: readFileSync(path, 'utf8').replace(ROUTERS, 'new TrieRouter()'),
    }))
    onLoad({ filter: /[\\/]@hono[\\/]zod-openapi[\\/]dist[\\/]index\.mjs$/ }, ({ path }) => {
      const unused = [WAYS, ...(console ? [] : [NESTING]), ...(reference ? [] : [DOCUMENT])]
      return {
        loader: 'js',
        contents: unused.reduce(
          (text, part) => text.replaceAll(part, leftOut),
          readFileSync(path, 'utf8'),
        ),
      }
    })
    onLoad({ filter: /[\\/]zod-to-openapi[\\/]dist[\\/]index\.mjs$/ }, ({ path }) => ({
      loader: 'js',
      contents: readFileSync(path, 'utf8').replaceAll(
        GENERATOR,
        "class $1 { transform() { throw new Error('$1 is left out of this bundle') } }",
      ),
    }))
  },
})
