/** What the suite must be told of a platform: `adapters/<id>/suite.json`. */
import { z } from 'zod'
import { readFile } from './cases.ts'

/** Members called `state`, or ending in `status` or `Status`. */
const STATUS_FIELD = /^(?:[a-z_A-Z]*[sS]tatus|state)$/

export const Suite = z.strictObject({
  /** Settings that the cases are played with, beside their own. */
  settings: z.record(z.string(), z.unknown()),
  /** Sandbox orders by what they are. */
  orders: z.strictObject({
    /** Can be canceled, as `paid` can. */
    open: z.string(),
    /** Here money would move, if any does; every combination of flags is tried on it. */
    paid: z.string(),
    canceled: z.string(),
    refused: z.array(z.string()).min(1),
    missing: z.string(),
  }),
  /**
   * Members of the platform's replies that hold the words of an order's state, in which the suite
   * puts one that nobody knows. Left out: `state`, and all that end in `status` or `Status`.
   */
  statusFields: z.array(z.string()).min(1).optional(),
  /** What a sweep needs other than the sandbox's settings have it; null takes one away. */
  sweepSettings: z.record(z.string(), z.unknown()).optional(),
})
export type SuiteOptions = z.output<typeof Suite>

export const readSuite = (folder: URL): SuiteOptions =>
  readFile(Suite, new URL('suite.json', folder))

export const isStatusField = ({ statusFields }: SuiteOptions, name: string): boolean =>
  statusFields?.includes(name) ?? STATUS_FIELD.test(name)
