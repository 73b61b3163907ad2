/** What the program and each verb say of themselves: every verb at once, by group. */
import { type Command, Help } from 'commander'

/** Every command that does something, those of a group among them. */
export const leavesOf = (command: Command): Command[] =>
  command.commands.flatMap((one) => (one.commands.length > 0 ? leavesOf(one) : [one]))

/** `batch run`. */
export const verbOf = (command: Command): string =>
  command.parent?.parent ? `${verbOf(command.parent)} ${command.name()}` : command.name()

const termOf = (command: Command): string =>
  [
    verbOf(command),
    ...command.registeredArguments.map((argument) => {
      const name = `${argument.name()}${argument.variadic ? '...' : ''}`
      return argument.required ? `<${name}>` : `[${name}]`
    }),
  ].join(' ')

/** The whole program tells of the verbs of its groups too. */
export const formatHelp = (command: Command, helper: Help): string => {
  const whole: Help =
    command.parent === null
      ? Object.assign(Object.create(helper) as Help, {
          visibleCommands: leavesOf,
          subcommandTerm: termOf,
        })
      : helper
  return Help.prototype.formatHelp.call(whole, command, whole)
}

/** The same as `--help` after these words; an unknown one is refused as it is without `help`. */
export const help = async (program: Command, words: readonly string[]): Promise<void> => {
  let at = program
  for (const word of words) {
    if (at.commands.length === 0) break
    const child = at.commands.find((one) => one.name() === word)
    if (!child) {
      await at.parseAsync([word], { from: 'user' })
      return
    }
    at = child
  }
  at.help()
}
