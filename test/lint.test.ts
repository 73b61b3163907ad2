/** The bound on functions is drawn: lists of tests are free of it, and nothing else is. */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from './ledger/files.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const lines = (count: number) => 'call()\n'.repeat(count)
const inside = (before: string, count: number, after = '}') =>
  `${before} {\n${lines(count)}${after}\n`

describe('of functions longer than 60 lines', () => {
  it.each([
    ['61 lines are told', inside('const f = () =>', 59), 1],
    ['60 lines are not, nor what is no code', inside('const f = () =>', 58, '\n// A\n\n}'), 0],
    ['a method is told', inside('const o = { f()', 59, '} }'), 1],
    ['a list of tests is not', inside("describe('it', () =>", 99, '})'), 0],
    ['a test is not', inside("it.skipIf(no).each([1])('works', () =>", 99, '})'), 0],
    ['nor one that is wrapped', inside("it('works', withPage(() =>", 99, '}))'), 0],
    ['nor tests within a function', inside("const f = () => { it('works', () =>", 99, '}) }'), 0],
    ['what stands beside them is', `const f = () => {\n${lines(59)}it('a', () => {})\n}\n`, 1],
    ['a function within a test is', inside("it('works', () => { const f = () =>", 59, '} })'), 1],
  ])('%s', (_, text, count) => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'some.ts'), text)
    const { stdout } = spawnSync(
      process.execPath,
      [join(root, 'node_modules/oxlint/bin/oxlint'), '-c', join(root, '.oxlintrc.json'), folder],
      { cwd: root, encoding: 'utf8' },
    )
    expect(stdout).toMatch(/on 1 file /)
    expect(stdout.match(/rescind\(function-length\)/g) ?? []).toHaveLength(count)
  })
})
