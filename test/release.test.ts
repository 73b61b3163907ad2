/** What a public project owes its readers is there, and a release is what it says it is. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { faultsOf, sbomOf, versionOf, writeRelease } from '../scripts/release.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const version = versionOf(root)

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rescind-release-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a release', () => {
  /** A tree that could be released, in a repository of its own, but for what a test makes of it. */
  const treeOf = (name: string, other: Readonly<Record<string, string>> = {}): string => {
    const tree = join(folder, name)
    const files = {
      'package.json': '{ "version": "1.2.3" }',
      'CHANGELOG.md': '# Changelog\n\n## [1.2.3] - 2026-12-01\n',
      'src/http/reference/document.ts': "export const VERSION = '1.2.3'\n",
      'openapi/openapi.json': '{\n  "version": "1.2.3"\n}\n',
      'compose.yaml': 'image: rescind:1.2.3\n',
      ...other,
    }
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(tree, path)), { recursive: true })
      writeFileSync(join(tree, path), text)
    }
    const git = (...words: string[]) => execFileSync('git', words, { cwd: tree, stdio: 'ignore' })
    git('init')
    git('add', '.')
    git('-c', 'user.name=x', '-c', 'user.email=x@example.com', 'commit', '-m', 'x')
    return tree
  }

  it('is made of a tree that says one version and a day, all of it committed', () => {
    expect(faultsOf(treeOf('well'))).toEqual([])
  })

  it('is not made of a tree that holds something else', () => {
    const tree = treeOf('changed')
    writeFileSync(join(tree, 'new.txt'), '')
    expect(faultsOf(tree)).toEqual(['the tree holds what is not committed:\n?? new.txt'])
  })

  it.each([
    ['CHANGELOG.md', '## [1.2.3] - unreleased\n', /^CHANGELOG\.md has no line “## \[1\.2\.3\] - ”/],
    ['CHANGELOG.md', '## [1.2.30] - 2026-12-01\n', /^CHANGELOG\.md has no line/],
    [
      'src/http/reference/document.ts',
      "VERSION = '1.2.2'",
      /^src\/http\/reference\/document\.ts is not of/,
    ],
    ['openapi/openapi.json', '{ "version": "1.2.30" }', /^openapi\/openapi\.json is not of/],
    ['compose.yaml', 'image: rescind:1.2.30\n', /^compose\.yaml is not of version 1\.2\.3$/],
  ])('nor of one whose %s says “%s”', (path, text, message) => {
    const [fault, ...more] = faultsOf(treeOf(`${path}-${text.length}`, { [path]: text }))
    expect([fault, more]).toEqual([expect.stringMatching(message), []])
  })

  it('lists all that the lock file has for it, with version, license and digest', () => {
    interface Component {
      readonly name: string
      readonly version: string
      readonly hashes: readonly { readonly alg: string; readonly content: string }[]
      readonly licenses: readonly unknown[]
    }
    const { bomFormat, metadata, components } = JSON.parse(sbomOf(root)) as {
      bomFormat: string
      metadata: { component: Pick<Component, 'name' | 'version'> }
      components: readonly Component[]
    }
    expect(bomFormat).toBe('CycloneDX')
    expect(metadata.component).toMatchObject({ name: 'rescind', version })
    const { packages } = JSON.parse(read('package-lock.json')) as {
      packages: Record<string, { version: string; dev?: true; devOptional?: true; peer?: true }>
    }
    const pinned = Object.entries(packages).flatMap(([path, { version: at, ...of }]) =>
      path === '' || of.dev || of.devOptional || of.peer
        ? []
        : [`${path.replace(/^.*node_modules\//, '')}@${at}`],
    )
    expect(components.map(({ name, version: at }) => `${name}@${at}`).sort()).toEqual(pinned.sort())
    for (const { name, hashes, licenses } of components) {
      expect(licenses, name).toHaveLength(1)
      expect(hashes, name).toEqual([{ alg: 'SHA-512', content: expect.stringMatching(/^.{128}$/) }])
    }
  }, 60_000)

  it('is a package, that list, and the digests of both; what was there before is gone', () => {
    const manifest = JSON.stringify({ name: 'rescind', version: '1.2.3', license: 'MIT' })
    const tree = treeOf('small', {
      'package.json': manifest,
      'package-lock.json': `{ "lockfileVersion": 3, "packages": { "": ${manifest} } }`,
      'dist/release/rescind-1.2.2.tgz': 'old',
    })
    const out = join(tree, 'dist/release')
    const names = ['rescind-1.2.3.cdx.json', 'rescind-1.2.3.tgz']
    expect(writeRelease(tree, out)).toEqual(['SHA256SUMS', ...names])
    const digestOf = (name: string) =>
      createHash('sha256')
        .update(readFileSync(join(out, name)))
        .digest('hex')
    expect(readFileSync(join(out, 'SHA256SUMS'), 'utf8')).toBe(
      names.map((name) => `${digestOf(name)}  ${name}\n`).join(''),
    )
    const packed = execFileSync('tar', ['-tzf', join(out, 'rescind-1.2.3.tgz')])
    expect(packed.toString()).toContain('package/package.json\n')
  }, 60_000)
})

describe('the project', () => {
  const notes = ['CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md']

  it.each(notes)('%s links to what exists', (path) => {
    const links = [...read(path).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, to]) => to ?? '')
    for (const to of links) expect(() => readFileSync(join(root, to)), to).not.toThrow(/ENOENT/)
  })

  it('CONTRIBUTING.md names commands that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
    for (const [, name = ''] of read('CONTRIBUTING.md').matchAll(/npm run ([a-z:]+)/g))
      expect(scripts, name).toHaveProperty(name)
  })

  it('is under the license that it says', () => {
    expect(read('LICENSE')).toMatch(/^MIT License\n\nCopyright \(c\) 2026 the Rescind authors\n/)
    expect(JSON.parse(read('package.json'))).toMatchObject({ license: 'MIT' })
  })

  it('tells every change of this version', () => {
    expect(read('CHANGELOG.md')).toMatch(new RegExp(`^## \\[${version}\\] - (unreleased|\\d)`, 'm'))
  })

  it('asks in forms that a host can show', () => {
    const forms = join(root, '.github/ISSUE_TEMPLATE')
    for (const name of readdirSync(forms).filter((file) => file !== 'config.yml')) {
      const form = parse(readFileSync(join(forms, name), 'utf8'))
      expect(form, name).toMatchObject({
        name: expect.any(String),
        description: expect.any(String),
      })
      for (const part of form.body) {
        expect(part.type).toMatch(/^(markdown|input|textarea|dropdown|checkboxes)$/)
        if (part.type === 'markdown') expect(part.attributes.value).not.toBe('')
        else
          expect(part).toMatchObject({
            id: expect.any(String),
            attributes: { label: expect.any(String) },
          })
      }
    }
  })

  it('has a glossary in order, and every decision in its list', () => {
    const words = [...read('docs/glossary.md').matchAll(/^\| (?!word |-)([^|]+) \|/gm)].map(
      ([, word]) => word?.toLowerCase(),
    )
    expect(words.length).toBeGreaterThan(50)
    expect(words).toEqual([...new Set(words)].sort())
    const list = read('docs/decisions/README.md')
    for (const name of readdirSync(join(root, 'docs/decisions')).filter(
      (file) => file !== 'README.md',
    )) {
      const [, number, title] =
        /^# (\d+)\. (.+)\n\n\d{4}-\d\d-\d\d, accepted/.exec(read(`docs/decisions/${name}`)) ?? []
      expect(Number(name.slice(0, 4)), name).toBe(Number(number))
      expect(list).toContain(`| [${number}](${name}) | ${title}`)
    }
  })
})
