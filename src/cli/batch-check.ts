/** A look through the orders of a batch before they are sent: what each store would do. */
import { type Client, type Preview, RescindError } from '../client/index.ts'
import { firstOfEach, lookThrough } from '../input/looking.ts'
import {
  extent,
  figures,
  warnings,
  type Look,
  lookedAt,
  notSeen,
  outlook,
  type StoreOutlook,
} from '../messages/outlook.ts'
import { sum } from '../messages/sentence.ts'
import type { CancelRequest } from '../model/request.ts'
import { clean, count, EXIT, type Terminal } from './terminal.ts'

const REASONS_TOLD = 5

/** Null: the key may not look. */
const lookAt = async (reader: Client, request: CancelRequest): Promise<Look | null> => {
  const { store, linked, refund, ...asked } = request
  try {
    const found: Preview = await reader.preview({
      ...asked,
      ...(store !== '' && { store }),
      ...(linked !== undefined && { linked }),
      ...(refund !== undefined && { refund }),
    })
    return lookedAt(request, found, found.linked)
  } catch (error) {
    if (!(error instanceof RescindError) || error.code === 'unauthenticated') throw error
    return error.code === 'forbidden' ? null : notSeen(request, error.problem)
  }
}

export interface Checked {
  readonly stores: readonly StoreOutlook[]
  /** How much of the file was looked at. */
  readonly extent: string
  readonly mayLook: boolean
}

/** Looks through the orders, and tells how far it is. */
export const lookAll = async (
  terminal: Terminal,
  reader: Client,
  items: readonly CancelRequest[],
): Promise<Checked> => {
  const looks = new Map<CancelRequest, Look>()
  const stop = new AbortController()
  let mayLook = true
  const tell = () => {
    if (terminal.isLive)
      process.stderr.write(
        `\r\u001b[K${extent(outlook(items, looks), false)} Nothing was sent yet.`,
      )
  }
  tell()
  try {
    await lookThrough(
      firstOfEach(items),
      async (request) => {
        const look = await lookAt(reader, request)
        if (look !== null) return look
        mayLook = false
        stop.abort()
        return notSeen(request, null)
      },
      (request, look) => {
        if (mayLook) looks.set(request, look ?? notSeen(request, null))
        tell()
      },
      stop.signal,
    )
  } finally {
    if (terminal.isLive) process.stderr.write('\r\u001b[K')
  }
  const stores = outlook(items, looks)
  return { stores, extent: extent(stores, true), mayLook }
}

const tellStore = (terminal: Terminal, of: StoreOutlook): string => {
  const others = of.reasons.slice(REASONS_TOLD).reduce((sum, { count }) => sum + count, 0)
  const reasons = [
    ...of.reasons
      .slice(0, REASONS_TOLD)
      .map(({ says, count: times }) => `  ${count(times)}: ${clean(says)}`),
    ...(others > 0 ? [`  ${count(others)} for other reasons`] : []),
  ]
  return [
    `${clean(of.store) || 'The only store'}: ${count(of.looked)} of ${count(of.orders)}`,
    ...figures(of).map(([name, value]) => `  ${name}: ${clean(value)}`),
    ...warnings(of).map((says) => `  ! ${says}`),
    ...(reasons.length > 0 ? ['Why not:', ...reasons] : []),
    terminal.table(
      ['order', 'amount', 'what would happen'],
      of.samples.map(({ number, amount, says }) => [number, amount ? sum(amount) : '', says]),
    ),
  ].join('\n')
}

/** What the file would come to, store by store. */
export const tellCheck = (terminal: Terminal, { stores, extent, mayLook }: Checked): string =>
  mayLook
    ? [
        ...stores.filter(({ looked }) => looked > 0).map((of) => tellStore(terminal, of)),
        extent,
      ].join('\n\n')
    : 'This key may not read orders, so none was looked at.'

/** How a look alone ends: as the batch would, as far as that can be said. */
export const exitOfCheck = ({ stores, mayLook }: Checked): number => {
  if (!mayLook) return EXIT.refused
  const some = (figure: (of: StoreOutlook) => number) => stores.some((of) => figure(of) > 0)
  if (some(({ unknown }) => unknown) || some(({ orders, looked }) => orders - looked))
    return EXIT.unknown
  return some(({ refused }) => refused) ? EXIT.notCanceled : EXIT.canceled
}
