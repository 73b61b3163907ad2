/**
 * What the commands advise works when it is pasted: quoted, with the address and the key’s way of
 * the command before, under the name that it was called by.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import {
  again,
  here,
  lineOf,
  NOTHING_GIVEN,
  programName,
  quoted,
  there,
} from '../../src/cli/paste.ts'
import { createClient } from '../../src/client/index.ts'
import { type NodeHost, openNode } from '../http/node.ts'
import { scratch } from '../scratch.ts'
import { jsonLines, paste, run } from './bin.ts'
import { advised, expectKnown } from './pasted.ts'

describe('a word', () => {
  it('comes out of bash as it went in, and shows a terminal nothing to obey', () => {
    const words = [
      'can_01K',
      '',
      'two words',
      "it's",
      '$(touch pwned)',
      '`id`',
      'a;b&c|d>e<f*g?h[i]j{k}l!m#n~o',
      '=cmd',
      '~',
      '-x',
      'back\\slash',
      '“quoted”',
      "\u001b[2J\n'\\red\u202e",
    ]
    const line = `printf '%s\\0' ${words.map(quoted).join(' ')}`
    // oxlint-disable-next-line no-control-regex
    expect(line).not.toMatch(/[\u0000-\u001f\u202e]/)
    const { stdout } = spawnSync('bash', ['-c', line], {
      encoding: 'utf8',
      env: { LC_ALL: 'C.UTF-8' },
    })
    expect(stdout.split('\0').slice(0, -1)).toEqual(words)
  })
})

describe('a command', () => {
  const given = {
    verb: 'preview',
    operands: ['paris', '-5'],
    flags: [
      { name: 'url', words: ['--url', 'http://h:1'] },
      { name: 'keyStdin', words: ['--key-stdin'] },
      { name: 'notify', words: ['--no-notify'] },
    ],
  }
  const words = (line: string) => line.slice(line.indexOf('rescind') + 'rescind '.length)
  const line = (command: Parameters<typeof lineOf>[0]) =>
    words(lineOf(command, given).replace(programName(), 'rescind'))

  it('has the address and the key’s way where it asks a gateway', () => {
    expect(line(there('show', 'can_1'))).toBe('show can_1 --url http://h:1 --key-stdin')
    expect(line(here('doctor'))).toBe('doctor')
    expect(lineOf('ls -l', NOTHING_GIVEN)).toBe('ls -l')
  })
  it('is the one before with more, or less; what looks like a flag is none', () => {
    expect(line(again(given, { verb: 'cancel', without: ['notify'], more: ['--yes'] }))).toBe(
      'cancel --url http://h:1 --key-stdin --yes -- paris -5',
    )
  })
  it('has the name that it was called by', () => {
    const environment = { PATH: '/usr/bin:/opt/bin' }
    expect(programName('/opt/bin/rescind', environment)).toBe('rescind')
    expect(programName('/home/a b/rescind', environment)).toBe("'/home/a b/rescind'")
    expect(programName(join(process.cwd(), 'src/cli/rescind.mjs'), environment)).toBe(
      'node src/cli/rescind.mjs',
    )
    const npx = { ...environment, npm_command: 'exec' }
    expect(programName('/root/.npm/_npx/1/node_modules/.bin/rescind', npx)).toBe('npx rescind')
  })
})

describe('pasted', () => {
  const KEY = 'rsk_canary-of-paste'
  let host: NodeHost
  let cwd: string
  beforeAll(async () => {
    cwd = mkdtempSync(join(scratch, 'rescind-paste-'))
    host = await openNode({
      stores: ['paris', 'lyon'],
      callers: [{ name: 'erp', key: KEY, scopes: ['cancel', 'read', 'operate'], stores: ['*'] }],
    })
  })
  afterAll(async () => {
    await host.close()
    rmSync(cwd, { recursive: true })
  })
  const options = (env: Record<string, string> = { RESCIND_KEY: KEY }) => ({ cwd, env })
  /** Lines that what was run advises. */
  const said = async (values: readonly string[], env?: Record<string, string>, input = '') => {
    const { stderr } = await run(values, { ...options(env), input })
    return advised(stderr).map((line) => `rescind ${line}`)
  }
  const pasted = async (line: string | undefined, input = '') => {
    expect(line).toBeDefined()
    const ran = await paste(line ?? '', { ...options(), input })
    advised(ran.stderr).forEach(expectKnown)
    return { ...ran, lines: advised(ran.stderr).map((line) => `rescind ${line}`) }
  }

  it('from a preview to its end, whatever the order and the reason are called', async () => {
    const order = "order_open-$(touch\u00a0pwned);'&x".replace('\u00a0', '')
    const wishes = ['--reason', 'It’s "odd"; $HOME', '--no-restock', '--url', host.url]
    const [cancel] = await said(['preview', 'paris', order, ...wishes])
    const unasked = await pasted(cancel)
    expect(unasked.status).toBe(2)
    const [dry, yes] = unasked.lines
    expect((await pasted(dry)).status).toBe(0)
    const done = await pasted(yes)
    expect([done.status, host.platform('paris').cancels.get(order)]).toEqual([0, 1])
    const shown = await pasted(done.lines[0])
    expect([shown.status, shown.stdout]).toEqual([0, expect.stringContaining('Put the goods back')])
    expect(readdirSync(cwd)).toEqual([])
    const { data } = await createClient({ baseUrl: host.url, key: KEY }).list({ orderId: order })
    expect(data[0]).toMatchObject({ reason: 'It’s "odd"; $HOME', restock: false })
  })

  it('of a linked order, of a record that needs a person, and of one that is not there', async () => {
    const client = createClient({ baseUrl: host.url, key: KEY })
    await client.links.put('SO-1', {
      members: [
        { store: 'paris', orderId: 'order_open-linked' },
        { store: 'lyon', orderId: 'order_fulfilled' },
      ],
    })
    const url = ['--url', host.url]
    const [each] = await said(['cancel', 'paris', 'order_open-linked', '--yes', ...url])
    expect((await pasted(each)).status).toBe(5)
    const [other] = await said(['links', 'show', 'SO-1', ...url])
    expect(other).toBe(`rescind cancel lyon order_fulfilled --url ${host.url}`)
    const unasked = await pasted(other)
    expect([unasked.status, (await pasted(unasked.lines[1])).status]).toEqual([2, 3])

    const broken = await run(
      ['cancel', 'paris', 'order_400-after-refund', '--yes', ...url],
      options(),
    )
    const id = /can_\w{26}/.exec(broken.stderr)?.[0] ?? ''
    const [resolve] = await said(['show', id, ...url])
    expect(resolve).toBe(`rescind resolve ${id} --url ${host.url}`)
    expect(await pasted(resolve)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--as'),
    })

    const [list] = await said(['show', 'can_00000000000000000000000000', ...url])
    expect(list).toBe(`rescind list --url ${host.url}`)
    expect((await pasted(list)).status).toBe(0)
  })

  it('of batches, and with a key that comes by standard input', async () => {
    writeFileSync(join(cwd, "it's.csv"), 'store,orderId\nparis,order_open-pasted\n')
    const url = ['--url', host.url]
    const [yes] = await said(['batch', 'run', "it's.csv", ...url])
    const ran = await pasted(yes)
    expect(ran.status).toBe(0)

    const release = host.platform('paris').hold()
    onTestFinished(release)
    const { id } = await createClient({ baseUrl: host.url, key: KEY }).batches.create(
      ['a', 'b', 'c'].map((name) => ({ store: 'paris', orderId: `order_open-held-${name}` })),
    )
    const [resume] = await said(['batch', 'pause', id, ...url])
    expect(resume).toBe(`rescind batch resume ${id} --url ${host.url}`)
    expect((await pasted(resume)).status).toBe(0)
    const [stores] = await said(['list', '--store', 'rome', ...url, '--key-stdin'], {}, KEY)
    expect(stores).toBe(`rescind stores list --url ${host.url} --key-stdin`)
    expect((await pasted(stores, KEY)).status).toBe(0)
  })

  it('of the installation: help, and what the system does', async () => {
    const [help] = await said(['list', '--url', host.url], {})
    expect(help).toBe('rescind help keys create')
    expect((await pasted(help)).stdout).toContain('--scopes')
    const [init] = await said(['stores', 'check'])
    expect([init, (await pasted(init)).status]).toEqual(['rescind init', 2])

    const file = join(cwd, 'open config.json')
    writeFileSync(file, '{"stores":[]}')
    chmodSync(file, 0o644)
    const { stdout } = await run(['doctor', '--json'], {
      cwd,
      env: { RESCIND_CONFIG: file, PORT: '0' },
    })
    const line = jsonLines(stdout).find(({ todo }) => todo?.startsWith('chmod'))?.todo
    await pasted(line)
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })
})
