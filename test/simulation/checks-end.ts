/** What must hold when all has been well for long enough: of records, callers, batches, links. */
import { type Cancellation, isAtRest } from '../../src/model/cancellation.ts'
import { reasonText } from '../../src/model/request.ts'
import type { Answered } from './callers.ts'
import { accountOf, callsOf, isCanceled, keyOf, orderOf, violate, type World } from './world.ts'

/** What of a note of ours is left on an order is told of. */
const checkNote = (world: World, record: Cancellation) => {
  const order = orderOf(world, record)
  const ours = reasonText(record.request)
  if (!order || record.status !== 'rejected' || record.via === 'operator' || ours === null) return
  const isAnothers = [...world.records.values()].some(
    (one) => one !== record && orderOf(world, one) === order && reasonText(one.request) === ours,
  )
  if (isAnothers) return
  if (order.thing.note === ours && !record.effects.reason.detail?.includes('note of the reason'))
    violate(world, 'a note of the reason was left on an order, and nobody is told', record)
}

const checkRecord = (world: World, record: Cancellation) => {
  if (!isAtRest(record.status))
    violate(world, `a record never came to rest: ${record.status}`, record)
  if (record.status === 'needs_attention')
    violate(world, 'a person could not close a record', record)
  checkNote(world, record)
}

/** What was answered is kept, and one key is one record. */
const checkAnswers = async (world: World, answers: readonly Answered[]) => {
  const created = new Map<string, string>()
  for (const { id, key, how, body } of answers) {
    if ((await world.ledger.get(id)) === null) violate(world, 'what was accepted is gone')
    if (key === null) continue
    if (how === 'created') {
      const other = created.get(key)
      if (other !== undefined && other !== id) violate(world, 'two records were made under one key')
      created.set(key, id)
    }
    const differs = answers.some((one) => one.key === key && one.body !== body)
    if (differs) violate(world, 'one key was taken with two bodies')
  }
}

/** One record at most says of an order that it canceled it; where we did, one says so. */
const checkOrders = (world: World) => {
  for (const order of world.orders.values()) {
    const of = [...world.records.values()].filter((record) => orderOf(world, record) === order)
    const ours = of.filter(
      ({ status, alreadyCanceled }) => status === 'succeeded' && !alreadyCanceled,
    )
    const byItself = ours.filter(({ via }) => via !== 'operator')
    const stores = new Set(byItself.map(({ request }) => request.store))
    if (byItself.length > stores.size)
      violate(world, 'two records say that each canceled the same order')
    if (order.canceledBy === 'us' && of.every(({ status }) => status !== 'succeeded'))
      violate(world, 'we canceled an order, and no record says so')
    const open = of.filter(({ status }) => !isAtRest(status))
    if (open.length > 0) violate(world, 'work is left at the end')
    if (callsOf(world, order).length > 0 && of.length === 0)
      violate(world, 'a cancel left for an order of which there is no record')
  }
}

const checkBatches = async (world: World) => {
  for (const batch of await world.ledger.batches.list({ caller: null, limit: 100 })) {
    if (batch.finishedAt === null) violate(world, `a batch never ended: ${batch.status}`)
    const rows = await world.ledger.batches.rows(batch.id, { limit: 1_000 })
    if (rows.length !== batch.total) violate(world, 'rows of a batch are gone')
    for (const row of rows) {
      const record = world.records.get(row.cancellation ?? '')
      if (row.phase !== 'rest') violate(world, `a row of a batch never came to rest: ${row.phase}`)
      if (row.cancellation !== null && !record) violate(world, 'a row names a record that is not')
    }
  }
}

/** What a link is said to be, its orders are. */
const checkLinks = async (world: World) => {
  for (const link of await world.ledger.links.list({ limit: 100 })) {
    if (link.run?.isOpen) violate(world, 'the run of a link never ended')
    const canceled = link.members.filter((member) => {
      const order = world.orders.get(keyOf(accountOf(world, member.store).name, member.orderId))
      return order && isCanceled(order)
    }).length
    if (link.status === 'canceled' && canceled < link.members.length)
      violate(world, 'a link is called canceled, and an order of it is open')
    if (link.status === 'canceling') violate(world, 'a link is canceling at the end')
    const held = link.members.filter((member) =>
      [...world.records.values()].some(
        ({ request, status, reopenedAt }) =>
          request.store === member.store &&
          request.orderId === member.orderId &&
          status === 'succeeded' &&
          reopenedAt === undefined,
      ),
    ).length
    const is =
      held === 0 ? 'open' : held === link.members.length ? 'canceled' : ('diverged' as const)
    if (link.status !== is) violate(world, `a link is ${link.status} whose orders are ${is}`)
  }
}

export const checkEnd = async (world: World, answers: readonly Answered[]): Promise<void> => {
  for (const record of world.records.values()) checkRecord(world, record)
  await checkAnswers(world, answers)
  checkOrders(world)
  await checkBatches(world)
  await checkLinks(world)
}
