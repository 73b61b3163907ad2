/** What is in the tarball: all that runs, and nothing that only this project needs. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { describe, expect, it } from 'vitest'
import { type Packed, root } from './installed.ts'

/** Loose bounds, so that a recording or a picture that slips in is noticed. */
const MAX = { files: 830, packed: 1_060_000, unpacked: 3_700_000 }

export const testContents = (packed: () => Packed) =>
  describe('the tarball', () => {
    it('holds no test, case, recording or script, and no source to compile', () => {
      const own = /^(test|scripts|templates|openapi|\.ci|node_modules)\/|(^|\/)\.[^/]*$/
      const ofTests =
        /\.(test|fixture)\.|(^|\/)(cases|recordings|pictures)\/|suite\.json$|(^|\/)replay\.|torture|simulation/
      expect(packed().files.filter((path) => own.test(path) || ofTests.test(path))).toEqual([])
      expect(
        packed().files.filter(
          (path) => /(?<!\.d)\.ts$/.test(path) && !path.startsWith('examples/'),
        ),
      ).toEqual([])
    })

    it('holds what every file of the source was built to', () => {
      const sources = globSync('{src,adapters}/**/*.ts', { cwd: root }).filter(
        (path) => !/\.(test|fixture|d)\.ts$|\/replay\.ts$/.test(path),
      )
      expect(sources.length).toBeGreaterThan(100)
      const files = new Set(packed().files)
      expect(
        sources
          .map((path) => `dist/${path.replace(/\.ts$/, '.js')}`)
          .filter((path) => !files.has(path)),
      ).toEqual([])
      for (const name of ['README.md', 'LICENSE', 'CHANGELOG.md'])
        expect([name, files.has(name)]).toEqual([name, existsSync(join(root, name))])
    })

    it('names in its declarations only its own and what is installed with it', () => {
      const folder = join(packed().folder, 'node_modules/rescind')
      const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
        exports: Record<string, string | { types: string }>
        dependencies: object
        peerDependencies: object
      }
      const declared = packed().files.filter((path) => path.endsWith('.d.ts'))
      const named = declared.flatMap((path) =>
        [
          ...readFileSync(join(folder, path), 'utf8').matchAll(
            /(?:from|import) ?\(?["']([^"']+)["']/g,
          ),
        ].map(([, name = '']) =>
          name.startsWith('.') ? join(path, '..', name.replace(/\.js$/, '.d.ts')) : name,
        ),
      )
      const entries = Object.values(manifest.exports).flatMap((entry) =>
        typeof entry === 'string' ? [] : [join(entry.types)],
      )
      const [own, others] = [
        named.filter((name) => name.endsWith('.d.ts')),
        named.filter((name) => !name.endsWith('.d.ts')),
      ]
      // Each of them is needed by an entry, and each that is needed is there.
      expect(declared).toEqual([...new Set([...own, ...entries])].toSorted())
      const brought = [manifest.dependencies, manifest.peerDependencies].flatMap(Object.keys)
      const packages = others.map((name) => /^(@[^/]+\/)?[^/]+/.exec(name)?.[0])
      expect([...new Set(packages)].filter((name) => !brought.includes(name ?? ''))).toEqual([])
    })

    it('is small', () => {
      const { files, bytes } = packed()
      console.log(
        `package: ${files.length} files, ${(bytes.packed / 1024).toFixed(0)} KiB packed, ` +
          `${(bytes.unpacked / 1024).toFixed(0)} KiB unpacked`,
      )
      expect(files.length).toBeLessThan(MAX.files)
      expect(bytes.packed).toBeLessThan(MAX.packed)
      expect(bytes.unpacked).toBeLessThan(MAX.unpacked)
    })

    it('has nothing that publint finds', async () => {
      const pkgDir = join(packed().folder, 'node_modules/rescind')
      const { messages, pkg } = await publint({ pkgDir, pack: false, strict: true })
      expect(messages.map((message) => formatMessage(message, pkg))).toEqual([])
    })
  })
