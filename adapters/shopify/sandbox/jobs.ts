/** The jobs of the imitation: what a cancel begins, and how that ends. */
import { pause } from '../../../src/adapter/sandbox-kit.ts'
import type { Shape } from './graphql.ts'
import { cancel, type Entry, type Plan, type Wishes } from './orders.ts'

interface Job {
  readonly id: string
  readonly result: string
  done: boolean
  status: 'STARTED' | 'SUCCEEDED' | 'FAILED'
  errors: readonly { readonly code: string; readonly field: null; readonly message: string }[]
}

const newJob = (): Job => {
  const name = crypto.randomUUID()
  return {
    id: `gid://shopify/Job/${name}`,
    result: `gid://shopify/OrderCancelJobResult/${name}`,
    done: false,
    status: 'STARTED',
    errors: [],
  }
}

/** Recorded of a mutation; that a job says so too is assumed. */
const ALREADY = 'Cannot cancel an order that has already been canceled'
const BY_HAND: Wishes = { reason: 'STAFF', staffNote: 'By hand', restock: false, refund: false }

/** `canceled`: told of every order that a job canceled. */
export const createJobs = (canceled: (key: string) => void) => {
  const known = new Map<string, Job>()
  const plans = new Map<string, Plan[]>()
  const waiting: (() => void)[] = []
  /** How many cancels were taken of an order, whatever became of their jobs. */
  const taken = new Map<string, number>()

  const end = (job: Job, entry: Entry, wishes: Wishes, plan: Plan): void => {
    entry.isBusy = false
    job.done = true
    if (plan.overtaken) cancel(entry, BY_HAND)
    const fails = plan.overtaken ? ALREADY : plan.fails
    if (fails === undefined) {
      job.status = 'SUCCEEDED'
      cancel(entry, wishes)
      canceled(entry.key)
    } else {
      job.status = 'FAILED'
      job.errors = [{ code: 'INVALID', field: null, message: fails }]
    }
  }
  return {
    taken,
    begin(entry: Entry, wishes: Wishes): Job {
      const plan = plans.get(entry.key)?.shift() ?? entry.state.job ?? {}
      const job = newJob()
      taken.set(entry.key, (taken.get(entry.key) ?? 0) + 1)
      if (plan.forgotten) return job
      entry.isBusy = true
      for (const id of [job.id, job.result]) known.set(id, job)
      if (plan.waits) waiting.push(() => end(job, entry, wishes, plan))
      else if (plan.ms === undefined) end(job, entry, wishes, plan)
      else void pause(plan.ms).then(() => end(job, entry, wishes, plan))
      return job
    },
    /** Recorded: a job that never was is done. */
    job: (id: string) => ({ id, done: known.get(id)?.done ?? true }),
    result(id: string): Shape | null {
      const found = known.get(id)
      if (!found || found.result !== id) return null
      const { done, status, errors } = found
      return { __typename: 'OrderCancelJobResult', id, done, status, errors }
    },
    /** How the next jobs of an order end. */
    planFor: (key: string, ...those: Plan[]) => void plans.set(key, those),
    /** Ends those that wait for it. */
    endAll: () => waiting.splice(0).forEach((endOne) => endOne()),
  }
}
