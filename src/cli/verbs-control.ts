/** The verbs by which people watch over what callers ask: approvals, the audit log, erasure. */
import type { Command } from 'commander'
import { reaching, unasked, waiting } from './flags.ts'
import { type Add, groupOf } from './verb.ts'

export const addApprovals = (program: Command, add: Add): void => {
  add(
    program,
    'approve <id>',
    'let what another key asked be sent: the order is canceled then',
    async () => (await import('./approve.ts')).approve,
    (command) => waiting(60)(unasked(reaching(command).option('--note <text>', 'for the record'))),
  )
  add(
    program,
    'decline <id>',
    'end what another key asked: nothing is sent',
    async () => (await import('./approve.ts')).decline,
    (command) => reaching(command).option('--note <text>', 'why, for the record'),
  )
}

export const addAudit = (program: Command, add: Add): void => {
  const audit = groupOf(program, 'audit', 'who asked for what')
  add(
    audit,
    'export',
    'print the audit log, a line of JSON an entry',
    async () => (await import('./audit.ts')).exportAudit,
    reaching,
  )
  add(
    audit,
    'heads',
    'how far it goes, and the hash of its last entry: to be noted elsewhere',
    async () => (await import('./audit.ts')).auditHeads,
    reaching,
  )
  add(
    audit,
    'verify <file>',
    'check every hash of an exported file (-: of standard input); asks no gateway',
    async () => (await import('./audit.ts')).verifyAudit,
    (command) => command.option('--head <hash>', 'a head noted before that must be in it'),
  )
  add(
    program,
    'erase <store> <orders...>',
    'erase one buyer’s data: what is personal of all that is kept of these orders',
    async () => (await import('./erase.ts')).erase,
    (command) => unasked(reaching(command)),
  )
}
