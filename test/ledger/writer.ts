/**
 * A process that writes to the SQL ledger as fast as it can and says what was acknowledged, until
 * somebody kills it or its disk is full: `node writer.ts PATH NAME`. Each line is a word and an id:
 * claimed, saved, or refused.
 */
import { openSqliteLedger } from '../../src/ledger/sql/sqlite.ts'
import { accept } from '../../src/model/cancellation.ts'

const [path, name] = process.argv.slice(2) as [string, string]
const ledger = openSqliteLedger(path)
const AT_ONCE = 8
const MOST_REFUSALS = 20
const refused: string[] = []

/** What is owed of a record, by its revision. */
const owed = (subject: string, revision: number) => [
  {
    webhook: 'erp orders',
    subject,
    revision,
    type: 'cancellation.succeeded' as const,
    body: 'x'.repeat(300),
    at: revision,
  },
]

const say = (word: string, id: string) => process.stdout.write(`${word} ${id}\n`)

const work = async (index: number) => {
  const id = `can_${name}_${index}`
  const now = Date.now()
  try {
    const { record } = await ledger.claim(
      accept({
        id,
        caller: 'writer',
        platform: 'medusa',
        byCustomer: false,
        now,
        deadlineMs: 1_000,
        wakeAt: now,
        request: {
          store: 'paris',
          orderId: id,
          reason: 'x'.repeat(300),
          reasonCode: null,
          notify: null,
          message: null,
          restock: null,
          strict: false,
          reference: null,
          target: 'order',
        },
      }),
      { caller: 'writer', value: id, fingerprint: id },
      owed(id, 1),
    )
    say('claimed', id)
    const next = { ...record, status: 'succeeded' as const, settledAt: now, wakeAt: null }
    if (await ledger.save(next, undefined, undefined, owed(id, 2))) say('saved', id)
  } catch {
    say('refused', id)
    refused.push(id)
  }
}

let next = 0
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    while (refused.length < MOST_REFUSALS) await work(next++)
  }),
)
