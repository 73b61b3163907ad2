/**
 * Breaks the product on purpose, one guarantee at a time, on copies of its source; the tests must
 * be green before and red after.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { skipped } from '../ledger/redis-server.ts'
import { isLong, report, type Row, secondsSince } from './figures.ts'
import { atEnd, folder } from './lab.ts'
import { laidOut, misfit, textOf } from './fit.ts'
import { type Mutation, MUTATIONS } from './mutations.ts'

const AT_ONCE = 2
/** Tests that a mutant keeps from ending are red too. */
const LIMIT_MS = 180_000
const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PARTS = [
  'src',
  'adapters',
  'scripts',
  'test',
  'openapi',
  'docs',
  'package.json',
  'tsconfig.json',
  'README.md',
]

/** The source tree again, with the same libraries. */
const copy = (name: string): string => {
  const place = join(folder, name)
  for (const part of PARTS)
    cpSync(join(ROOT, part), join(place, part), {
      recursive: true,
      filter: (path) => !path.startsWith(join(ROOT, 'test/live')),
    })
  symlinkSync(join(ROOT, 'node_modules'), join(place, 'node_modules'))
  writeFileSync(
    join(place, 'vitest.config.ts'),
    "export default { test: { include: ['test/**/*.test.ts', 'adapters/**/*.test.ts'], " +
      'testTimeout: 20_000, silent: true } }\n',
  )
  return place
}

interface Outcome {
  readonly passed: number
  readonly failed: number
  readonly errors: string
}

const test = async (place: string, files: readonly string[], named?: string): Promise<Outcome> => {
  const output = join(place, 'outcome.json')
  writeFileSync(output, '{}')
  const values = [
    'run',
    '--root',
    place,
    '--bail',
    '1',
    '--reporter',
    'json',
    '--outputFile',
    output,
    ...(named === undefined ? [] : ['-t', named]),
    ...files,
  ]
  const child = spawn(process.execPath, [join(ROOT, 'node_modules/vitest/vitest.mjs'), ...values], {
    cwd: place,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, RESCIND_FIGURES: '', NO_COLOR: '1' },
  })
  atEnd(() => child.kill('SIGKILL'))
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk
  })
  let isOver = false
  const timer = setTimeout(() => {
    isOver = child.kill('SIGKILL')
  }, LIMIT_MS)
  await once(child, 'exit')
  clearTimeout(timer)
  if (isOver) return { passed: 0, failed: 1, errors: 'not ended in time' }
  const { numPassedTests = 0, numFailedTests = 0 } = JSON.parse(readFileSync(output, 'utf8')) as {
    numPassedTests?: number
    numFailedTests?: number
  }
  return { passed: numPassedTests, failed: numFailedTests, errors: errors.slice(0, 500) }
}

/** A part of the torture, in its short version. */
const torture = async (
  place: string,
  [file = '', ledger = '']: readonly string[],
  says: RegExp = /^/,
): Promise<Outcome> => {
  const output = join(place, 'figures.jsonl')
  writeFileSync(output, '')
  const child = spawn(process.execPath, [join(place, 'test/torture', file), ledger], {
    cwd: place,
    stdio: 'ignore',
    env: { ...process.env, RESCIND_FIGURES: output, RESCIND_TORTURE: 'short', RESCIND_ROUNDS: '1' },
  })
  atEnd(() => child.kill('SIGTERM'))
  await once(child, 'exit')
  const rows = readFileSync(output, 'utf8')
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Row)
  const found = rows.flatMap(({ violations }) => violations)
  return {
    passed: rows.length,
    failed: found.filter((violation) => says.test(violation)).length,
    errors: rows.length === 0 ? 'the part ended without a figure' : found.join('; ').slice(0, 500),
  }
}

/** Null: noticed. */
const survives = async (
  place: string,
  { file, edits, tests, named, says }: Mutation,
): Promise<string | null> => {
  const whole = new Map<string, string>()
  try {
    for (const [find, replace, other = file] of edits) {
      const path = join(place, other)
      const text = textOf(path)
      if (!whole.has(path)) whole.set(path, text)
      writeFileSync(
        path,
        text.replace(laidOut(find), () => replace),
      )
    }
    const { failed, errors } =
      typeof tests === 'string'
        ? await torture(place, tests.split(' '), says)
        : await test(place, tests, named)
    return failed > 0 ? null : `${String(tests)} did not notice ${errors}`
  } finally {
    for (const [path, text] of whole) writeFileSync(path, text)
  }
}

const started = performance.now()
const only = process.argv[2]
const chosen = MUTATIONS.filter(
  ({ without, quick, needsRedis }) =>
    (only ? only.split('|').some((part) => without.includes(part)) : isLong || quick) &&
    !(needsRedis && skipped !== null),
)
const places = Array.from({ length: AT_ONCE }, (_, index) => copy(`copy-${index}`))

// Unbroken the same tests are green, else that they are red says nothing.
const groups = new Map<string, Set<string>>()
for (const { named = '', tests } of chosen)
  if (typeof tests !== 'string')
    groups.set(named, new Set([...(groups.get(named) ?? []), ...tests]))
// All of them, also in the short version, which tries a few.
const violations = MUTATIONS.flatMap((mutation) => {
  const why = misfit(ROOT, mutation)
  return why === null ? [] : [`without ${mutation.without}: ${why}`]
})
for (const [named, tests] of groups) {
  const { passed, failed, errors } = await test(
    places[0] as string,
    [...tests],
    named === '' ? undefined : named,
  )
  if (failed > 0 || passed === 0)
    violations.push(
      `unbroken, ${passed} pass and ${failed} fail of ${[...tests].join(', ')} ${errors}`,
    )
}

for (const part of new Set(chosen.map(({ tests }) => tests)))
  if (typeof part === 'string') {
    const { passed, failed, errors } = await torture(places[0] as string, part.split(' '))
    if (failed > 0 || passed === 0) violations.push(`unbroken, ${part} is red: ${errors}`)
  }

let caught = 0
const queue = chosen.filter((mutation) => misfit(ROOT, mutation) === null).values()
await Promise.all(
  places.map(async (place) => {
    for (const mutation of queue) {
      const why = await survives(place, mutation)
      if (why === null) caught += 1
      else violations.push(`without ${mutation.without}: ${why}`)
    }
  }),
)
report({
  what: 'mutants of the product',
  ledger: 'all',
  gateways: null,
  faults: `${chosen.length} ${chosen.length === 1 ? 'mutant' : 'mutants'}`,
  accepted: null,
  double: null,
  lost: null,
  wrong: chosen.length - caught,
  seconds: secondsSince(started),
  violations,
  says:
    `${caught} of ${chosen.length} ` +
    `caught${isLong ? '' : `; ${MUTATIONS.length} in the long version`}`,
})
process.exit()
