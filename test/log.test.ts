/** What the program says: in words to a person at a terminal, in JSON to everything else. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { formatOf, inWords } from '../src/hosts/node/log.ts'
import { hasScript, STEERING } from './cli/bin.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  version: string
}
const program = join(root, 'src/hosts/node/start.mjs')

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rescind-log-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/**
 * Starts the program where no configuration is, on a terminal or on a pipe; asks it something, and
 * gives all that it printed.
 */
const said = async (isTerminal: boolean, env: Readonly<Record<string, string>> = {}) => {
  const command = isTerminal
    ? ['script', '-qec', `exec '${process.execPath}' '${program}'`, '/dev/null']
    : [process.execPath, program]
  const child = spawn(command[0] as string, command.slice(1), {
    cwd: folder,
    detached: true,
    env: { PATH: process.env['PATH'] ?? '', PORT: '0', RESCIND_LEDGER: 'memory:', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => {
    if (child.exitCode === null) process.kill(-(child.pid as number), 'SIGKILL')
  })
  let output = ''
  const url = await new Promise<string>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
      const [found] = /http:\/\/127\.0\.0\.1:\d+(?=["\s][^]*\n)/.exec(output) ?? []
      if (found) resolve(found)
    })
  })
  expect((await fetch(`${url}/nowhere`)).status).toBe(404)
  await expect.poll(() => output, { timeout: 30_000 }).toMatch(/not-found/)
  const ended = once(child, 'exit')
  if (isTerminal) child.stdin.write('\u0003')
  else child.kill('SIGINT')
  await ended
  // A terminal shows the key that ended it, before what is said after it.
  const lines = output.split(/\r?\n/).map((line) => line.replace(/^\^C/, ''))
  return { url, lines: lines.filter((line) => line !== '') }
}

// A process of its own for each: slow where processors are few.
vi.setConfig({ testTimeout: 60_000 })

describe('the program', () => {
  it.skipIf(!hasScript)('on a terminal it says where to go, and then what happens', async () => {
    const { url, lines } = await said(true)
    expect(lines.slice(0, 4)).toEqual([
      `Rescind ${version} · sandbox (no configuration found) · ${url}`,
      `console        ${url}/console`,
      `API reference  ${url}/docs`,
      'stop with Ctrl-C',
    ])
    expect(lines[4]).toMatch(
      /^\d\d:\d\d:\d\d info {2}request requestId=[\w-]+ method=GET route=\S+ status=404 ms=\d+ code=not-found$/,
    )
    expect(
      (await fetch(`${url}/console`).catch(() => null))?.status,
      'it has ended',
    ).toBeUndefined()
  })

  it.skipIf(!hasScript)('LOG_FORMAT=json is JSON on a terminal too', async () => {
    const { lines } = await said(true, { LOG_FORMAT: 'json' })
    expect(lines.map((line) => JSON.parse(line).level)).toEqual(['info', 'info', 'info'])
  })

  it('on a pipe it is JSON: the level in words, the time in UTC', async () => {
    const { url, lines } = await said(false)
    const [first, second] = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(Object.keys(first ?? {})).toEqual([
      'level',
      'time',
      'url',
      'mode',
      'stores',
      'callers',
      'msg',
    ])
    expect(first).toMatchObject({ level: 'info', url, mode: 'sandbox', callers: 0 })
    expect(second).toMatchObject({ level: 'info', msg: 'request', status: 404, caller: null })
    for (const line of [first, second])
      expect(new Date(String(line?.['time'])).toISOString()).toBe(line?.['time'])
  })

  it('LOG_FORMAT=text is words on a pipe too', async () => {
    const { url, lines } = await said(false, { LOG_FORMAT: 'text' })
    expect(lines[0]).toContain(url)
    expect(lines[4]).toMatch(/ info {2}request /)
  })
})

describe('words', () => {
  it('are for terminals, unless LOG_FORMAT says otherwise', () => {
    expect(
      [
        [undefined, true],
        [undefined, false],
        ['', true],
        ['json', true],
        ['text', false],
      ].map(([named, isTerminal]) =>
        formatOf({ LOG_FORMAT: named as string | undefined }, isTerminal as boolean),
      ),
    ).toEqual(['text', 'json', 'text', 'json', 'text'])
    expect(() => formatOf({ LOG_FORMAT: 'pretty' })).toThrow('LOG_FORMAT must be one of json, text')
  })

  it.each([
    [{ stores: 1, callers: 1 }, '1 store, 1 caller'],
    [{ stores: 3, callers: 2 }, '3 stores, 2 callers'],
    [{ stores: 2, callers: 0 }, '2 stores, no keys asked for'],
  ])('name what is served: %o', (counts, says) => {
    const [line] = inWords({
      level: 'info',
      time: '2026-11-21T12:00:00.000Z',
      url: 'http://127.0.0.1:8787',
      mode: 'live',
      ...counts,
      msg: 'listening',
    })
    expect(line).toBe(`Rescind ${version} · ${says} · http://127.0.0.1:8787`)
  })

  it('tell what is known, and obey nobody', () => {
    const [line, ...more] = inWords({
      level: 'warn',
      time: new Date(2026, 10, 21, 9, 5, 7).toISOString(),
      cancellation: 'can_1',
      result: null,
      attempts: 2,
      detail: 'no\nsuch \u001b[2J\u202eorder',
      at: ['a', 'b c'],
      msg: 'needs\u0007 attention',
    })
    expect(more).toEqual([])
    expect(line).toBe(
      '09:05:07 warn  needs\\u{7} attention cancellation=can_1 attempts=2 ' +
        'detail="no\\nsuch \\u001b[2J\\u{202e}order" at=["a","b c"]',
    )
    expect(line).not.toMatch(STEERING)
  })
})
