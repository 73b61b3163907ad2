/** What the crash tests stand on: processes that can be killed, a gateway before a counting platform, and the comparison of what both say. */
import { type ChildProcess, fork } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { z } from 'zod'
import type { CancellationAnswer } from '../../src/http/answers.ts'
import type { Arms } from './gateway.ts'
import type { Deeds } from './platform.ts'

export type Answer = z.output<typeof CancellationAnswer>

/** Short, so that a killed record is taken up soon; the settle time stays well above the platform's latest landing. */
export const TIMING = { callTimeoutMs: 300, waitMs: 2_000, settleMs: 800, deadlineMs: 120_000, giveUpMs: 120_000 } as const

export const folder = mkdtempSync(join(tmpdir(), 'rescind-crash-'))
const children = new Set<ChildProcess>()
/** Every start compiles the same files. */
const COMPILED = { NODE_COMPILE_CACHE: join(folder, 'compiled') }

export interface Process {
  readonly child: ChildProcess
  readonly url: string
  readonly hello: Readonly<Record<string, unknown>>
  /** Resolves when the process has ended, however. */
  readonly ended: Promise<void>
}

const run = (file: string, environment: Record<string, string>): Promise<Process> => new Promise((resolve, reject) => {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), { env: { PATH: process.env['PATH'], ...COMPILED, ...environment }, execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  children.add(child)
  const ended = new Promise<void>((end) => child.once('exit', (code) => {
    children.delete(child)
    end()
    reject(new Error(`${file} ended with ${code} before it was ready`))
  }))
  child.once('message', (hello: Record<string, unknown>) => resolve({ child, url: hello['url'] as string, hello, ended }))
})

export const kill = async ({ child, ended }: Process): Promise<void> => {
  child.kill('SIGKILL')
  await ended
}

export const clear = (): void => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
}

/** Dies at the n-th hit of a point, counted from now. */
export const arm = ({ child }: Process, arms: Arms): Promise<void> => new Promise((resolve) => {
  child.once('message', () => resolve())
  child.send(arms)
})

export const startPlatform = (): Promise<Process> => run('platform.ts', {})

/** A gateway with one store; `name` is its ledger, which outlives it. */
export const startGateway = (name: string, store: { readonly baseUrl: string, readonly settings: object }): Promise<Process> => {
  const config = join(folder, `${name}.json`)
  writeFileSync(config, JSON.stringify({
    stores: [{ id: 'shop', platform: 'medusa', test: true, settings: { ...store.settings, baseUrl: store.baseUrl } }], timing: TIMING,
  }))
  return run('gateway.ts', { RESCIND_CONFIG: config, RESCIND_LEDGER: `sqlite:${join(folder, `${name}.db`)}`, PORT: '0', LOG_LEVEL: 'silent' })
}

/** The control, which knows nothing of looks, settling or leases. */
export const startNaive = (name: string, platform: string, secretKey: string): Promise<Process> => run('naive.ts', {
  JOURNAL: join(folder, `${name}.txt`), PLATFORM: platform, AUTHORIZATION: `Basic ${btoa(`${secretKey}:`)}`, TIMEOUT_MS: String(TIMING.callTimeoutMs),
})

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

/** Asks for a cancellation; null: no answer. */
export const ask = async ({ url }: Process, body: object, prefer: string): Promise<Response | null> =>
  fetch(`${url}/v1/cancellations`, {
    method: 'POST', body: JSON.stringify(body), signal: AbortSignal.timeout(20_000),
    headers: { 'content-type': 'application/json', 'idempotency-key': (body as { orderId: string }).orderId, prefer },
  }).catch(() => null)

/** Every record of an order. */
export const recordsOf = async ({ url }: Process, orderId: string): Promise<Answer[]> =>
  ((await (await fetch(`${url}/v1/cancellations?orderId=${orderId}`)).json()) as { data: Answer[] }).data

export const isAtRest = ({ final, status }: Answer): boolean => final || status === 'needs_attention'

interface Shown { readonly status: string, readonly metadata: Record<string, unknown> | null, readonly payment_collections?: { payments: { amount: number, canceled_at: string | null, refunds: { amount: number }[] | null }[] }[] }

/** What the platform itself holds of an order, and what it counted. */
export const truthOf = async (platform: Process, orderId: string) => {
  const { secretKey } = platform.hello['settings'] as { secretKey: string }
  const [shown, deeds] = await Promise.all([
    fetch(`${platform.url}/admin/orders/${orderId}?fields=%2Bmetadata`, { headers: { authorization: `Basic ${btoa(`${secretKey}:`)}` } }),
    fetch(`${platform.url}/deeds/${orderId}`),
  ])
  const { order } = await shown.json() as { order: Shown }
  const payments = (order.payment_collections ?? []).flatMap((collection) => collection.payments)
  const sum = (amounts: readonly number[]) => Number(amounts.reduce((all, amount) => all + amount, 0).toFixed(6))
  return {
    ...await deeds.json() as Deeds,
    isCanceled: order.status === 'canceled',
    note: order.metadata?.['cancel_reason'] ?? null,
    returned: sum(payments.flatMap(({ refunds }) => (refunds ?? []).map(({ amount }) => amount))),
    voided: sum(payments.filter(({ canceled_at }) => canceled_at).map(({ amount }) => amount)),
  }
}
export type Truth = Awaited<ReturnType<typeof truthOf>>

/** Where a record claims what the platform does not hold, or hides what it does; nothing: they agree. */
export const disagreements = (record: Answer, truth: Truth): string[] => {
  const { effects, alreadyCanceled, status, problem } = record
  const moved = truth.returned + truth.voided
  const ours = status === 'succeeded' && !alreadyCanceled
  const claims: [boolean, string][] = [
    [(status === 'succeeded') === truth.isCanceled, `${status}, but the order is ${truth.isCanceled ? '' : 'not '}canceled`],
    [ours === (truth.isCanceled && truth.canceled > 0), `${alreadyCanceled ? 'canceled already' : status}, but the platform canceled ${truth.canceled} times`],
    [effects.order.outcome === (ours ? 'applied' : status === 'needs_attention' ? 'failed' : 'skipped'), `order ${effects.order.outcome}`],
    [status !== 'needs_attention' || problem?.acted === (moved > 0 ? 'yes' : 'unknown'), `acted ${problem?.acted}`],
    [status !== 'rejected' || (moved === 0 && truth.note === null && problem?.acted === 'no'), `rejected, but ${moved} moved and the note is ${truth.note}`],
    [effects.reason.outcome !== 'applied' || truth.note === record.reason, `reason ${effects.reason.outcome}, but the note is ${truth.note}`],
    [!ours || record.reason === null || effects.reason.outcome === 'applied', `reason ${effects.reason.outcome}`],
    [status === 'rejected' || alreadyCanceled || (effects.payment.outcome === (moved > 0 ? 'automatic' : 'withheld') && Number(effects.payment.amount?.amount ?? 0) === moved),
      `payment ${effects.payment.outcome} ${effects.payment.amount?.amount}, but ${moved} moved`],
  ]
  return claims.filter(([holds]) => !holds).map(([, fault]) => fault)
}
