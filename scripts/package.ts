/**
 * Builds what other packages import, the client as JavaScript with its types (`npm run client`, and
 * before packing): nobody strips types under node_modules.
 */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const at = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))
const outDir = at('dist/client')
const tsc = join(
  dirname(createRequire(import.meta.url).resolve('typescript/package.json')),
  'bin/tsc',
)

await build({
  entryPoints: [at('src/client/index.ts')],
  outfile: join(outDir, 'index.js'),
  bundle: true,
  format: 'esm',
  platform: 'neutral',
  target: 'es2022',
  legalComments: 'none',
})
execFileSync(
  process.execPath,
  [
    tsc,
    at('src/client/index.ts'),
    '--ignoreConfig',
    '--declaration',
    '--emitDeclarationOnly',
    '--outDir',
    outDir,
    '--target',
    'es2022',
    '--module',
    'nodenext',
    '--lib',
    'es2022,dom,dom.iterable,esnext.disposable',
    '--types',
    '',
    '--strict',
    '--exactOptionalPropertyTypes',
    '--rewriteRelativeImportExtensions',
  ],
  { stdio: 'inherit' },
)

// Every version of TypeScript, however it resolves modules, finds a .d.ts by its .js.
for (const path of readdirSync(outDir)
  .filter((name) => name.endsWith('.d.ts'))
  .map((name) => join(outDir, name))) {
  writeFileSync(path, readFileSync(path, 'utf8').replaceAll(/(["']\.\/\w+)\.ts(?=["'])/g, '$1.js'))
}
