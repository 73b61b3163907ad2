/**
 * Builds what the package carries (`npm run build`, and before packing): JavaScript with its types,
 * for nobody strips types under node_modules.
 */
import { execFileSync } from 'node:child_process'
import { globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import manifest from '../package.json' with { type: 'json' }

const root = fileURLToPath(new URL('..', import.meta.url))
const dist = join(root, 'dist')
const tsc = join(
  dirname(createRequire(import.meta.url).resolve('typescript/package.json')),
  'bin/tsc',
)

for (const name of ['src', 'adapters', 'package.json'])
  rmSync(join(dist, name), { recursive: true, force: true })
execFileSync(process.execPath, [tsc, '--project', join(root, 'tsconfig.build.json')], {
  stdio: 'inherit',
})

// The compiler took it along whole; the program reads its own version there.
const { name, version, type } = manifest
writeFileSync(join(dist, 'package.json'), `${JSON.stringify({ name, version, type })}\n`)

/**
 * The declarations that a file’s lead to. Their names end in .js, where every version of
 * TypeScript, however it resolves modules, finds the .d.ts.
 */
const declared = (file: string, found: Set<string>): Set<string> => {
  if (found.has(file)) return found
  found.add(file)
  const text = readFileSync(file, 'utf8').replaceAll(
    /((?:from|import) ?\(?["']\.[^"']+)\.ts(?=["'])/g,
    '$1.js',
  )
  writeFileSync(file, text)
  for (const [, name = ''] of text.matchAll(/(?:from|import) ?\(?["'](\.[^"']+)\.js["']/g))
    declared(join(dirname(file), `${name}.d.ts`), found)
  return found
}
const entries = Object.values(manifest.exports).flatMap((entry) =>
  typeof entry === 'string' ? [] : [join(root, entry.types)],
)
const wanted = new Set<string>()
for (const entry of entries) declared(entry, wanted)
for (const file of globSync('{src,adapters}/**/*.d.ts', { cwd: dist }))
  if (!wanted.has(join(dist, file))) rmSync(join(dist, file))
