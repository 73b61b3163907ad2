/** The documented commands exist, with their flags and as many words as they take. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { createProgram } from '../../src/cli/program.ts'
import { expectKnown } from './pasted.ts'

const read = (path: string) =>
  readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8')

const lines = ['README.md', 'docs/cli.md', 'docs/operations.md'].flatMap((path) =>
  [...read(path).matchAll(/(?:^|`)npx rescind ([^`\n#…]+)/gm)].map(([, line = '']) => line.trim()),
)

it.each([...new Set(lines)])('rescind %s', expectKnown)

it('tells every command and every exit code', () => {
  const page = read('docs/cli.md')
  const names = createProgram(() => {}).commands.flatMap((one) =>
    one.commands.length > 0
      ? one.commands.map((child) => [one.name(), child.name()])
      : [[one.name()]],
  )
  for (const words of names) expect(page).toContain(`rescind ${words.join(' ')}`)
  for (const code of [0, 1, 2, 3, 4, 5, 6])
    expect(page).toMatch(new RegExp(`^\\| ${code} \\|`, 'm'))
})
