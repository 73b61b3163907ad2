/** A ledger's files are their owner's alone. */
import { chmodSync, existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { openSqliteLedger } from '../../src/ledger/sql/sqlite.ts'
import { temporaryFolder } from './files.ts'
import { claim, draft } from './records.ts'

describe('the ledger’s files', () => {
  const rights = (path: string) => (statSync(path).mode & 0o777).toString(8)

  it('are nobody else’s, nor is a folder that was made for them', async () => {
    const path = join(temporaryFolder(), 'new', 'folder', 'ledger.db')
    const ledger = openSqliteLedger(path)
    await claim(ledger, draft())
    expect(
      [path, `${path}-wal`, `${path}-shm`, dirname(path), dirname(dirname(path))].map(rights),
    ).toEqual(['600', '600', '600', '700', '700'])
    await ledger.close()
  })

  it('that others could read are so no longer; an earlier folder stays as it was', async () => {
    const folder = join(temporaryFolder(), 'theirs')
    mkdirSync(folder)
    chmodSync(folder, 0o755)
    const path = join(folder, 'ledger.db')
    const before = new DatabaseSync(path)
    before.exec(
      'pragma journal_mode = wal; create table meta (name text primary key, value integer not ' +
        'null) without rowid',
    )
    expect(existsSync(`${path}-wal`)).toBe(true)
    for (const file of [path, `${path}-wal`, `${path}-shm`]) chmodSync(file, 0o644)
    const ledger = openSqliteLedger(path)
    expect([path, `${path}-wal`, `${path}-shm`, folder].map(rights)).toEqual([
      '600',
      '600',
      '600',
      '755',
    ])
    await ledger.close()
    before.close()
  })
})
