/**
 * The architecture keeps its shape: who may import whom, runtime names at the edges only, files
 * that stay small.
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
/** What the product is made of; the tests of a platform stand in its folder too. */
const sources = ['src', 'adapters', 'scripts']
  .flatMap(filesIn)
  .filter(
    (path) => /\.(ts|tsx|mjs)$/.test(path) && !/\.(test|fixture)\.ts$|\/replay\.ts$/.test(path),
  )

/** All that is code beside the tests' folder. */
const written = ['src', 'adapters', 'scripts', 'templates']
  .flatMap(filesIn)
  .filter((path) => /\.(ts|tsx|mjs)$/.test(path))
/** An address, and a regular expression on a line of its own. */
const UNBREAKABLE = /https?:\/\/|^\s*\/(?![*/]).*\/[a-z]*$/

/** What proves it; a lab's own project is not ours to lay out. */
const tests = ['test', 'adapters']
  .flatMap(filesIn)
  .filter(
    (path) =>
      path.endsWith('.ts') &&
      (path.startsWith('test/') || /\.(test|fixture)\.ts$/.test(path)) &&
      !path.startsWith('test/live/lab/project'),
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

/** Hosts, scripts, the command line and the suite for authors: on runtimes of their own. */
const isEdge = (path: string) => /^(src\/(hosts|cli|testing)|scripts)\//.test(path)
const isCommand = (path: string) => path.startsWith('src/cli/')

/**
 * Folder by folder: the paths and packages that a file there may import. The first rule counts.
 * `scripts, cli -> hosts -> console, http -> config -> alerts -> gateway -> connection, ledger port ->
 * adapter -> model`.
 */
const MAY: readonly { readonly of: RegExp; readonly import: RegExp }[] = [
  {
    of: /^src\/(index|worker|worker-console)\.ts$/,
    import: /^src\/(?!cli|client|console|testing)/,
  },
  { of: /^src\/model\//, import: /^(src\/model\/|zod$|big\.js$)/ },
  { of: /^src\/messages\//, import: /^src\/(messages|model)\// },
  { of: /^src\/adapter\/sandbox/, import: /^(src\/adapter\/sandbox|hono(\/|$)|zod$)/ },
  { of: /^src\/adapter\//, import: /^(src\/(model|adapter)\/|zod$)/ },
  {
    of: /^src\/connection\/transport-undici\.ts$/,
    import: /^(src\/connection\/transport\.ts$|undici$|node:)/,
  },
  { of: /^src\/connection\/address\.ts$/, import: /^ipaddr\.js$/ },
  {
    of: /^src\/connection\//,
    import: /^(src\/(model|adapter|connection)\/|zod$|cockatiel$|ipaddr\.js$)/,
  },
  {
    of: /^src\/ledger\/[^/]+\.ts$/,
    import: /^src\/(model\/|ledger\/[^/]+\.ts$)/,
  },
  {
    of: /^src\/ledger\/memory\//,
    import: /^src\/(model\/|ledger\/([^/]+\.ts$|memory\/))/,
  },
  {
    of: /^src\/ledger\/sql\//,
    import: /^(src\/(model\/|ledger\/([^/]+\.ts$|sql\/))|node:(sqlite|fs|path)$|cloudflare:)/,
  },
  {
    of: /^src\/ledger\/redis\//,
    import: /^(src\/(model\/|ledger\/([^/]+\.ts$|redis\/))|ioredis$)/,
  },
  {
    of: /^src\/ledger\/postgres\//,
    import: /^(src\/(model\/|ledger\/([^/]+\.ts$|postgres\/))|pg$)/,
  },
  {
    of: /^src\/gateway\/workflow\//,
    import:
      /^src\/(model|adapter|connection|ledger|gateway\/workflow)\/(?!(memory|sql|redis|postgres)\/)/,
  },
  {
    of: /^src\/gateway\//,
    import:
      /^(src\/(model|adapter|connection|gateway|ledger)\/(?!(memory|sql|redis|postgres)\/)|ulid$)/,
  },
  {
    of: /^src\/input\//,
    import: /^(src\/(model|input|gateway)\/|zod$|jsonc-parser$|papaparse$)/,
  },
  {
    of: /^src\/alerts\//,
    import:
      /^(src\/(model|messages|connection|gateway|ledger|alerts)\/(?!(memory|sql|redis|postgres)\/)|ulid$)/,
  },
  {
    of: /^src\/config\//,
    import:
      /^(src\/(model|adapter|connection|gateway|alerts|config)\/|src\/ledger\/port\.ts$|zod$)/,
  },
  {
    of: /^src\/http\//,
    import:
      /^(src\/(model|messages|adapter|gateway|input|config|http)\/|src\/connection\/store\.ts$|src\/ledger\/port\.ts$|hono(\/|$)|@hono\/zod-openapi$|zod$)/,
  },
  {
    of: /^src\/console\//,
    import:
      /^(src\/(model|messages|gateway|alerts|input|config|http|console)\/|src\/connection\/store\.ts$|src\/ledger\/port\.ts$|hono(\/|$)|zod$)/,
  },
  { of: /^src\/client\//, import: /^src\/client\// },
  {
    of: /^src\/testing\//,
    import: /^(src\/(?!cli|client|console|hosts|config)|node:fs$|vitest$|zod$)/,
  },
  {
    of: /^src\/hosts\/workers\/console\.ts$/,
    import: /^src\/(console\/index\.ts$|hosts\/workers\/)/,
  },
  {
    of: /^src\/hosts\/workers\//,
    import: /^(src\/(?!cli|client|console|hosts\/node)|hono(\/|$)|cloudflare:)/,
  },
  { of: /^src\/hosts\/node\//, import: /^(?!src\/(cli|client|hosts\/workers)\/|cloudflare:)/ },
  {
    of: /^src\/hosts\//,
    import: /^(src\/(adapter\/|connection\/health\.ts$|ledger\/port\.ts$)|adapters\/index\.ts$)/,
  },
  {
    of: /^src\/cli\//,
    import: /^(?!src\/(gateway\/(?!service\.ts$)|http\/|console\/|hosts\/workers\/)|cloudflare:)/,
  },
  { of: /^scripts\//, import: /./ },
  { of: /^adapters\/index\.ts$/, import: /^adapters\/[^/]+\/index\.ts$/ },
  {
    of: /^adapters\/([^/]+)\/sandbox\//,
    import: /^(adapters\/[^/]+\/sandbox\/|src\/adapter\/sandbox(-kit)?\.ts$|hono(\/|$)|zod$)/,
  },
  {
    of: /^adapters\/mercur\//,
    import:
      /^(adapters\/mercur\/|adapters\/medusa\/(map|sweep|wire)\.ts$|src\/adapter\/index\.ts$|zod$)/,
  },
  { of: /^adapters\/([^/]+)\//, import: /^(src\/adapter\/index\.ts$|zod$)/ },
]

describe('architecture', () => {
  it('reads the imports it judges', () => {
    expect(importsOf('src/gateway/gateway.ts')).toContain('src/ledger/port.ts')
    expect(importsOf('src/connection/transport-undici.ts')).toContain('undici')
    expect(importsOf('src/hosts/node/start.mjs')).toContain('src/hosts/node/run.ts')
  })

  it.each(sources)('%s imports only what its place may', (path) => {
    const rule = MAY.find(({ of }) => of.test(path))
    expect(rule, 'a folder without a rule').toBeDefined()
    const own = /^adapters\/[^/]+\//.exec(path)?.[0]
    expect(
      importsOf(path).filter(
        (name) => !rule?.import.test(name) && !(own && own !== 'adapters/' && name.startsWith(own)),
      ),
    ).toEqual([])
  })

  it('no files import each other in a circle', () => {
    const isDone = new Map<string, boolean>()
    const circleFrom = (path: string, way: readonly string[]): readonly string[] | null => {
      if (isDone.get(path) === false) return [...way.slice(way.indexOf(path)), path]
      if (isDone.has(path) || !sources.includes(path)) return null
      isDone.set(path, false)
      for (const next of importsOf(path)) {
        const circle = circleFrom(next, [...way, path])
        if (circle) return circle
      }
      isDone.set(path, true)
      return null
    }
    expect(sources.map((path) => circleFrom(path, [])).find((circle) => circle !== null)).toBe(
      undefined,
    )
  })

  it('a platform’s imitation is known to its own index, to tests and to nobody else', () => {
    for (const path of sources.filter((name) => !/sandbox/.test(name))) {
      const own = /^adapters\/[^/]+\/index\.ts$/.test(path)
        ? `${dirname(path)}/sandbox/index.ts`
        : null
      expect(
        importsOf(path).filter((name) => /^adapters\/.*\/sandbox/.test(name) && name !== own),
        path,
      ).toEqual([])
    }
  })

  it('the command line is known to its launcher alone, so that it is in no bundle', () => {
    expect(sources.filter((path) => !isCommand(path) && importsOf(path).some(isCommand))).toEqual(
      [],
    )
  })

  it('runtime names appear in the roots and the ledger handles only', () => {
    const edges = sources.filter((path) =>
      importsOf(path).some((name) => /^(node:|undici$|ioredis$|pg$|cloudflare:)/.test(name)),
    )
    expect(
      edges.filter(
        (path) =>
          !isEdge(path) &&
          !/^src\/(ledger\/(sql\/(sqlite|durable)|redis\/|postgres\/)|connection\/transport-undici)/.test(
            path,
          ),
      ),
    ).toEqual([])
  })

  it('no statement numbers its parameters, which Node 22 takes for names', () => {
    for (const path of sources.filter((name) => name.startsWith('src/ledger/sql/')))
      expect(readFileSync(join(root, path), 'utf8').match(/[^`]\?\d/g), path).toBeNull()
  })

  it('no line is wider than 100 columns, but for what cannot be broken', () => {
    const wide = written.flatMap((path) =>
      readFileSync(join(root, path), 'utf8')
        .split('\n')
        .flatMap((line, at) =>
          line.length > 100 && !UNBREAKABLE.test(line) ? [`${path}:${at + 1}`] : [],
        ),
    )
    expect(wide).toEqual([])
  })

  it.each([...sources, ...tests])('%s is small, and opens with why it exists', (path) => {
    const text = readFileSync(join(root, path), 'utf8').replace(/^#!.*\n/, '')
    expect(text.slice(0, 3)).toMatch(/^(\/\*\*|\/\/ )/)
    const lines = text.split('\n').length - 1
    if (lines > 400)
      expect(text.slice(0, 600), `${lines} lines`).toMatch(/longer than 400 lines because/i)
  })
})
