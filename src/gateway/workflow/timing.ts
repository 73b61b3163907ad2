/** Every waiting time of the gateway, in milliseconds, in one place. */
import type { Cancellation } from '../../model/cancellation.ts'

export interface Timing {
  /** One call to a platform, headers and body. */
  readonly callTimeoutMs: number
  /** How long a caller waits for an answer unless it says otherwise. */
  readonly waitMs: number
  readonly settleMs: number
  readonly deadlineMs: number
  /** How long somebody's approval is waited for. */
  readonly approvalMs: number
  readonly giveUpMs: number
  /** How often a store is asked what changed. */
  readonly sweepMs: number
  /** From the intent to the first byte at the latest: a process that slept longer must not send. */
  readonly sendWindowMs: number
  /** The longest that a sender can be busy after its intent; its lease lasts as long. */
  readonly longestCallMs: number
}

export const DEFAULTS = {
  callTimeoutMs: 20_000,
  waitMs: 15_000,
  settleMs: 60_000,
  deadlineMs: 3_600_000,
  approvalMs: 7 * 86_400_000,
  giveUpMs: 86_400_000,
  sweepMs: 600_000,
} as const

/** Room for a slow clock and a slow disk between the end of a call and the end of its lease. */
const MARGIN_MS = 1_000

export const timing = (
  configured: Partial<Record<keyof typeof DEFAULTS, number | undefined>> = {},
): Timing => {
  const given = Object.fromEntries(
    Object.entries(configured).filter(([, value]) => value !== undefined),
  )
  const base = { ...DEFAULTS, ...given }
  // The note of the reason goes out in this window too, with a login before it at worst.
  const sendWindowMs = 2 * base.callTimeoutMs
  return { ...base, sendWindowMs, longestCallMs: sendWindowMs + base.callTimeoutMs + MARGIN_MS }
}

const LOOK_CAP_MS = 600_000

/**
 * A failed look is tried again soon: after min(1 s, settle time), doubling, at most ten minutes.
 */
export const lookAgainMs = (tries: number, settleMs: number): number =>
  Math.min(Math.min(1_000, settleMs) * 2 ** Math.min(tries, 20), LOOK_CAP_MS)

const RESEND_BASE_MS = 1_000
const RESEND_CAP_MS = 300_000

/** What provably never arrived is tried again with full jitter: base 1 s, at most five minutes. */
export const resendMs = (tries: number, random: () => number): number =>
  random() * Math.min(RESEND_BASE_MS * 2 ** Math.min(tries, 20), RESEND_CAP_MS)

/**
 * When doubt about a record is handed to a person: counted from when it was accepted, or started
 * over.
 */
export const giveUpAt = (record: Cancellation, { deadlineMs, giveUpMs }: Timing): number =>
  record.deadlineAt - deadlineMs + giveUpMs

/**
 * Tells whether so much time has gone by, by either clock: the steady one cannot be set, and the
 * other alone goes on while the machine sleeps. A wall clock that is set ahead calls it late too
 * early, and what is late is not sent, so it harms nobody.
 */
export const lateAfter = (ms: number): (() => boolean) => {
  const [steady, wall] = [performance.now() + ms, Date.now() + ms]
  return () => performance.now() > steady || Date.now() > wall
}
