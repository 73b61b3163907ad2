/** A line of what the doctor finds: a check, what it says, and what to do about it. */
import type { Next } from './paste.ts'

export interface Line {
  readonly check: string
  readonly level: 'ok' | 'warn' | 'bad'
  readonly says: string
  readonly todo: string | Next | null
}

export const ok = (check: string, says: string): Line => ({ check, level: 'ok', says, todo: null })
export const warn = (check: string, says: string, todo: string | Next): Line => ({
  check,
  level: 'warn',
  says,
  todo,
})
export const bad = (check: string, says: string, todo: string | Next): Line => ({
  check,
  level: 'bad',
  says,
  todo,
})
