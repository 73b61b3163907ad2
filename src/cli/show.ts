/** `rescind show`: what became of a cancellation, or how far a batch is, by its id. */
import { advice } from '../messages/advice.ts'
import { actOnBatch } from './batch.ts'
import { there } from './paste.ts'
import { reach, type ReachOptions } from './reach.ts'
import { exitOfRecord, tellWhole } from './record.ts'
import { EXIT, Halt, type Terminal } from './terminal.ts'

export const show = async (
  terminal: Terminal,
  id: string,
  options: ReachOptions & { readonly wait: number },
): Promise<number> => {
  if (/^bat_/i.test(id)) {
    if (options.wait > 0)
      throw new Halt(
        EXIT.usage,
        '--wait is for a cancellation.',
        'The command that began a batch watches it to its end.',
      )
    return actOnBatch(terminal, 'show', id, options)
  }
  const record = await (
    await reach(terminal, options)
  ).client.get(id, { waitMs: options.wait * 1_000 })
  terminal.result(record, () => tellWhole(terminal, record))
  if (record.status === 'needs_attention') {
    terminal.say(advice(record).join(' '))
    terminal.next(there('resolve', id))
  }
  return exitOfRecord(record)
}
