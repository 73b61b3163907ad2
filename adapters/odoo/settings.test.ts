/** What an Odoo's settings must say, by its version. */
import { describe, expect, it } from 'vitest'
import { Settings } from './index.ts'

describe('settings', () => {
  const settings = { baseUrl: 'https://erp.example', database: 'acme', apiKey: 'k' }
  it.each([
    [{ version: '19' }, true],
    [{ version: '18' }, false],
    [{ version: '16', username: 'gateway@example.com' }, true],
    [{ version: '15', username: 'gateway@example.com' }, false],
    [{ version: '19', company: '3' }, true],
    [{ version: '19', company: '0' }, false],
    [{ version: '19', database: 'a/b' }, false],
    [{}, false],
  ])('%o: %s', (more, taken) =>
    expect(Settings.safeParse({ ...settings, ...more }).success).toBe(taken),
  )
})
