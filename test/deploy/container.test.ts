/**
 * What the Containerfile says is safe, and works: no container engine is needed, it is read line by
 * line, and its steps are run in a folder.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, matchesGlob } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openProgram, type Program } from '../http/program.ts'
import { freePort } from '../ledger/redis-server.ts'
import {
  build,
  type Built,
  linkModules,
  placed,
  readContainerfile,
  readIgnored,
  settingsOf,
  stagesOf,
} from './containerfile.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const isRoot = process.getuid?.() === 0

const manifest = JSON.parse(read('package.json'))
const program: string = manifest.bin.rescind
const instructions = readContainerfile(read('Containerfile'))
const stages = stagesOf(instructions)
const final = stages.at(-1) ?? { name: '', instructions: [] }
const settings = settingsOf(final)
const valuesOf = (name: string) =>
  instructions.filter((one) => one.name === name).map(({ value }) => value)
/** By this step the checkout's own dependencies were made, so it is not done again. */
const INSTALL = 'npm ci --ignore-scripts'

describe('the Containerfile', () => {
  it('is of instructions that builders know, one at a time', () => {
    const known =
      /^(ARG|FROM|LABEL|WORKDIR|COPY|RUN|VOLUME|ENV|USER|EXPOSE|HEALTHCHECK|ENTRYPOINT|CMD)$/
    for (const { name, value } of instructions) {
      expect(name).toMatch(known)
      expect(value, name).not.toBe('')
    }
    for (const one of ['VOLUME', 'ENV', 'USER', 'HEALTHCHECK', 'ENTRYPOINT', 'CMD'])
      expect(valuesOf(one), one).toHaveLength(1)
  })

  it('builds in stages of its own on one image that is named by its version', () => {
    expect(stages.map(({ name }) => name)).toEqual(['build', 'dependencies', 'image'])
    for (const value of valuesOf('FROM')) expect(value).toMatch(/^\$\{NODE_IMAGE\}( AS \w+)?$/)
    const [, image = ''] = /^NODE_IMAGE=(.+)$/.exec(valuesOf('ARG').join()) ?? []
    expect(image).toMatch(/^node:\d+-slim$/)
    const { engines } = manifest
    expect(Number(/\d+/.exec(image)?.[0])).toBeGreaterThan(Number(/\d+/.exec(engines.node)?.[0]))
  })

  it('fetches nothing but what the lock file pins, and runs no script of it', () => {
    for (const value of valuesOf('RUN')) {
      expect(value).not.toMatch(/\b(curl|wget|apt|apk|git|sudo|npx|npm (i|install))\b/)
      if (value.includes('npm ci')) expect(value).toContain('--ignore-scripts')
    }
    for (const value of valuesOf('COPY')) expect(value).not.toMatch(/:\/\//)
  })

  it('runs the program that the package names, as nobody in particular', () => {
    expect(settings.command, 'package.json has moved its program: say so here too').toEqual([
      'node',
      program,
      'serve',
    ])
    expect(settings.user).toMatch(/^[1-9]\d*:[1-9]\d*$/)
    const user = final.instructions.findIndex(({ name }) => name === 'USER')
    expect(
      final.instructions.slice(user).filter(({ name }) => name === 'RUN' || name === 'COPY'),
      'what is copied after USER could be its own',
    ).toEqual([])
    for (const { flags } of instructions) expect(Object.keys(flags)).not.toContain('chown')
  })

  it('keeps its ledger in its volume, and knows how it is', () => {
    expect(settings.environment['RESCIND_LEDGER']).toBe(`sqlite:${settings.volume}/rescind.db`)
    expect(settings.health.join(' ')).toContain('/readyz')
    expect(valuesOf('EXPOSE')).toEqual([settings.environment['PORT']])
  })

  it('no secret, no ledger and nothing that was built before goes into it', () => {
    const ignored = readIgnored(read('.dockerignore'))
    // What is an exception there is an example, and need not go in either.
    const kept = read('.gitignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('!'))
      .map((line) => line.replace(/\/$/, ''))
    for (const name of ['.git', ...kept])
      expect(
        ignored.some((pattern) => pattern === name || matchesGlob(name, pattern)),
        name,
      ).toBe(true)
    for (const name of manifest.files.filter((name: string) => !name.startsWith('dist')))
      expect(ignored, 'what is packed must be seen').not.toContain(name)
  })
})

describe('the image, in a folder', () => {
  let image: Built
  let skipped: string | null = null

  beforeAll(() => {
    const instead = new Map([[INSTALL, linkModules(root)]])
    // Only root gives a folder away.
    if (!isRoot) instead.set(valuesOf('RUN').at(-1) ?? '', () => undefined)
    try {
      image = build('Containerfile', {
        context: root,
        instead,
        environment: { npm_config_offline: 'true' },
      })
    } catch (error) {
      const words = String((error as { stderr?: Buffer }).stderr ?? error)
      if (!/ENOTCACHED/.test(words)) throw new Error(words, { cause: error })
      skipped = 'npm’s cache does not hold what the lock file pins: run npm ci'
      process.stdout.write(`skipped: the image, in a folder: ${skipped}\n`)
    }
  }, 120_000)
  afterAll(() => {
    if (image) rmSync(image.folder, { recursive: true, force: true })
  }, 60_000)

  /** Its user can write to the volume and to nothing else, and has no rights beyond that. */
  const [uid, gid] = settings.user.split(':')
  const asUser = isRoot
    ? [
        'setpriv',
        `--reuid=${uid}`,
        `--regid=${gid}`,
        '--clear-groups',
        '--no-new-privs',
        '--bounding-set=-all',
      ]
    : []
  const surroundings = (more: Readonly<Record<string, string>>): Record<string, string> => {
    const own = Object.entries({ ...settings.environment, ...more }).map(([name, value]) => [
      name,
      placed(value, image.root, [settings.folder, settings.volume]),
    ])
    return { ...Object.fromEntries(own), PATH: image.path }
  }
  const run = async (more: Readonly<Record<string, string>>): Promise<Program> => {
    const command = [...asUser, ...settings.command] as [string, ...string[]]
    return openProgram(null, command, {
      cwd: join(image.root, settings.folder),
      env: surroundings({ ...more, PORT: String(await freePort()) }),
    })
  }
  const isWell = ({ url }: Program): boolean => {
    const [command = '', ...words] = [...asUser, ...settings.health]
    const env = surroundings({ PORT: new URL(url).port })
    return spawnSync(command, words, { cwd: '/', env }).status === 0
  }
  const files = () =>
    readdirSync(image.root, { recursive: true, encoding: 'utf8' }).filter(
      (path) => !path.startsWith('data/'),
    )

  it('every step runs, but for the one that this checkout was made by', ({ skip }) => {
    if (skipped !== null) return skip(skipped)
    const steps = valuesOf('RUN').filter((value) => value !== INSTALL)
    expect(image.ran).toEqual(isRoot ? steps : steps.slice(0, -1))
    const app = join(image.root, settings.folder)
    for (const name of [program, 'node_modules/hono', 'LICENSE'])
      expect(existsSync(join(app, name)), name).toBe(true)
    for (const name of ['node_modules/vitest', '.git', 'test', 'rescind.config.json'])
      expect(existsSync(join(app, name)), name).toBe(false)
  })

  it('without callers it does not start, and says what to do', ({ skip }) => {
    if (skipped !== null) return skip(skipped)
    const [command = '', ...words] = [...asUser, ...settings.command]
    const cwd = join(image.root, settings.folder)
    const { status, stderr } = spawnSync(command, words, { cwd, env: surroundings({}) })
    expect(status).toBe(1)
    expect(String(stderr)).toMatch(
      /^HOST is 0\.0\.0\.0: .*RESCIND_SANDBOX=1 serves the sandbox there/,
    )
  }, 60_000)

  it('RESCIND_SANDBOX=1: well, cancels, writes nothing at all, and stops with 0', async ({
    skip,
  }) => {
    if (skipped !== null) return skip(skipped)
    const before = files()
    const container = await run({ RESCIND_SANDBOX: '1' })
    try {
      expect(isWell(container)).toBe(true)
      const answer = await fetch(`${container.url}/v1/cancellations`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{ "store": "sandbox-medusa", "orderId": "order_paid" }',
      })
      expect(answer.status).toBe(201)
      await container.stop()
      expect([await container.ended, isWell(container)]).toEqual([0, false])
      expect(readdirSync(join(image.root, settings.volume))).toEqual([])
      expect(files()).toEqual(before)
    } finally {
      await container.close()
    }
  }, 60_000)

  it('with a configuration: well, asks for keys, and writes to its volume alone', async ({
    skip,
  }) => {
    if (skipped !== null) return skip(skipped)
    const caller = { name: 'erp', keyHash: `sha256:${'0'.repeat(64)}`, stores: ['*'] }
    writeFileSync(
      join(image.root, settings.folder, 'rescind.config.json'),
      JSON.stringify({ stores: [], callers: [{ ...caller, scopes: ['read'] }] }),
    )
    const before = files()
    const container = await run({})
    try {
      expect(isWell(container)).toBe(true)
      expect((await fetch(`${container.url}/v1/stores`)).status).toBe(401)
      await container.stop()
      expect(await container.ended).toBe(0)
      expect(readdirSync(join(image.root, settings.volume))).toContain('rescind.db')
      expect(files()).toEqual(before)
    } finally {
      await container.close()
    }
  }, 60_000)
})
