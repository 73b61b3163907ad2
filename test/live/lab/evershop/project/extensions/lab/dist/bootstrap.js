// What the live tests want of their shop: its mails in a file, and a cancel that takes long or
// fails late, as an extension or a database may make it.
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { registerEmailService } from '@evershop/evershop/lib/mail/emailHelper'
import { hookBefore } from '@evershop/evershop/lib/util/hookable'

const at = (file) => path.join(process.env.LAB_FOLDER, file)

const faults = () => {
  const file = at('faults.json')
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
}

export default () => {
  registerEmailService({
    sendEmail: async ({ to, subject }) =>
      appendFileSync(at('mails.jsonl'), `${JSON.stringify({ to, subject })}\n`),
  })
  // The last step before a cancel is committed; payment providers were told before.
  hookBefore('reStockAfterCancel', async () => {
    const { slowMs = 0, failure } = faults()
    await sleep(slowMs)
    if (failure) throw new Error(failure)
  })
}
