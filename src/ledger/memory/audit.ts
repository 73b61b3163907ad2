/** The audit log in memory: for tests and trials. */
import type { Noted } from '../../model/audit.ts'
import { type AuditLine, type AuditShelf, NO_SEAL, type Seal } from '../audit.ts'
import type { Note } from '../rules.ts'

export interface MemoryAudit extends AuditShelf {
  readonly note: Note
}

export const openMemoryAudit = (): MemoryAudit => {
  let lines: AuditLine[] = []
  let last = 0
  let sealed: Seal = NO_SEAL
  const write = (noted: Noted): void => {
    lines.push({ seq: ++last, noted, previous: null, hash: null })
  }
  return {
    note(noted) {
      if (noted) write(noted)
    },
    append: async (noted) => noted.forEach(write),
    lines: async (from, order, limit) =>
      order === 'asc'
        ? lines.filter(({ seq }) => seq > from).slice(0, limit)
        : lines
            .filter(({ seq }) => seq < from)
            .toReversed()
            .slice(0, limit),
    sealed: async () => sealed,
    async seal(after, hashes) {
      if (sealed.seq !== after.seq) return
      lines = lines.map((line) => {
        const index = line.seq - after.seq - 1
        const hash = hashes[index]
        return hash === undefined
          ? line
          : { ...line, previous: hashes[index - 1] ?? after.hash, hash }
      })
      sealed = { seq: after.seq + hashes.length, hash: hashes.at(-1) ?? after.hash }
    },
    async trim(until) {
      const kept = lines.findIndex(({ seq, noted }) => seq > sealed.seq || noted.at > until)
      return lines.splice(0, kept === -1 ? lines.length : kept).length
    },
  }
}
