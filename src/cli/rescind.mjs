#!/usr/bin/env node
// Plain JavaScript, so that a Node too old for the rest can still say which one is needed.
import { existsSync } from 'node:fs'
import module from 'node:module'

const NEEDED = [22, 19]
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1])) {
  process.stderr.write(
    `Rescind needs Node ${NEEDED.join('.')} or newer; this is ${process.versions.node}. ` +
      `https://nodejs.org has one; in a clone of the project “npx rescind” brings its own.\n`,
  )
  process.exit(1)
}
// What was compiled once need not be compiled again: half of a start.
module.enableCompileCache()
// Node 22 says at each start that its SQLite is experimental, Node 24 no more; what is used of it
// is the same in both.
const { emitWarning } = process
process.emitWarning = (warning, ...rest) =>
  String(warning).startsWith('SQLite is an experimental feature')
    ? undefined
    : emitWarning.call(process, warning, ...rest)
// A clone runs its source as it is; a package has what was built from it.
const program = existsSync(new URL('program.ts', import.meta.url))
  ? './program.ts'
  : '../../dist/src/cli/program.js'
const { main } = await import(program)
await main(process.argv.slice(2))
