/** What a look that somebody else took may conclude of a record: that it is canceled, no more. */
import type { Look } from '../../adapter/contract.ts'
import type { Store } from '../../connection/store.ts'
import type { Cancellation } from '../../model/cancellation.ts'
import { decide, operationOf } from './decide.ts'
import type { WorkflowDeps } from './job.ts'
import { settle } from './settle.ts'

/**
 * Ends a record in doubt whose order is canceled, without its lease: what is canceled stays so,
 * whoever still waits for an answer. False: somebody else wrote it meanwhile.
 */
export const concludeCanceled = async (
  deps: WorkflowDeps,
  store: Store,
  record: Cancellation,
  look: Look,
): Promise<boolean> => {
  const decision = decide(record, look, store, deps.now(), deps.timing.longestCallMs)
  if (decision.do !== 'succeed') return false
  const job = {
    deps,
    store,
    client: store.client,
    operation: operationOf(store, record),
    customerToken: null,
    record,
    lease: null,
  }
  return settle(job, decision, look)
}
