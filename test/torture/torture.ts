/**
 * `npm run torture`: everything that is done to the gateway to break its promises, and one table of
 * what came of it. Exits 1 on any violation. `--short` for CI (a few minutes), `--rounds N`,
 * `--seed N`, `--only sweep,soak`,
 * `--at-once N`.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type Row, secondsSince, table } from './figures.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const VITEST = join(ROOT, 'node_modules/vitest/vitest.mjs')
const here = (file: string) => fileURLToPath(new URL(file, import.meta.url))

const { values: flags } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    seed: { type: 'string' },
    only: { type: 'string' },
    'at-once': { type: 'string' },
  },
})
const rounds = Number(flags.rounds ?? (flags.short ? 1 : 10))
const seed = Number(flags.seed ?? 20_261_121)
const atOnce = Number(flags['at-once'] ?? Math.min(2, availableParallelism()))
if (![rounds, seed, atOnce].every((number) => Number.isSafeInteger(number) && number > 0))
  throw new Error('--rounds, --seed and --at-once take whole numbers above zero')

interface Part {
  readonly name: string
  readonly values: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  /** What a figure that is no row of ours, but a vitest run's, says in the table. */
  readonly tell?: (figure: Record<string, number>, seconds: number) => Row
}

const bare = { ledger: '', gateways: null, double: null, lost: null, wrong: null } as const
const REQUESTS = flags.short ? 3_000 : 20_000 * rounds

/** The longest first, so that the machine is busy to the end. */
const PARTS: readonly Part[] = [
  { name: 'outages', values: [here('outages.ts')] },
  { name: 'soak', values: [here('soak.ts'), 'redis'] },
  { name: 'soak', values: [here('soak.ts'), 'sqlite'] },
  // Whose doing a canceled order was, in every combination of lies, is a long run's question; CI
  // asks the tests that name each.
  ...(flags.short
    ? []
    : [
        { name: 'world', values: [here('world.ts'), 'sqlite'] },
        { name: 'world', values: [here('world.ts'), 'redis'] },
      ]),
  { name: 'sweep', values: [here('sweep.ts'), 'sqlite'] },
  { name: 'sweep', values: [here('sweep.ts'), 'redis'] },
  { name: 'links', values: [here('links.ts'), 'redis'] },
  { name: 'links', values: [here('links.ts'), 'sqlite'] },
  { name: 'flood', values: [here('flood.ts')] },
  { name: 'sync', values: [here('sync.ts')] },
  { name: 'waits', values: [here('waits.ts')] },
  { name: 'sequences', values: [here('sequences.ts'), 'sqlite'] },
  ...(flags.short ? [] : [{ name: 'sequences', values: [here('sequences.ts'), 'redis'] }]),
  { name: 'batch', values: [here('batch.ts'), 'sqlite'] },
  ...(flags.short ? [] : [{ name: 'batch', values: [here('batch.ts'), 'redis'] }]),
  { name: 'disk', values: [here('disk.ts')] },
  { name: 'mutants', values: [here('mutants.ts')] },
  { name: 'asleep', values: [here('asleep.ts')] },
  { name: 'clocks', values: [here('clocks.ts')] },
  {
    name: 'requests',
    values: [VITEST, 'run', '--project', 'node', 'test/http/fuzz.test.ts'],
    environment: { FUZZ_REQUESTS: String(REQUESTS), FUZZ_SEED: String(seed) },
    tell: ({ requests = 0, wrong = 0 }, seconds) => ({
      ...bare,
      what: 'requests made from the document',
      ledger: 'memory',
      faults: `${requests} requests`,
      accepted: requests,
      wrong,
      seconds,
      says: `${wrong} unexplained 5xx or other wrong answers`,
      violations: wrong > 0 ? [`${wrong} wrong answers`] : [],
    }),
  },
  ...(existsSync(join(ROOT, 'test/security'))
    ? [
        {
          name: 'probes',
          values: [VITEST, 'run', '--project', 'node', 'test/security'],
          tell: ({ probes = 0, passed = 0 }, seconds: number): Row => ({
            ...bare,
            what: 'security probes',
            faults: `${probes} probes`,
            accepted: probes,
            wrong: probes - passed,
            seconds,
            says: `${passed} of ${probes}`,
            violations:
              passed === probes && probes > 0 ? [] : [`${probes - passed} probes got through`],
          }),
        },
      ]
    : []),
]

const folder = mkdtempSync(join(tmpdir(), 'rescind-figures-'))
const running = new Set<ReturnType<typeof spawn>>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGTERM')
  rmSync(folder, { recursive: true, force: true })
})
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(1))

/** A part that hangs is a violation too. */
const LIMIT_MS = flags.short ? 300_000 : 600_000 + rounds * 300_000

/** Sums a vitest run's figures, of which each file may write its own. */
const summed = (figures: readonly Record<string, number>[]): Record<string, number> => {
  const sums: Record<string, number> = {}
  for (const figure of figures)
    for (const [name, value] of Object.entries(figure)) sums[name] = (sums[name] ?? 0) + value
  return sums
}

const run = async ({ name, values, environment, tell }: Part, index: number): Promise<Row[]> => {
  const began = performance.now()
  const file = join(folder, `${index}.jsonl`)
  const child = spawn(process.execPath, [...values], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      ...environment,
      RESCIND_FIGURES: file,
      RESCIND_TORTURE: flags.short ? 'short' : 'long',
      RESCIND_ROUNDS: String(rounds),
      RESCIND_SEED: String(seed),
    },
  })
  running.add(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk
    })
  const timer = setTimeout(() => child.kill('SIGTERM'), LIMIT_MS)
  const [code] = (await once(child, 'close')) as [number | null]
  clearTimeout(timer)
  running.delete(child)
  const lines = existsSync(file)
    ? readFileSync(file, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as object)
    : []
  const rows = tell
    ? lines.length > 0
      ? [tell(summed(lines as Record<string, number>[]), secondsSince(began))]
      : []
    : (lines as Row[])
  const failed = rows.some(({ violations }) => violations.length > 0)
  if (code === 0 && rows.length > 0) return rows
  process.stdout.write(`\n${name} ended with ${code}:\n${output.slice(-6_000)}\n`)
  return failed
    ? rows
    : [
        ...rows,
        {
          ...bare,
          what: `${name} (${values.at(-1)})`,
          faults: '',
          accepted: null,
          seconds: secondsSince(began),
          violations: [`ended with ${code}`],
        },
      ]
}

const only = flags.only?.split(',')
const parts = PARTS.filter(({ name }) => !only || only.includes(name))
const found: Row[][] = []
const queue = parts.entries()
const started = performance.now()
console.log(
  `torture: ${parts.length} parts, ${atOnce} at once, ${rounds} rounds, seed ` +
    `${seed}${flags.short ? ', short' : ''}`,
)
await Promise.all(
  Array.from({ length: atOnce }, async () => {
    for (const [index, part] of queue) {
      const rows = (found[index] = await run(part, index))
      for (const { what, ledger, violations, says = '' } of rows)
        console.log(
          `${violations.length > 0 ? 'FAILED' : says.startsWith('skipped') ? 'skipped' : 'ok'}: ` +
            `${what}${ledger && `, ${ledger}`}`,
        )
    }
  }),
)

const rows = found.flat()
const failed = rows.filter(({ violations }) => violations.length > 0).length
const skipped = rows.filter(({ says }) => says?.startsWith('skipped')).length
console.log(`\n${table(rows)}\n`)
console.log(
  'The memory ledger is excepted from what kills a process: it forgets with it, and says so. ' +
    'The Durable Object’s own sweep is test/worker.',
)
console.log(`${secondsSince(started)} s in all.\n`)
for (const { what, violations } of rows)
  for (const violation of violations) console.log(`violation: ${what}: ${violation}`)
// The line that vitest ends with, so that whoever sums tests counts each row as one.
const counts = [
  ...(failed > 0 ? [`${failed} failed`] : []),
  `${rows.length - failed - skipped} passed`,
  ...(skipped > 0 ? [`${skipped} skipped`] : []),
]
console.log(`      Tests  ${counts.join(' | ')} (${rows.length})`)
process.exit(failed > 0 ? 1 : 0)
