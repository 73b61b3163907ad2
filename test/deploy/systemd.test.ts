/** What systemd itself says of the unit, and whether the gateway asks for more than it allows. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { openProgram } from '../http/program.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const launcher = join(root, 'src/cli/rescind.mjs')

/** Why a part does not run here, said aloud; null: it does. */
const without = (program: string, part: string): string | null => {
  if (spawnSync(program, ['--version']).status === 0) return null
  process.stdout.write(`skipped: ${part}: there is no ${program} here\n`)
  return `: there is no ${program} here`
}

const unit = readFileSync(join(root, 'deploy/rescind.service'), 'utf8')
const linesOf = (name: string) =>
  [...unit.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value]) => value)
const analyze = (...words: string[]) =>
  spawnSync('systemd-analyze', ['--no-pager', ...words], { cwd: root, encoding: 'utf8' })

/** systemd's named groups of system calls; a group may hold others. */
const groupsOf = (text: string): Map<string, string[]> => {
  const groups = new Map<string, string[]>()
  let members: string[] = []
  for (const line of text.split('\n')) {
    if (line.startsWith('@')) groups.set(line.trim(), (members = []))
    else if (/^ +[@\w]/.test(line)) members.push(line.trim())
  }
  return groups
}
const callsOf = (groups: ReadonlyMap<string, string[]>, name: string): string[] =>
  (groups.get(name) ?? []).flatMap((one) => (one.startsWith('@') ? callsOf(groups, one) : [one]))

describe('the systemd unit', () => {
  it('starts a program of a checkout that its user can only read', () => {
    const [[, program = '', command] = []] = linesOf('ExecStart')
      .map((line) => /^\/usr\/bin\/node \/opt\/rescind\/(\S+) (\S+)$/.exec(line ?? ''))
      .filter((found) => found !== null)
    expect(existsSync(join(root, program)), program).toBe(true)
    expect(command).toBe('serve')
    expect(linesOf('DynamicUser')).toEqual(['yes'])
    expect(linesOf('ProtectSystem')).toEqual(['strict'])
    expect(linesOf('Environment')).toContain(
      `RESCIND_LEDGER=sqlite:%S/${linesOf('StateDirectory')[0]}/rescind.db`,
    )
    // A credential would be a copy of the moment of the start, and never change.
    expect(linesOf('Environment')).toContain('RESCIND_CONFIG=/etc/rescind/config.json')
    expect([linesOf('SupplementaryGroups'), linesOf('ExecReload')]).toEqual([
      ['rescind-config'],
      ['/bin/kill -HUP $MAINPID'],
    ])
    expect(linesOf('Restart')).toEqual(['on-failure'])
    expect(linesOf('TimeoutStopSec')).toEqual(['75'])
  })

  const noSystemd = without('systemd-analyze', 'what systemd says of the unit')
  it.skipIf(noSystemd)(`systemd understands every line of it${noSystemd ?? ''}`, () => {
    // Elsewhere than under /usr/bin and /opt, but there: else it complains of that first.
    const folder = mkdtempSync(join(tmpdir(), 'rescind-unit-'))
    try {
      const file = join(folder, 'rescind.service')
      const here = unit
        .replaceAll('/usr/bin/node', process.execPath)
        .replaceAll('/opt/rescind', root)
      const said = (text: string) => {
        writeFileSync(file, text)
        return analyze('verify', file)
          .stderr.split('\n')
          .filter((line) => line.includes('rescind.service'))
      }
      expect(said(here)).toEqual([])
      expect(said(here.replace('ProtectHome=', 'ProtectHom='))).toHaveLength(1)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it.skipIf(noSystemd)(`systemd finds little that it could do${noSystemd ?? ''}`, () => {
    const { stdout } = analyze('security', '--offline=true', 'deploy/rescind.service')
    expect(Number(/exposure level for \S+ ([\d.]+)/.exec(stdout)?.[1]), stdout).toBeLessThan(2)
  })

  const noTrace = noSystemd ?? without('strace', 'the system calls of the unit')
  it.skipIf(noTrace)(
    `asks for no system call and no kind of socket that it forbids${noTrace ?? ''}`,
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'rescind-calls-'))
      const file = join(folder, 'trace')
      const traced = ['strace', '-f', '-qq', '-o', file, process.execPath, launcher] as const
      const gateway = await openProgram(null, [...traced, 'serve'], { env: { HOST: 'localhost' } })
      try {
        const answer = await fetch(`${gateway.url}/v1/cancellations`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: '{ "store": "sandbox-medusa", "orderId": "order_paid" }',
        })
        expect(answer.status).toBe(201)
        gateway.signal('SIGTERM', true)
        expect(await gateway.ended).toBe(0)
        const trace = readFileSync(file, 'utf8')
        const groups = groupsOf(analyze('syscall-filter').stdout)
        const allowed = ['@default', linesOf('SystemCallFilter')[0] ?? ''].flatMap((name) =>
          callsOf(groups, name),
        )
        const calls = new Set([...trace.matchAll(/^\d+ +([a-z]\w*)\(/gm)].map(([, call]) => call))
        expect(calls).toContain('fsync')
        expect([...calls].filter((call) => !allowed.includes(call ?? ''))).toEqual([])
        const families = linesOf('RestrictAddressFamilies')[0]?.split(' ')
        for (const [, family] of trace.matchAll(/socket\((AF_\w+)/g))
          expect(families).toContain(family)
      } finally {
        await gateway.close()
        rmSync(folder, { recursive: true, force: true })
      }
    },
    60_000,
  )
})
