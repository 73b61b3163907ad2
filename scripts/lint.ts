/**
 * The bound on the length of functions, as a rule for oxlint, whose own would count what lists
 * tests as one function. What `describe`, `it` and their like are given is no function's length.
 */

interface Position {
  readonly line: number
}
interface Node {
  readonly type: string
  readonly name?: string
  readonly callee?: Node
  readonly object?: Node
  readonly arguments?: readonly Node[]
  readonly loc: { readonly start: Position; readonly end: Position }
}
interface Context {
  readonly sourceCode: {
    readonly text: string
    getAllComments(): readonly { readonly range: readonly [number, number] }[]
  }
  report(problem: { readonly node: Node; readonly message: string }): void
}

const MOST_LINES = 60
/** Vitest's own, and what calls them in the project's tests. */
const LISTS_TESTS = /^(?:describe(?:Redis|Postgres|Chromium)?|it|test|probe)$/

/** `it` of `it.skipIf(…).each(…)(…)`. */
const listerOf = (node: Node): string =>
  node.name ?? (node.callee ? listerOf(node.callee) : node.object ? listerOf(node.object) : '')

/** By line, from 1: whether there is more on it than space and comment. */
const codeOf = ({ sourceCode }: Context): readonly boolean[] => {
  const bare = sourceCode
    .getAllComments()
    .reduceRight(
      (text, { range: [from, to] }) =>
        text.slice(0, from) + text.slice(from, to).replaceAll(/./g, ' ') + text.slice(to),
      sourceCode.text,
    )
  return [false, ...bare.split('\n').map((line) => line.trim() !== '')]
}

const create = (context: Context) => {
  /** Functions that are open, the innermost last, each with the lines that are not its own. */
  const open: Set<number>[] = []
  const given = new Set<Node>()
  let code: readonly boolean[] | undefined
  const linesOf = ({ loc: { start, end } }: Node) =>
    Array.from({ length: end.line - start.line + 1 }, (_, index) => start.line + index)

  const enter = () => void open.push(new Set())
  const leave = (node: Node) => {
    const others = open.pop() as Set<number>
    const lines = linesOf(node)
    if (given.has(node) || lines.length <= MOST_LINES) return
    const known = (code ??= codeOf(context))
    const { length } = lines.filter((line) => known[line] && !others.has(line))
    if (length > MOST_LINES)
      context.report({ node, message: `A function of ${length} lines; at most ${MOST_LINES}.` })
  }
  return {
    FunctionDeclaration: enter,
    'FunctionDeclaration:exit': leave,
    FunctionExpression: enter,
    'FunctionExpression:exit': leave,
    ArrowFunctionExpression: enter,
    'ArrowFunctionExpression:exit': leave,
    CallExpression(node: Node) {
      if (!LISTS_TESTS.test(listerOf(node))) return
      const own = node.arguments ?? []
      // What a test is given may be wrapped: `it('…', withPage(async (page) => …))`.
      for (const one of [...own, ...own.flatMap((each) => each.arguments ?? [])]) given.add(one)
      for (const line of linesOf(node)) open.at(-1)?.add(line)
    },
  }
}

export default { meta: { name: 'rescind' }, rules: { 'function-length': { create } } }
