/**
 * `npm run simulate`: worlds of gateways in virtual time. `-- --seed N` replays one and prints what
 * happened in it and its digest; `-- --seeds 20000` runs many over the cores; `-- --mutants` breaks
 * the product and says after how many seeds that is found. Exits 1 on any violation.
 */
import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { tryMutants } from './mutants.ts'
import { type Outcome, simulate } from './run.ts'

const { values: flags } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string' },
    from: { type: 'string', default: '1' },
    /** Every so many seeds: how many others share the work. */
    step: { type: 'string' },
    mutants: { type: 'boolean', default: false },
    only: { type: 'string' },
    'until-violation': { type: 'boolean', default: false },
  },
})
const wholeOf = (text: string): number => {
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < 0) throw new Error(`${text} is no whole number`)
  return number
}

/** What many runs came to. */
interface Sums {
  runs: number
  steps: number
  records: number
  calls: number
  virtualMs: number
  faults: Record<string, number>
  /** By what was violated: the seeds. */
  violations: Record<string, number[]>
}
const noSums = (): Sums => ({
  runs: 0,
  steps: 0,
  records: 0,
  calls: 0,
  virtualMs: 0,
  faults: {},
  violations: {},
})

const addUp = (sums: Sums, outcome: Outcome): void => {
  sums.runs += 1
  for (const name of ['steps', 'records', 'calls', 'virtualMs'] as const)
    sums[name] += outcome[name]
  for (const [kind, times] of outcome.faults) sums.faults[kind] = (sums.faults[kind] ?? 0) + times
  for (const what of outcome.violations) (sums.violations[what] ??= []).push(outcome.seed)
}

const join = (sums: Sums, more: Sums): void => {
  for (const name of ['runs', 'steps', 'records', 'calls', 'virtualMs'] as const)
    sums[name] += more[name]
  for (const [kind, times] of Object.entries(more.faults))
    sums.faults[kind] = (sums.faults[kind] ?? 0) + times
  for (const [what, seeds] of Object.entries(more.violations))
    (sums.violations[what] ??= []).push(...seeds)
}

/** One of several processes: every `step`-th seed; prints its sums as one line. */
const share = async (from: number, end: number, step: number): Promise<void> => {
  const sums = noSums()
  for (let seed = from; seed < end; seed += step) addUp(sums, await simulate(seed))
  console.log(JSON.stringify(sums))
}

/** Until the first violation; prints its seed, or null. */
const hunt = async (from: number, end: number): Promise<void> => {
  for (let seed = from; seed < end; seed++) {
    const { violations } = await simulate(seed)
    if (violations.length > 0) return console.log(JSON.stringify({ seed, violations }))
  }
  console.log('null')
}

const runShare = async (from: number, end: number, step: number): Promise<Sums> => {
  const values = ['--from', from, '--seeds', end - from, '--step', step].map(String)
  const script = fileURLToPath(import.meta.url)
  const child = spawn(process.execPath, [script, ...values], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let last = ''
  for await (const line of createInterface(child.stdout)) last = line
  if (last === '') throw new Error('a part of the simulation ended without its sums')
  return JSON.parse(last) as Sums
}

const tellAll = (sums: Sums, seconds: number): void => {
  console.log('| what went wrong | times |\n| --- | --- |')
  for (const [kind, times] of Object.entries(sums.faults).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    console.log(`| ${kind} | ${times} |`)
  const found = Object.entries(sums.violations)
  for (const [what, seeds] of found)
    console.log(`✗ ${what}: ${seeds.length} seeds, ${seeds.toSorted((a, b) => a - b).slice(0, 8)}`)
  const days = Math.round(sums.virtualMs / 86_400_000)
  console.log(
    `\n${sums.runs} runs, ${sums.steps} steps, ${sums.records} records, ${sums.calls} cancels, ` +
      `${days} days of theirs in ${seconds.toFixed(0)} s of ours; ` +
      `${found.length === 0 ? 'no violation' : `${found.length} kinds of violations`}`,
  )
}

const runMany = async (from: number, seeds: number): Promise<boolean> => {
  const started = performance.now()
  const cores = Math.min(availableParallelism(), seeds)
  const parts = await Promise.all(
    Array.from({ length: cores }, (_, core) => runShare(from + core, from + seeds, cores)),
  )
  const sums = noSums()
  for (const part of parts) join(sums, part)
  tellAll(sums, (performance.now() - started) / 1_000)
  return Object.keys(sums.violations).length === 0
}

const replay = async (seed: number): Promise<boolean> => {
  const { digest, violations, steps } = await simulate(seed, console.log)
  for (const violation of violations) console.log(`✗ ${violation}`)
  console.log(`seed ${seed}: ${steps} steps, digest ${digest}`)
  return violations.length === 0
}

const main = async (): Promise<boolean> => {
  const from = wholeOf(flags.from)
  const seeds = wholeOf(flags.seeds ?? '1000')
  if (flags.seed !== undefined) return replay(wholeOf(flags.seed))
  if (flags.mutants) return tryMutants(seeds, flags.only)
  if (flags['until-violation']) return (await hunt(from, from + seeds), true)
  if (flags.step !== undefined) return (await share(from, from + seeds, wholeOf(flags.step)), true)
  return runMany(from, seeds)
}

if (!(await main())) process.exitCode = 1
