/** Batches with one caller's reach and scopes applied, beside `callerService`. */
import type { BatchAction } from '../../model/batch.ts'
import { refuse } from '../../model/problem.ts'
import type { CancelRequest } from '../../model/request.ts'
import { beforehand, type CallerService, termsOf } from '../service.ts'
import type { Batches, BatchView, Created, ItemQuery, ItemView } from './service.ts'

/** The batches as one caller has them: its own, or any where it reaches every store. */
export interface CallerBatches {
  create(
    items: readonly CancelRequest[],
    key: string | null,
    rows?: readonly number[],
  ): Promise<Created>
  get(id: string): Promise<BatchView>
  list(query: { readonly limit: number; readonly after?: string | undefined }): Promise<BatchView[]>
  items(id: string, query: ItemQuery): Promise<ItemView[]>
  pause(id: string): Promise<BatchView>
  resume(id: string): Promise<BatchView>
  stop(id: string): Promise<BatchView>
}

const NOTED_AS = {
  pause: 'batch.paused',
  resume: 'batch.resumed',
  stop: 'batch.stopped',
} as const satisfies Record<BatchAction, string>

export const callerBatches = (
  batches: Batches,
  { caller, must, acts }: Pick<CallerService, 'caller' | 'must' | 'acts'>,
): CallerBatches => {
  const { name, stores } = caller
  const batchOf = async (id: string): Promise<BatchView> => {
    const batch = await beforehand(batches.get(id))
    return stores === null || batch.caller === name
      ? batch
      : refuse('not-found', 'No batch has this id.')
  }
  const change = async (action: BatchAction, id: string): Promise<BatchView> => {
    must('cancel')
    const { id: batch } = await batchOf(id)
    const act = { action: NOTED_AS[action], store: null, subject: { batch } } as const
    return acts.act(act, () => batches[action](batch))
  }
  return {
    async create(items, key, rows) {
      must('cancel')
      const act = { action: 'batch.created', store: null, subject: {} } as const
      return acts.act(
        act,
        () => batches.create(items, name, key, rows, termsOf(caller)),
        (created) => ({ batch: created.batch.id }),
      )
    },
    async get(id) {
      must('read')
      return batchOf(id)
    },
    async list(query) {
      must('read')
      return batches.list({ caller: stores === null ? null : name, ...query })
    },
    async items(id, query) {
      must('read')
      return batches.items((await batchOf(id)).id, query)
    },
    pause: (id) => change('pause', id),
    resume: (id) => change('resume', id),
    stop: (id) => change('stop', id),
  }
}
