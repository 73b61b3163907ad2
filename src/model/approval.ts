/** Four eyes: what some callers ask is sent only once another one has approved it. */
export const APPROVAL_STATES = ['awaited', 'given', 'declined'] as const
export type ApprovalState = (typeof APPROVAL_STATES)[number]

export interface Approval {
  readonly state: ApprovalState
  /**
   * Since when a person is asked: its order was looked at, and nothing stands in the way. Null:
   * that is still to come.
   */
  readonly askedAt: number | null
  /** Who approved or declined it, by the name of a caller. */
  readonly by: string | null
  /** The name of the key that it was said with. Left out, or null: it has none. */
  readonly keyName?: string | null
  readonly at: number | null
  readonly note: string | null
}

interface Approvable {
  readonly approval?: Approval | undefined
}
/** A record, as far as it matters here. */
interface Standing extends Approvable {
  readonly status: string
}

export const awaited: Approval = { state: 'awaited', askedAt: null, by: null, at: null, note: null }

/** The same once its order was looked at; it is asked for once, however often that is looked at. */
export const asked = ({ approval = awaited }: Approvable, at: number): Approval => ({
  ...approval,
  askedAt: approval.askedAt ?? at,
})

export const awaitsApproval = ({ status, approval }: Standing): boolean =>
  status === 'accepted' && approval?.state === 'awaited'

/** It waits for a person, and for nothing else. */
export const isAsked = (record: Standing): boolean =>
  awaitsApproval(record) && record.approval?.askedAt !== null

/** Whether anything of it may be sent: it needs no approval, or has it. */
export const isApproved = ({ approval }: Approvable): boolean =>
  approval === undefined || approval.state === 'given'
