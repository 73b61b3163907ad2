/** Which member of a request each column of a table is, by a name that people write loosely. */
import { FIELD_NAMES } from '../model/request.ts'

/** A column that is passed over: why a row was not taken before, beside the row to be mended. */
export const WHY = 'why'

/** Letters and digits alone, so that `Order ID`, `order_id` and `ORDER-ID` are one name. */
const plain = (name: string): string => name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '')

/** Other words for the same member. */
const SYNONYMS = {
  shop: 'store',
  shopId: 'store',
  storeId: 'store',
  notifyCustomer: 'notify',
  notifyBuyer: 'notify',
  mailBuyer: 'notify',
  mailTheBuyer: 'notify',
  restockItems: 'restock',
  refundBuyer: 'refund',
  refundCustomer: 'refund',
  cancelReason: 'reason',
  cancellationReason: 'reason',
  why: WHY,
}
const MEANINGS: ReadonlyMap<string, string> = new Map(
  [...FIELD_NAMES.map((name) => [name, name] as const), ...Object.entries(SYNONYMS)].map(
    ([name, member]) => [plain(name), member],
  ),
)

/** What people see of an order. On most platforms it is not the id, and may be another order’s. */
const NUMBERS: ReadonlySet<string> = new Set(
  ['Order', 'Order number', 'Order no', 'Order nr', 'Order name', 'Number', 'Bestellnummer'].map(
    plain,
  ),
)

/** How many letters must change to make one name of the other (Levenshtein). */
const distance = (from: string, to: string): number => {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1]
    for (let at = 1; at <= to.length; at++)
      next[at] = Math.min(
        (next[at - 1] ?? 0) + 1,
        (row[at] ?? 0) + 1,
        (row[at - 1] ?? 0) + (to[at - 1] === letter ? 0 : 1),
      )
    row = next
  }
  return row[to.length] ?? 0
}

/** The name that was probably meant; null where none is near. */
const nearest = (name: string): string | null => {
  const written = plain(name)
  const [best] = FIELD_NAMES.map((field) => ({ field, far: distance(written, plain(field)) }))
    .filter(({ field, far }) => far <= Math.min(3, Math.ceil(field.length / 3)))
    .toSorted((a, b) => a.far - b.far)
  return best?.field ?? null
}

/** The member that a column holds; null: none. */
export const memberOf = (name: string): string | null => MEANINGS.get(plain(name)) ?? null

/** Why a column is none of ours. */
export const unknownColumn = (name: string): string => {
  if (NUMBERS.has(plain(name)))
    return (
      'is the number that people see, and need not be the id: the column orderId takes the id ' +
      'that the platform itself has for the order'
    )
  const meant = nearest(name.slice(0, 64))
  return (
    `is no column${meant === null ? '' : `; did you mean ${meant}?`}: the first line names the ` +
    `columns, of ${FIELD_NAMES.join(', ')}`
  )
}
