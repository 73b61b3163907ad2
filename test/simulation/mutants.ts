/**
 * Breaks the product on purpose, one guarantee at a time, on copies of its source: the simulation
 * must find each, and says after how many seeds.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { laidOut, misfit, textOf } from '../torture/fit.ts'
import { type Mutation, MUTATIONS } from '../torture/mutations.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
/** What the simulation is made of. */
const PARTS = ['src', 'test/simulation', 'test/gateway', 'test/torture', 'package.json']
const AT_ONCE = 2

type Broken = Pick<Mutation, 'without' | 'file' | 'edits'>

/** Those of the torture that this world can notice, by their names there. */
const OF_THE_TORTURE: readonly string[] = [
  'the settle time, at a failpoint',
  'the intent on the disk before the first byte',
  'a look before a cancel is sent again',
  'asking what a second cancel does there',
  'a look after a refusal',
  'doubt about what a crash interrupted',
  'the last moment at which it may be sent',
  'doubt about a 500',
  'comparing the body of a repeated key',
  'one cancellation per order',
  'asking of which order a look tells',
  'asking of which order a reply tells',
  'the word of a yes',
  'the word of “already canceled”',
  'the stages of a link',
  'a stage that waits for doubt in an earlier one',
  'asking whether the only call was refused',
  'a refusal of the later stages',
]

const MEMORY = 'src/ledger/memory/memory.ts'
const OWN: readonly Broken[] = [
  {
    without: 'leases that exclude each other (memory)',
    file: MEMORY,
    edits: [
      ['const held = holderOf(state, lockKey)', 'const held = undefined as Lease | undefined'],
    ],
  },
  {
    without: 'the epoch of a lease, and the version (memory)',
    file: MEMORY,
    edits: [
      [
        'if (current?.version !== next.version || (lease && !holds(state, lease))) return null',
        'if (!current) return null',
      ],
    ],
  },
  {
    without: 'binding a key to its record',
    file: 'src/ledger/rules.ts',
    edits: [
      [
        "if (scoped && (claim.outcome === 'created' || claim.outcome === 'deduplicated'))",
        'if (scoped && claim.outcome === undefined)',
      ],
    ],
  },
  {
    without: 'a look before a notice is believed',
    file: 'src/gateway/notices/due.ts',
    edits: [['const wrote = look.done ?', 'const wrote = row.cancellationHeard > 0 ?']],
  },
  {
    without: 'doubt about a call that broke off',
    file: 'src/connection/client.ts',
    edits: [['if (error.sent !== false)', 'if (error.sent === true)']],
  },
  {
    without: 'a person after harm that a second call may do',
    file: 'src/gateway/workflow/decide.ts',
    edits: [['if (!mayResend || same >= SAME_DOUBTS)', 'if (same >= SAME_DOUBTS)']],
  },
  {
    without: 'approval before it is sent',
    file: 'src/gateway/workflow/decide.ts',
    edits: [
      [
        "return decision.do === 'send' && !isApproved(record) ? { do: 'ask' } : decision",
        'return decision',
      ],
      [
        "if (type === 'send') return isApproved(record)",
        "if (type === 'send') return true",
        'src/model/transitions.ts',
      ],
    ],
  },
  {
    without: 'the end of a doubt that nobody can solve',
    file: 'src/gateway/workflow/job.ts',
    edits: [
      ['isUnsettled(record) && deps.now() >= giveUpAt(record, deps.timing)', 'deps.now() < 0'],
    ],
  },
  {
    without: 'whose doing it was, where somebody else had canceled it',
    file: 'src/gateway/workflow/decide.ts',
    edits: [['(isRetried(record) || record.doubted === true) && isOurs(record)', 'true']],
  },
  {
    without: 'a wake-up for who died with a lease in hand',
    file: MEMORY,
    edits: [
      [
        'const lease = give(state, lockKey, ttlMs)\n  records.set(record.id, { ...current, wakeAt: ' +
          'lease.until })',
        'const lease = give(state, lockKey, ttlMs)\n  records.set(record.id, { ...current, wakeAt: ' +
          'lease.until + 1e12 })',
      ],
    ],
  },
]

const brokenOnes = (): readonly Broken[] => [
  ...OF_THE_TORTURE.map((name) => {
    const found = MUTATIONS.find(({ without }) => without === name)
    if (!found) throw new Error(`the torture has no mutant without ${name}`)
    return found
  }),
  ...OWN,
]

/** Those whose code has moved on, so that they would be the product. */
export const misfits = (): string[] =>
  brokenOnes().flatMap((broken) => misfit(ROOT, { ...broken, tests: [] }) ?? [])

const copyTo = (place: string) => {
  for (const part of PARTS) cpSync(join(ROOT, part), join(place, part), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(place, 'node_modules'))
}

/** What the simulation printed of its first violation; null: it found none. */
interface Catch {
  readonly seed: number
  readonly violations: readonly string[]
}

const run = async (place: string, seeds: number): Promise<Catch | null> => {
  const script = join(place, 'test/simulation/simulate.ts')
  const child = spawn(process.execPath, [script, '--seeds', String(seeds), '--until-violation'], {
    cwd: place,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk
  })
  await once(child, 'exit')
  const line = said.trim().split('\n').at(-1) ?? ''
  return JSON.parse(line) as Catch | null
}

const breakIn = (place: string, { file, edits }: Broken): (() => void) => {
  const whole = new Map<string, string>()
  for (const [find, replace, other = file] of edits) {
    const path = join(place, other)
    const text = textOf(path)
    if (!whole.has(path)) whole.set(path, text)
    writeFileSync(
      path,
      text.replace(laidOut(find), () => replace),
    )
  }
  return () => {
    for (const [path, text] of whole) writeFileSync(path, text)
  }
}

/** Tries every mutant, each with so many seeds at most; whether all were caught. */
export const tryMutants = async (seeds: number, only?: string): Promise<boolean> => {
  const chosen = brokenOnes().filter(({ without }) => only === undefined || without.includes(only))
  const folder = mkdtempSync(join(tmpdir(), 'rescind-simulation-'))
  const queue = chosen.values()
  let caught = 0
  console.log('| without | seeds | what was found |\n| --- | --- | --- |')
  const work = async (index: number) => {
    const place = join(folder, `copy-${index}`)
    copyTo(place)
    for (const broken of queue) {
      const why = misfit(place, { ...broken, tests: [] })
      const mend = why === null ? breakIn(place, broken) : () => {}
      const found = why === null ? await run(place, seeds) : null
      mend()
      if (found) caught += 1
      const after = found ? String(found.seed) : `not in ${seeds}`
      console.log(`| ${broken.without} | ${after} | ${why ?? found?.violations[0] ?? ''} |`)
    }
  }
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => work(index)))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  console.log(`\n${caught} of ${chosen.length} mutants caught`)
  return caught === chosen.length
}
