/**
 * The disk under the SQLite ledger is full, may not grow, or fails as read-only: what cannot be
 * written is refused with a 503, nothing acknowledged is lost, and it goes on without a restart.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { report, secondsSince } from './figures.ts'
import {
  type Answer,
  ask,
  atEnd,
  call,
  folder,
  isAtRest,
  kill,
  pause,
  type Process,
  recordsOf,
  startGateway,
  startPlatform,
  until,
} from './lab.ts'
import { disagreements, type Truth, truthOf } from './truth.ts'

/** A disk that can be broken and mended while a gateway runs. */
interface Disk {
  readonly folder: string
  break(gateway: Process): Promise<void>
  mend(gateway: Process): Promise<void>
}
/** The reason why this cannot be done here, or how it is done. */
type Open = () => string | Disk

const PATIENCE_MS = 20_000
/** Long enough for the calls that are under way to meet the broken disk too. */
const BROKEN_MS = 1_500
/** A refusal that takes longer is no answer. */
const SOON_MS = 1_000
const WORDS = 'x'.repeat(400)

const own = (name: string): string => {
  const path = join(folder, name)
  mkdirSync(path)
  return path
}

const DISKS: Readonly<Record<string, Open>> = {
  'disk full (ENOSPC)': () => {
    const path = own('full')
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'rescind-torture', path])
    if (mounted.status !== 0)
      return `a small file system cannot be mounted here: ${
        String(mounted.stderr ?? mounted.error)
          .trim()
          .split('\n')[0]
      }`
    atEnd(() => spawnSync('umount', ['-l', path]))
    const filler = join(path, 'filler')
    return {
      folder: path,
      async break() {
        // To the last byte: what fits is written before the write fails.
        try {
          writeFileSync(filler, Buffer.alloc(25_165_824))
        } catch {
          /* meant */
        }
      },
      mend: async () => rmSync(filler),
    }
  },
  'files may not grow (EFBIG)': () => {
    if (spawnSync('prlimit', ['--version']).status !== 0) return 'no prlimit is installed'
    const limit = ({ child }: Process, size: string) => {
      spawnSync('prlimit', ['--pid', String(child.pid), `--fsize=${size}:unlimited`])
    }
    return {
      folder: own('limited'),
      break: async (gateway) => limit(gateway, '1'),
      mend: async (gateway) => limit(gateway, 'unlimited'),
    }
  },
  'disk read-only (EROFS)': () => {
    if (spawnSync('strace', ['-V']).status !== 0)
      return 'no strace is installed (on Debian: apt-get install strace), which makes writes fail'
    if (spawnSync('strace', ['-e', 'trace=none', 'true']).status !== 0)
      return 'strace may not trace here'
    let tracer: ChildProcess | null = null
    return {
      folder: own('read-only'),
      // What a kernel answers once it has remounted a broken disk read-only: files that are open
      // stay open, and every write to them fails.
      async break({ child }) {
        tracer = spawn(
          'strace',
          [
            '-f',
            '-q',
            '-p',
            String(child.pid),
            '-e',
            'trace=pwrite64,ftruncate,fdatasync,fsync',
            '-e',
            'inject=pwrite64,ftruncate:error=EROFS',
            '-o',
            '/dev/null',
          ],
          { stdio: 'ignore' },
        )
        await pause(300)
      },
      async mend() {
        tracer?.kill('SIGINT')
        if (tracer?.exitCode === null) await once(tracer, 'exit')
      },
    }
  },
}

/** What became of the requests of one disk's gateway. */
interface Answered {
  readonly acknowledged: Set<string>
  readonly refused: Set<string>
  readonly violations: string[]
  longestMs: number
}

const take = async (gateway: Process, orderId: string, isBroken: boolean, answered: Answered) => {
  const { acknowledged, refused, violations } = answered
  const asked = performance.now()
  const response = await ask(gateway, { orderId, reason: WORDS }, 'respond-async')
  answered.longestMs = Math.max(answered.longestMs, performance.now() - asked)
  const { code } =
    response && response.status >= 400
      ? ((await response.json()) as { code: string })
      : { code: null }
  if (response?.headers.has('location')) acknowledged.add(orderId)
  else if (response?.status === 503 && code === 'ledger-unavailable') refused.add(orderId)
  else violations.push(`${orderId}: answered ${response?.status} ${code}`)
  if (!isBroken && !acknowledged.has(orderId))
    violations.push(`${orderId}: refused though the disk is well`)
}

const takeSeveral = (
  gateway: Process,
  name: string,
  count: number,
  isBroken: boolean,
  answered: Answered,
) =>
  Promise.all(
    Array.from({ length: count }, (_, index) =>
      take(gateway, `order_paid-${name}-${index}_${(index % 4) * 100}ms`, isBroken, answered),
    ),
  )

/** Goes on asking while the disk is broken, and looks at what works meanwhile and what does not. */
const takeMeanwhile = async (gateway: Process, name: string, answered: Answered) => {
  const { acknowledged, refused, violations } = answered
  const end = performance.now() + BROKEN_MS
  for (let round = 0; performance.now() < end; round++) {
    await takeSeveral(gateway, `${name}-${round}`, 8, true, answered)
    await pause(100)
  }
  const readiness = (await call(gateway, 'GET', '/readyz'))?.status
  const [old] = acknowledged
  const reads = (await call(gateway, 'GET', `/v1/cancellations?orderId=${old}`))?.status
  if (refused.size === 0 || readiness !== 503)
    violations.push(`the disk was not broken: ${refused.size} refused, readiness ${readiness}`)
  if (reads !== 200) violations.push(`reading answered ${reads} meanwhile`)
  if (answered.longestMs > SOON_MS)
    violations.push(`an answer took ${Math.round(answered.longestMs)} ms`)
}

/** Where an order's record, and that there is none, says what is not so. */
const liesAbout = (record: Answer | 'none', wasRefused: boolean, truth: Truth): string[] => {
  if (record === 'none') return truth.canceled > 0 ? ['canceled without a record'] : []
  return [
    ...disagreements(record, truth),
    ...(wasRefused ? ['refused, but there is a record'] : []),
  ]
}

/** Holds every order that was asked for against the platform. */
const judge = async (
  gateway: Process,
  platform: Process,
  { acknowledged, refused, violations }: Answered,
) => {
  const figures = { double: 0, lost: 0, wrong: 0 }
  for (const orderId of [...acknowledged, ...refused]) {
    const wasRefused = refused.has(orderId)
    const record = await until(async () => {
      const [found] = await recordsOf(gateway, orderId)
      if (!found) return wasRefused ? 'none' : null
      return isAtRest(found) ? found : null
    }, PATIENCE_MS)
    const truth = await truthOf(platform, orderId)
    const isDouble = truth.canceled + truth.repeated > 1
    const isLost = record === null
    const lies = record === null ? [] : liesAbout(record, wasRefused, truth)
    figures.double += isDouble ? 1 : 0
    figures.lost += isLost ? 1 : 0
    figures.wrong += lies.length > 0 ? 1 : 0
    const faults = [...(isDouble ? ['doubled'] : []), ...(isLost ? ['lost'] : []), ...lies]
    if (faults.length > 0) violations.push(`${orderId}: ${faults.join('; ')}`)
  }
  return figures
}

const trouble = async (platform: Process, what: string, disk: Disk) => {
  const started = performance.now()
  const ledger = `sqlite:${join(disk.folder, 'ledger.db')}`
  const name = what.replaceAll(/\W+/g, '-')
  const answered: Answered = {
    acknowledged: new Set(),
    refused: new Set(),
    violations: [],
    longestMs: 0,
  }
  const first = await startGateway({ platform, ledger })
  await takeSeveral(first, `${name}-before`, 20, false, answered)
  await disk.break(first)
  await takeMeanwhile(first, `${name}-broken`, answered)
  await disk.mend(first)
  await until(async () => (await call(first, 'GET', '/readyz'))?.status === 200, PATIENCE_MS)
  await takeSeveral(first, `${name}-after`, 8, false, answered)
  // What was acknowledged is on the disk, not only in the process.
  await kill(first)
  const second = await startGateway({ platform, ledger })
  const figures = await judge(second, platform, answered)
  await kill(second)
  const { acknowledged, refused, violations, longestMs } = answered
  report({
    what,
    ledger: 'SQLite',
    gateways: 1,
    faults: `${refused.size} refused with 503`,
    accepted: acknowledged.size,
    ...figures,
    seconds: secondsSince(started),
    violations,
    says: `slowest answer ${Math.round(longestMs)} ms; goes on without a restart`,
  })
}

const platform = await startPlatform()
for (const [what, open] of Object.entries(DISKS)) {
  const disk = open()
  if (typeof disk === 'string')
    report({
      what,
      ledger: 'SQLite',
      gateways: null,
      faults: '',
      accepted: null,
      double: null,
      lost: null,
      wrong: null,
      seconds: 0,
      says: `skipped: ${disk}`,
      violations: [],
    })
  else await trouble(platform, what, disk)
}
process.exit()
