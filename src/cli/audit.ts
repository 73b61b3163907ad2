/** `rescind audit`: the log as a file, how far it goes, and whether a file of it is whole. */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { type AuditEntry, hashOfEntry, NO_HASH } from '../model/audit.ts'
import { reach, type ReachOptions } from './reach.ts'
import { clean, count, EXIT, Halt, type Terminal } from './terminal.ts'

/** Writes the log to standard output as it comes, at the reader's pace. */
export const exportAudit = async (terminal: Terminal, options: ReachOptions): Promise<number> => {
  const { download } = await reach(terminal, options)
  const decoder = new TextDecoder()
  let [last, lines] = ['', 0]
  for await (const bytes of download('/v1/audit/export')) {
    last += decoder.decode(bytes, { stream: true })
    lines += last.split('\n').length - 1
    last = last.slice(last.lastIndexOf('\n') + 1)
    await new Promise<void>((resolve) => {
      process.stdout.write(bytes, () => resolve())
    })
  }
  if (last !== '') throw new Halt(EXIT.fault, 'The log broke off in the middle of an entry.')
  terminal.say(`${count(lines)} ${lines === 1 ? 'entry' : 'entries'}.`)
  return EXIT.canceled
}

export const auditHeads = async (terminal: Terminal, options: ReachOptions): Promise<number> => {
  const heads = await (await reach(terminal, options)).reader.audit.heads()
  if (terminal.json) for (const head of heads) terminal.result(head, () => '')
  else
    terminal.result(null, () =>
      terminal.table(
        ['chain', 'from', 'to', 'hash of the last'],
        heads.map(({ chain, first, seq, hash }) => [
          chain,
          first === null ? '' : String(first),
          String(seq),
          hash,
        ]),
      ),
    )
  return EXIT.canceled
}

/** A chain as far as it was read. */
interface Chain {
  readonly first: number
  readonly seq: number
  readonly hash: string
  readonly startsWhole: boolean
}

const isEntry = (value: unknown): value is AuditEntry =>
  typeof value === 'object' &&
  value !== null &&
  ['chain', 'previous', 'hash'].every((name) => typeof Reflect.get(value, name) === 'string') &&
  Number.isSafeInteger(Reflect.get(value, 'seq'))

const parsed = (line: string): AuditEntry | null => {
  try {
    const value: unknown = JSON.parse(line)
    return isEntry(value) ? value : null
  } catch {
    return null
  }
}

/** What is wrong with an entry after those before it; null: nothing. */
const faultOf = async (entry: AuditEntry, before: Chain | undefined): Promise<string | null> => {
  const { chain, seq, previous, hash } = entry
  const name = `entry ${seq} of the chain “${clean(chain)}”`
  if ((await hashOfEntry(entry)) !== hash) return `${name} was changed: it has another hash.`
  if (!before)
    return seq === 1 && previous !== NO_HASH ? `${name} is the first and follows on another.` : null
  if (seq !== before.seq + 1)
    return `${name} follows on entry ${before.seq}: what was between them is missing.`
  return previous === before.hash
    ? null
    : `${name} does not follow on the entry before: it names another hash.`
}

const bad = (line: number, why: string): Halt =>
  new Halt(EXIT.notCanceled, `Line ${line}: ${why}`, null, { ok: false, line, detail: why })

const readChains = async (file: string, headHash: string | undefined) => {
  const chains = new Map<string, Chain>()
  let [line, isHeadMet] = [0, false]
  const input = file === '-' ? process.stdin : createReadStream(file)
  for await (const text of createInterface({ input, crlfDelay: Infinity })) {
    line += 1
    if (text.trim() === '') continue
    const entry = parsed(text)
    if (!entry) throw bad(line, 'this is no entry of an audit log.')
    const before = chains.get(entry.chain)
    const fault = await faultOf(entry, before)
    if (fault !== null) throw bad(line, fault)
    const { seq, hash, previous } = entry
    isHeadMet ||= hash === headHash || previous === headHash
    chains.set(entry.chain, {
      first: before?.first ?? seq,
      startsWhole: before?.startsWhole ?? seq === 1,
      seq,
      hash,
    })
  }
  return { chains, isHeadMet }
}

const sentenceOf = ([name, { first, seq, hash, startsWhole }]: readonly [string, Chain]): string =>
  [
    `✓ ${clean(name)}: entries ${first} to ${seq} are one chain.`,
    ...(startsWhole ? [] : [`  What was before ${first} is not in this file: it was trimmed.`]),
    `  head ${hash}`,
  ].join('\n')

/** Checks every hash of a file, without any gateway. Ends with 3 where it is not what it was. */
export const verifyAudit = async (
  terminal: Terminal,
  file: string,
  { head }: { readonly head?: string },
): Promise<number> => {
  if (head !== undefined && !/^[0-9a-f]{64}$/.test(head))
    throw new Halt(EXIT.usage, '--head is no hash: it has 64 hexadecimal digits in small letters.')
  const { chains, isHeadMet } = await readChains(file, head).catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException
    throw code === undefined
      ? error
      : new Halt(EXIT.usage, `${clean(file)} cannot be read: ${code}.`)
  })
  if (chains.size === 0) throw new Halt(EXIT.notCanceled, 'There is no entry in it.')
  if (head !== undefined && !isHeadMet)
    throw new Halt(
      EXIT.notCanceled,
      'The file is a chain, but not the one that this head was noted of: it was cut short of ' +
        'it, or written anew.',
      null,
      { ok: false, detail: 'the head is not in it' },
    )
  const found = [...chains]
  const shapes = found.map(([chain, { first, seq, hash }]) => ({ chain, first, seq, hash }))
  terminal.result({ ok: true, chains: shapes }, () => found.map(sentenceOf).join('\n'))
  if (head !== undefined) terminal.say('The head that you noted is one of its hashes.')
  return EXIT.canceled
}
