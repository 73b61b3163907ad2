/** How a verb is added to the program: what it takes, and the code that is loaded for it. */
import type { Command } from 'commander'
import type { Terminal } from './terminal.ts'

export type Action = (terminal: Terminal, ...values: never[]) => number | Promise<number>

/** Adds a command whose code is loaded when it runs. */
export type Add = (
  parent: Command,
  usage: string,
  description: string,
  load: () => Promise<Action>,
  more?: (command: Command) => Command,
) => void

/** Verbs that share a first word; `help` before it tells of them. */
export const groupOf = (program: Command, name: string, description: string): Command =>
  program.command(name).description(description).helpCommand(false)
