/**
 * Makes a release (`npm run release`): a clean and green tree becomes a package, a list of what is
 * in it (SBOM) and their digests, in `dist/release`. It publishes nothing; a person does, who
 * looked.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where else the version stands, and in which words. */
const VERSIONS: readonly { readonly file: string; readonly words: (version: string) => string }[] =
  [
    { file: 'src/http/reference/document.ts', words: (version) => `VERSION = '${version}'` },
    { file: 'openapi/openapi.json', words: (version) => `"version": "${version}"` },
    { file: 'compose.yaml', words: (version) => `image: rescind:${version}\n` },
  ]

const run = (root: string, command: string, ...words: readonly string[]): string =>
  execFileSync(command, words, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })

export const versionOf = (root: string): string =>
  (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version

/** Why this tree is no release, each in a sentence; none: it is one. */
export const faultsOf = (root: string): string[] => {
  const read = (file: string) => readFileSync(join(root, file), 'utf8')
  const version = versionOf(root)
  const changed = run(root, 'git', 'status', '--porcelain').trimEnd()
  const dated = new RegExp(
    `^## \\[${version.replaceAll('.', '\\.')}\\] - \\d{4}-\\d\\d-\\d\\d$`,
    'm',
  )
  return [
    ...(changed === '' ? [] : [`the tree holds what is not committed:\n${changed}`]),
    ...(dated.test(read('CHANGELOG.md'))
      ? []
      : [`CHANGELOG.md has no line “## [${version}] - ” with the day of the release`]),
    ...VERSIONS.filter(({ file, words }) => !read(file).includes(words(version))).map(
      ({ file }) => `${file} is not of version ${version}`,
    ),
  ]
}

/**
 * What the package brings along, as CycloneDX, by npm's own command. Its `--omit dev` leaves out
 * what a development dependency wants too (zod, for one: npm 11.19), so the lock file is brought
 * down to what is left without those first. And npm calls it after the folder it stands in.
 */
export const sbomOf = (root: string): string => {
  const folder = mkdtempSync(join(tmpdir(), 'rescind-sbom-'))
  try {
    const named = join(folder, 'rescind')
    mkdirSync(named)
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as object
    const own = { ...manifest, devDependencies: {}, peerDependencies: {} }
    writeFileSync(join(named, 'package.json'), JSON.stringify(own))
    copyFileSync(join(root, 'package-lock.json'), join(named, 'package-lock.json'))
    run(named, 'npm', 'install', '--package-lock-only', '--ignore-scripts', '--offline')
    return run(named, 'npm', 'sbom', '--package-lock-only', '--sbom-format', 'cyclonedx')
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Writes the package, its SBOM and `SHA256SUMS` into an empty folder; their names. */
export const writeRelease = (root: string, folder: string): string[] => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  run(root, 'npm', 'pack', '--silent', '--pack-destination', folder)
  writeFileSync(join(folder, `rescind-${versionOf(root)}.cdx.json`), sbomOf(root))
  const digests = readdirSync(folder)
    .sort()
    .map((name) => {
      const digest = createHash('sha256').update(readFileSync(join(folder, name)))
      return `${digest.digest('hex')}  ${name}\n`
    })
  writeFileSync(join(folder, 'SHA256SUMS'), digests.join(''))
  return readdirSync(folder).sort()
}

const main = (): void => {
  const root = fileURLToPath(new URL('..', import.meta.url))
  const folder = join(root, 'dist/release')
  const faults = faultsOf(root)
  if (faults.length > 0) {
    process.stderr.write(`This is no release yet:\n${faults.join('\n')}\n`)
    process.exit(1)
  }
  for (const words of [['test'], ['run', 'test:package']])
    execFileSync('npm', words, { cwd: root, stdio: 'inherit' })
  const names = writeRelease(root, folder)
  const version = versionOf(root)
  process.stdout.write(
    `dist/release holds ${names.join(', ')}.\nNothing was published and nothing tagged. ` +
      `Look at it, then: git tag -s v${version}, push it, and put these files beside it.\n`,
  )
}

if (import.meta.main) main()
