/** Writes down every event Medusa emits, so that a test can say which ones came with a cancellation. */
const { appendFileSync } = require('node:fs')
const utils = require('@medusajs/framework/utils')

/** The names are the leaves of the exports that end in `Events`: `OrderWorkflowEvents.CANCELED` is `order.canceled`. */
const leaves = (value) =>
  typeof value === 'string' ? [value] : Object.values(value ?? {}).flatMap(leaves)
const names = Object.keys(utils)
  .filter((key) => key.endsWith('Events'))
  .flatMap((key) => leaves(utils[key]))

exports.default = async ({ event }) => {
  const line = { at: new Date().toISOString(), name: event.name, data: event.data }
  appendFileSync(process.env.LAB_EVENT_LOG, JSON.stringify(line) + '\n')
}

exports.config = { event: [...new Set(names)], context: { subscriberId: 'lab-event-log' } }
