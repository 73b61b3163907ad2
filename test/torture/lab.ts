/**
 * What the torture stands on: processes that can be killed, gateways before a counting platform,
 * and what callers ask of them.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { z } from 'zod'
import type { CancellationAnswer } from '../../src/http/answers.ts'
import type { Arms } from './gateway.ts'

export type Answer = z.output<typeof CancellationAnswer>

/**
 * Short, so that a killed record is taken up soon; the settle time stays well above the platform's
 * latest landing.
 */
export const TIMING = {
  callTimeoutMs: 300,
  waitMs: 2_000,
  settleMs: 800,
  deadlineMs: 600_000,
  giveUpMs: 600_000,
} as const
/**
 * Orders are spread over several stores of one account, so that what is limited by store does not
 * limit the load.
 */
const STORES = ['shop-0', 'shop-1', 'shop-2', 'shop-3'] as const
export const storeOf = (orderId: string): string =>
  STORES[
    [...orderId].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % STORES.length
  ] as string

export const folder = mkdtempSync(join(tmpdir(), 'rescind-torture-'))
const children = new Set<ChildProcess>()
const endings: (() => unknown)[] = []
/** Every start compiles the same files. */
const COMPILED = { NODE_COMPILE_CACHE: join(folder, 'compiled') }

/** Done when this process ends, however. */
export const atEnd = (ending: () => unknown): void => void endings.push(ending)
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL')
  for (const ending of endings) ending()
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(1))

export interface Process {
  readonly child: ChildProcess
  readonly url: string
  readonly hello: Readonly<Record<string, unknown>>
  /** Resolves when the process has ended, however. */
  readonly ended: Promise<void>
}

type Environment = Readonly<Record<string, string | undefined>>

const run = (file: string, environment: Environment): Promise<Process> =>
  new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(new URL(file, import.meta.url)), {
      env: { PATH: process.env['PATH'], ...COMPILED, ...environment },
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    children.add(child)
    const ended = new Promise<void>((end) =>
      child.once('exit', (code) => {
        children.delete(child)
        end()
        reject(new Error(`${file} ended with ${code} before it was ready`))
      }),
    )
    child.once('message', (hello: Record<string, unknown>) =>
      resolve({ child, url: hello['url'] as string, hello, ended }),
    )
  })

export const kill = async ({ child, ended }: Process): Promise<void> => {
  child.kill('SIGKILL')
  await ended
}

/** Dies, or sleeps, at the n-th hit of a point, counted from now. */
export const arm = ({ child }: Process, arms: Arms): Promise<void> =>
  new Promise((resolve) => {
    child.once('message', () => resolve())
    child.send(arms)
  })

export const startPlatform = (): Promise<Process> => run('platform.ts', {})

/** Platforms of a world that is not as assumed. */
export const startWorld = (seed: number): Promise<Process> =>
  run('world-platform.ts', { SEED: String(seed) })

/** A store as the configuration has it, but for where its platform is reached. */
export interface StoreLine {
  readonly id: string
  readonly platform: string
  readonly settings: object
  readonly sweep?: { readonly everyMs: number } | false
}

export interface GatewayOptions {
  readonly platform: Process
  /** Where the platform is reached, if not directly. */
  readonly baseUrl?: string
  /** As RESCIND_LEDGER; it outlives the gateway. */
  readonly ledger: string
  readonly timing?: Partial<Record<keyof typeof TIMING, number>>
  /** Left out: the torture's own, all on Medusa. */
  readonly stores?: readonly StoreLine[]
  /** As the configuration has them; left out: nobody is asked who he is. */
  readonly callers?: readonly object[]
  readonly environment?: Environment
}

/** The ledger of this name in a file. */
export const sqlite = (name: string): string => `sqlite:${join(folder, `${name}.db`)}`

let configurations = 0
export const startGateway = ({
  platform,
  baseUrl = platform.url,
  ledger,
  timing,
  stores,
  callers,
  environment,
}: GatewayOptions): Promise<Process> => {
  const config = join(folder, `${configurations++}.json`)
  const lines =
    stores ??
    STORES.map((id): StoreLine => ({
      id,
      platform: 'medusa',
      settings: platform.hello['settings'] as object,
    }))
  writeFileSync(
    config,
    JSON.stringify({
      stores: lines.map((line) => ({
        ...line,
        test: true,
        settings: { ...line.settings, baseUrl },
      })),
      ...(callers && { callers }),
      timing: { ...TIMING, ...timing },
    }),
  )
  return run('gateway.ts', {
    RESCIND_CONFIG: config,
    RESCIND_LEDGER: ledger,
    PORT: '0',
    LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'silent',
    ...environment,
  })
}

/** Where the control of this name writes down what it does. */
export const journalOf = (name: string): string => join(folder, `${name}.txt`)

/**
 * The control, which knows nothing of settling or leases. `believes`: it looks, and takes what it
 * reads for the truth.
 */
export const startNaive = (
  name: string,
  platform: Process,
  baseUrl: string,
  { believes = false } = {},
): Promise<Process> =>
  run('naive.ts', {
    JOURNAL: journalOf(name),
    ...(believes && { BELIEVES: '1' }),
    PLATFORM: baseUrl,
    AUTHORIZATION: authorizationOf(platform),
    TIMEOUT_MS: String(TIMING.callTimeoutMs),
  })

export const authorizationOf = (platform: Process): string =>
  `Basic ${btoa(`${(platform.hello['settings'] as { secretKey: string }).secretKey}:`)}`

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

/** Looks until there is something to see, or patience ends. */
export const until = async <T>(
  look: () => T | Promise<T>,
  patienceMs: number,
  everyMs = 200,
): Promise<T> => {
  const end = performance.now() + patienceMs
  for (;;) {
    const found = await look()
    if (found || performance.now() > end) return found
    await pause(everyMs)
  }
}

export const call = (
  { url }: Process,
  method: string,
  path: string,
  body?: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response | null> =>
  fetch(url + path, {
    method,
    signal: AbortSignal.timeout(20_000),
    headers: { ...(body && { 'content-type': 'application/json' }), ...headers },
    ...(body && { body: JSON.stringify(body) }),
  }).catch(() => null)

/** Asks for a cancellation, by default with the order's id as its key; null: no answer. */
export const ask = (
  target: Process,
  body: { readonly orderId: string; readonly [member: string]: unknown },
  prefer: string,
  key: string | null = body.orderId,
): Promise<Response | null> =>
  call(
    target,
    'POST',
    '/v1/cancellations',
    { store: storeOf(body.orderId), ...body },
    { prefer, ...(key !== null && { 'idempotency-key': key }) },
  )

/** Every record of an order. Rejects where the gateway cannot say. */
export const recordsOf = async (target: Process, orderId: string): Promise<Answer[]> => {
  const response = await call(target, 'GET', `/v1/cancellations?orderId=${orderId}&order=asc`)
  if (!response?.ok) throw new Error(`no list of ${orderId}: ${response?.status}`)
  return ((await response.json()) as { data: Answer[] }).data
}

export const isAtRest = ({ final, status }: Answer): boolean =>
  final || status === 'needs_attention'
