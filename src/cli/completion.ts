/**
 * `rescind completion`: a script for bash or zsh that completes verbs, flags and closed lists, made
 * of the one table of verbs.
 */
import type { Command } from 'commander'
import { verbOf } from './help.ts'
import { EXIT, type Terminal } from './terminal.ts'

export type Shell = 'bash' | 'zsh'

/** Where files are meant, by the name that an argument or a value has in the table. */
const FILE = 'file'

interface Choices {
  /** `batch run`; empty: the program itself. */
  readonly verb: string
  /** What may stand after it: verbs, or the words of a closed list. */
  readonly words: readonly string[]
  readonly takesFile: boolean
  readonly flags: readonly string[]
  /** Flags that take a value, with the words of its list; none: anything. */
  readonly values: readonly {
    readonly names: readonly string[]
    readonly words: readonly string[]
    readonly takesFile: boolean
  }[]
}

const namesOf = ({ short, long }: Command['options'][number]): string[] =>
  [short, long].filter((name) => name !== undefined)

const choicesOf = (command: Command): Choices => {
  const { commands, registeredArguments: given } = command
  const helper = command.createHelp()
  const options = helper.visibleOptions(command)
  const names = commands.map((one) => one.name())
  // `help` takes the words of every verb.
  const isHelp = command.name() === 'help'
  return {
    verb: command.parent ? verbOf(command) : '',
    words: [
      ...(isHelp ? (command.parent?.commands ?? []).map((one) => one.name()) : names),
      ...(given[0]?.argChoices ?? []),
    ],
    takesFile: given[0]?.name() === FILE,
    flags: options.flatMap(({ long }) => long ?? []),
    values: options
      .filter(({ required, optional }) => required || optional)
      .map((option) => ({
        names: namesOf(option),
        words: option.argChoices ?? [],
        takesFile: option.flags.includes(`<${FILE}>`),
      })),
  }
}

/** What `help` takes after the first word of a group. */
const helpOf = (program: Command): Choices[] =>
  program.commands
    .filter(({ commands }) => commands.length > 0)
    .map((group) => ({
      verb: `help ${group.name()}`,
      words: group.commands.map((one) => one.name()),
      takesFile: false,
      flags: [],
      values: [],
    }))

const allOf = (command: Command): Choices[] => [
  choicesOf(command),
  ...command.commands.flatMap(allOf),
]

/** Words that every shell reads as themselves, whatever is added to the table. */
const plain = (words: readonly string[]): string => {
  const odd = words.find((word) => !/^[\w.-]+$/.test(word))
  if (odd !== undefined) throw new Error(`${odd} cannot be completed as it is`)
  return words.join(' ')
}

/** Sets `verb`, `words`, `flags` and `files` by what stands before the cursor; in both shells. */
const casesOf = (program: Command): string => {
  const all = [...allOf(program), ...helpOf(program)]
  const verbs = all.filter(({ verb }) => verb !== '').map(({ verb }) => `'${verb}'`)
  const values = all.flatMap(({ verb, values }) =>
    values.map(({ names, words, takesFile }) => {
      const patterns = names.map((name) => `'${verb} ${name}'`).join(' | ')
      const is = takesFile ? 'files=1' : `list='${plain(words)}'`
      return `    ${patterns}) ${is}; return ;;`
    }),
  )
  const rest = all.map(
    ({ verb, words, flags, takesFile }) =>
      `    '${verb}') list='${plain(words)}' flags='${plain(flags)}'` +
      `${takesFile ? ' files=1' : ''} ;;`,
  )
  return `_rescind_choose() { # the word before, then the words before that
  local before=$1 word joined
  shift
  verb='' list='' flags='' files=''
  for word in "$@"; do
    joined="\${verb:+$verb }$word"
    case "$joined" in
      ${verbs.join(' | ')}) verb=$joined ;;
    esac
  done
  case "$verb $before" in
${values.join('\n')}
  esac
  case "$verb" in
${rest.join('\n')}
  esac
}`
}

const BASH = `_rescind() {
  local verb list flags files
  local at=$COMP_CWORD
  local current=\${COMP_WORDS[at]} before=\${COMP_WORDS[at-1]}
  # bash takes --flag=value apart.
  if [[ $current == '=' ]]; then current=''
  elif [[ $before == '=' ]]; then before=\${COMP_WORDS[at-2]}
  fi
  _rescind_choose "$before" "\${COMP_WORDS[@]:1:at-1}"
  [[ $current == -* ]] && list=$flags
  COMPREPLY=()
  if [[ $files && $current != -* ]]; then
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
  else
    mapfile -t COMPREPLY < <(compgen -W "$list" -- "$current")
  fi
}
complete -F _rescind rescind
`

const ZSH = `_rescind() {
  local verb list flags files
  _rescind_choose "\${words[CURRENT-1]}" "\${(@)words[2,CURRENT-1]}"
  [[ \${words[CURRENT]} == -* ]] && list=$flags
  if [[ -n $files && \${words[CURRENT]} != -* ]]; then _files
  else compadd -- \${=list}
  fi
}
compdef _rescind rescind
`

/** The script, to be read by the shell: `source <(rescind completion bash)`. */
export const completionFor = (program: Command, shell: Shell): string =>
  `# What completes the verbs and flags of rescind in ${shell}; printed by it.\n` +
  `${casesOf(program)}\n${shell === 'bash' ? BASH : ZSH}`

export const completion = (terminal: Terminal, program: Command, shell: Shell): number => {
  const script = completionFor(program, shell)
  terminal.result({ shell, script }, () => script.trimEnd())
  return EXIT.canceled
}
