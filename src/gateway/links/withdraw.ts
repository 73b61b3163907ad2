/** Taking back the cancel of a link's orders: the whole run, or nothing of it. */
import type { Store } from '../../connection/store.ts'
import type { Noted } from '../../model/audit.ts'
import { type Cancellation, isFinal, isWithdrawable } from '../../model/cancellation.ts'
import { holds } from '../../model/link.ts'
import { refuse } from '../../model/problem.ts'
import { type RevisionDeps, withdraw } from '../revision.ts'
import type { LinksLedger } from './driver.ts'
import { standingsOf } from './standing.ts'

interface RunDeps extends RevisionDeps {
  readonly ledger: LinksLedger
  readonly stores: ReadonlyMap<string, Store>
}

/** Withdraws a record, and all others of the run that it belongs to. */
export const withdrawRun = async (
  deps: RunDeps,
  id: string,
  name: string,
  noted?: Noted,
): Promise<Cancellation> => {
  const link = await deps.ledger.links.get(name)
  const { request } = await deps.get(id)
  const run = link?.run?.isOpen && holds(link, request) ? link.run : null
  if (!link || !run) return withdraw(deps, id, noted)
  const standings = await standingsOf(deps.ledger, deps.stores, link)
  const records = standings.flatMap(({ record }) => record ?? [])
  const ofRun = records.filter(
    (record) => !isFinal(record.status) || record.id === run.id || record.causedBy === run.id,
  )
  const sent = ofRun.find((record) => !isWithdrawable(record))
  if (sent)
    refuse('not-withdrawable', 'Of the orders that are linked one was sent already, or is over.', {
      cancellation: `/v1/cancellations/${sent.id}`,
    })
  const taken = await Promise.all(ofRun.map((record) => withdraw(deps, record.id, noted)))
  return taken.find((record) => record.id === id) ?? deps.get(id)
}
