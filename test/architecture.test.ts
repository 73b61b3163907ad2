/**
 * The house keeps its shape: who may import whom, runtime names at the edges only, files that stay
 * small.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

const filesIn = (folder: string): string[] =>
  readdirSync(join(root, folder)).flatMap((name) => {
    const path = `${folder}/${name}`
    return statSync(join(root, path)).isDirectory() ? filesIn(path) : [path]
  })
const sources = [...filesIn('src'), ...filesIn('adapters')].filter((path) =>
  /\.(ts|tsx|mjs)$/.test(path),
)

/** What a file imports: repository paths for relative names, the bare name for packages. */
const importsOf = (path: string): string[] => {
  const text = readFileSync(join(root, path), 'utf8')
  return [
    ...text.matchAll(
      /(?:^|\n)\s*(?:import|export)\b[^'"\n]*(?:\n[^'"]*?)?\bfrom\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]|(?:^|\n)import\s*['"]([^'"]+)['"]/g,
    ),
  ]
    .map((match) => match[1] ?? match[2] ?? match[3] ?? '')
    .map((name) =>
      name.startsWith('.') ? relative(root, normalize(join(root, dirname(path), name))) : name,
    )
}

/** The roots: they wire, and know everything. */
const isRoot = (path: string) => /^src\/[^/]+$/.test(path)
/** The command line is a root in a folder of its own: it runs on Node alone. */
const isCommand = (path: string) => path.startsWith('src/cli/')

/** Folder by folder: the paths and packages that a file there may import. */
const MAY: readonly { readonly of: RegExp; readonly import: RegExp }[] = [
  { of: /^src\/model\//, import: /^(src\/model\/|zod$|big\.js$)/ },
  { of: /^src\/adapter\/sandbox/, import: /^(src\/adapter\/sandbox|hono(\/|$)|zod$)/ },
  { of: /^src\/adapter\/gate\.ts$/, import: /^(src\/adapter\/|cockatiel$)/ },
  { of: /^src\/adapter\//, import: /^(src\/model\/|src\/adapter\/|zod$)/ },
  {
    of: /^src\/ledger\/sqlite\.ts$/,
    import: /^(src\/model\/|src\/ledger\/|node:(sqlite|fs|path)$)/,
  },
  { of: /^src\/ledger\/redis.*\.ts$/, import: /^(src\/model\/|src\/ledger\/|ioredis$)/ },
  { of: /^src\/ledger\/durable\.ts$/, import: /^(src\/model\/|src\/ledger\/|cloudflare:)/ },
  { of: /^src\/ledger\//, import: /^(src\/model\/|src\/ledger\/)/ },
  {
    of: /^src\/gateway\//,
    import:
      /^(src\/model\/|src\/adapter\/|src\/ledger\/(ledger|batches)\.ts$|src\/gateway\/|ulid$)/,
  },
  {
    of: /^src\/http\//,
    import:
      /^(src\/model\/|src\/adapter\/(sandbox|store)\.ts$|src\/ledger\/ledger\.ts$|src\/gateway\/|src\/http\/|src\/config\.ts$|hono(\/|$)|@hono\/zod-openapi$|zod$|jsonc-parser$|papaparse$)/,
  },
  { of: /^src\/client\//, import: /^src\/client\// },
  {
    of: /^src\/cli\//,
    import:
      /^(package\.json$|src\/cli\/|src\/client\/index\.ts$|src\/model\/|src\/(config|key|load|node|platforms|undici)\.ts$|src\/adapter\/(failure|settings|store|transport)\.ts$|src\/http\/(json|items)\.ts$|src\/ledger\/sqlite\.ts$|node:|commander$|@clack\/prompts$|jsonc-parser$)/,
  },
  {
    of: /^src\/console\//,
    import:
      /^(src\/model\/|src\/adapter\/store\.ts$|src\/ledger\/ledger\.ts$|src\/gateway\/|src\/http\/(access|answers|body|cancellations|cursor|items)\.ts$|src\/console\/|src\/config\.ts$|hono(\/|$)|zod$)/,
  },
  { of: /^adapters\/index\.ts$/, import: /^adapters\/[^/]+\/index\.ts$/ },
  {
    of: /^adapters\/([^/]+)\/sandbox/,
    import:
      /^(adapters\/[^/]+\/sandbox[^/]*\.ts$|src\/adapter\/sandbox(-kit)?\.ts$|hono(\/|$)|zod$)/,
  },
  {
    of: /^adapters\/mercur\//,
    import: /^(adapters\/mercur\/|adapters\/medusa\/(map|wire)\.ts$|src\/adapter\/index\.ts$|zod$)/,
  },
  { of: /^adapters\/([^/]+)\//, import: /^(src\/adapter\/index\.ts$|zod$)/ },
]

/** Grown over 400 lines where the formatter unpacked them; each is parted when its folder is. */
const UNPACKED = new Set([
  'adapters/medusa/index.ts',
  'adapters/medusa/sandbox-orders.ts',
  'adapters/medusa/sandbox-wire.ts',
  'adapters/mercur/index.ts',
  'adapters/mercur/sandbox-views.ts',
  'adapters/shopline/index.ts',
  'adapters/wix/index.ts',
  'src/cli/doctor.ts',
  'src/cli/init.ts',
  'src/gateway/settle.ts',
  'src/model/cancellation.ts',
  'src/model/words.ts',
])

describe('architecture', () => {
  it('reads the imports it judges', () => {
    expect(importsOf('src/gateway/gateway.ts')).toContain('src/ledger/ledger.ts')
    expect(importsOf('src/undici.ts')).toContain('undici')
    expect(importsOf('src/start.mjs')).toContain('src/node.ts')
  })

  it.each(sources.filter((path) => !isRoot(path)))('%s imports only what its place may', (path) => {
    const rule = MAY.find(({ of }) => of.test(path))
    expect(rule, 'a folder without a rule').toBeDefined()
    const own = /^adapters\/[^/]+\//.exec(path)?.[0]
    expect(
      importsOf(path).filter(
        (name) => !rule?.import.test(name) && !(own && own !== 'adapters/' && name.startsWith(own)),
      ),
    ).toEqual([])
  })

  it('a platform’s imitation is known to its own index, to tests and to nobody else', () => {
    for (const path of sources.filter((name) => !/sandbox/.test(name))) {
      const own = /^adapters\/[^/]+\/index\.ts$/.test(path) ? `${dirname(path)}/sandbox.ts` : null
      expect(
        importsOf(path).filter((name) => /^adapters\/.*\/sandbox/.test(name) && name !== own),
        path,
      ).toEqual([])
    }
  })

  it('the command line is known to its launcher alone, so that it is in no bundle', () => {
    expect(sources.filter((path) => !isCommand(path) && importsOf(path).some(isCommand))).toEqual([
      'src/rescind.mjs',
    ])
  })

  it('runtime names appear in the roots and the ledger handles only', () => {
    const edges = sources.filter((path) =>
      importsOf(path).some((name) => /^(node:|undici$|ioredis$|cloudflare:)/.test(name)),
    )
    expect(
      edges.filter(
        (path) =>
          !isRoot(path) && !isCommand(path) && !/^src\/ledger\/(sqlite|redis|durable)/.test(path),
      ),
    ).toEqual([])
  })

  it.each(sources)('%s is small, and opens with why it exists', (path) => {
    const text = readFileSync(join(root, path), 'utf8').replace(/^#!.*\n/, '')
    expect(text.slice(0, 3)).toMatch(/^(\/\*\*|\/\/ )/)
    const lines = text.split('\n').length - 1
    if (lines > 400 && !UNPACKED.has(path))
      expect(text.slice(0, 600), `${lines} lines`).toMatch(/longer than 400 lines because/i)
  })
})
