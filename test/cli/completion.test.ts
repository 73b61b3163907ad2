/** Completion as bash has it, from the script that is made of the table of verbs and flags. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { completionFor } from '../../src/cli/completion.ts'
import { createProgram } from '../../src/cli/program.ts'
import { STATUSES } from '../../src/model/cancellation.ts'
import { scratch } from '../scratch.ts'
import { run } from './bin.ts'

const program = createProgram(() => {})

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(scratch, 'rescind-completion-'))
  writeFileSync(join(folder, 'a list.csv'), '')
  writeFileSync(join(folder, 'orders.csv'), '')
  mkdirSync(join(folder, 'old'))
  for (const shell of ['bash', 'zsh'] as const)
    writeFileSync(join(folder, `script.${shell}`), completionFor(program, shell))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** What is offered for the last of these words. */
const offered = (...words: string[]): string[] => {
  const { stdout, stderr } = spawnSync(
    'bash',
    [
      '-c',
      'source ./script.bash; COMP_WORDS=(rescind "$@"); COMP_CWORD=$#; _rescind; ' +
        'for reply in "${COMPREPLY[@]}"; do printf "%s\\n" "$reply"; done',
      'bash',
      ...words,
    ],
    { encoding: 'utf8', cwd: folder },
  )
  expect(stderr).toBe('')
  return stdout.split('\n').filter(Boolean)
}

describe('bash', () => {
  it('completes every verb, and the verbs of a group', () => {
    expect(offered('')).toEqual(program.commands.map((command) => command.name()))
    expect(offered('ca')).toEqual(['cancel'])
    expect(offered('batch', '')).toEqual(['run', 'show', 'pause', 'resume', 'stop', 'list'])
    expect(offered('help', 'wi')).toEqual(['withdraw'])
    expect(offered('help', 'webhooks', 're')).toEqual(['replay'])
    expect(offered('completion', '')).toEqual(['bash', 'zsh'])
  })

  it('completes the flags of the verb, wherever they stand', () => {
    expect(offered('--')).toEqual(['--version', '--help'])
    expect(offered('cancel', 'paris', 'order_1', '--no')).toEqual([
      '--no-input',
      '--notify',
      '--no-notify',
      '--no-restock',
      '--no-refund',
    ])
    expect(offered('show', 'cancel', '--w')).toEqual(['--wait'])
    expect(offered('doctor', '--url')).toEqual([])
  })

  it('completes closed lists, of which bash may have cut off “=”', () => {
    expect(offered('list', '--status', '')).toEqual([...STATUSES])
    expect(offered('list', '--status', '=', 're')).toEqual(['rejected'])
    expect(offered('resolve', 'can_1', '--as', '=')).toEqual(['canceled', 'not_canceled', 'retry'])
    expect(offered('links', 'put', 'SO-1', 'a=1', '--follow', '')).toEqual(['tell', 'cancel'])
    expect(offered('cancel', 'paris', 'o', '--reason', '')).toEqual([])
  })

  it('completes files where one is meant, and nowhere else', () => {
    expect(offered('batch', 'run', 'o').toSorted()).toEqual(['old', 'orders.csv'])
    expect(offered('batch', 'run', 'a')).toEqual(['a list.csv'])
    expect(offered('batch', 'run', 'x.csv', '--out', 'or')).toEqual(['orders.csv'])
    expect(offered('show', 'o')).toEqual([])
  })
})

const zsh = spawnSync('zsh', ['--version']).status === 0

it.skipIf(!zsh)('zsh reads its script and completes (skipped where there is no zsh)', () => {
  const { stdout, stderr } = spawnSync(
    'zsh',
    [
      '-fc',
      'compdef() { :; }; compadd() { shift; print -l -- "$@"; }; source ./script.zsh; ' +
        'words=(rescind list --status ""); CURRENT=4; _rescind',
    ],
    { encoding: 'utf8', cwd: folder },
  )
  expect([stderr, stdout.split('\n').filter(Boolean)]).toEqual(['', [...STATUSES]])
})

it('is printed by the program', async () => {
  const { status, stdout } = await run(['completion', 'bash'])
  expect([status, stdout]).toEqual([0, completionFor(program, 'bash')])
})
