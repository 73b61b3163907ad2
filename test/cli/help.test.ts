/** What the program says of itself, and of words that it does not know. */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { CommanderError } from 'commander'
import { leavesOf, verbOf } from '../../src/cli/help.ts'
import { createProgram } from '../../src/cli/program.ts'

afterEach(() => vi.restoreAllMocks())

/** What it prints, on both, and the code with which it ends. */
const say = async (...words: string[]) => {
  let text = ''
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((part) => {
      text += String(part)
      return true
    })
  let code: number | null = null
  try {
    await createProgram((ended) => {
      code = ended
    }).parseAsync(words, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    code = error.exitCode
  }
  vi.restoreAllMocks()
  return { text, code }
}

const verbs = leavesOf(createProgram(() => {})).map(verbOf)

describe('help', () => {
  it('lists every verb, in its group, with and without a word', async () => {
    const { text, code } = await say('help')
    expect(code).toBe(0)
    expect(await say('--help')).toEqual({ text, code })
    for (const verb of verbs) expect(text).toMatch(new RegExp(`^  ${verb}(?: |$)`, 'm'))
    expect(text.match(/^[A-Z].*:$/gm)).toEqual([
      'Options:',
      'Orders and their cancellations:',
      'Many orders:',
      'Orders that are one sale:',
      'What is told, and heard:',
      'What was done, and by whom:',
      'The gateway, its stores and its keys:',
      'The command line itself:',
    ])
  })

  it.each([...verbs, 'batch', 'stores'])('says of %s what --help says', async (verb) => {
    const words = verb.split(' ')
    const { text, code } = await say('help', ...words)
    expect([code, text]).toEqual([0, expect.stringContaining(`Usage: rescind ${verb}`)])
    expect(await say(...words, '--help')).toEqual({ text, code })
  })
})

describe('an unknown word', () => {
  it.each([
    ['a verb', ['cancle'], 'cancel'],
    ['a verb of a group', ['batch', 'rum'], 'run'],
    ['a verb after help', ['help', 'widthraw'], 'withdraw'],
    ['a verb of a group after help', ['help', 'webhooks', 'reply'], 'replay'],
    ['a verb without its group', ['resume', 'bat_1'], 'batch resume'],
    ['a verb of another group', ['batch', 'replay'], 'webhooks replay'],
    ['a flag', ['list', '--refernce', 'x'], '--reference'],
  ])('%s: the nearest is named', async (_, words, nearest) => {
    const { text, code } = await say(...words)
    expect([code, text]).toEqual([1, expect.stringContaining(`(Did you mean ${nearest}?)`)])
  })
})
