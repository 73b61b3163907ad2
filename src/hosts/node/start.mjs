// Plain JavaScript, so that a Node too old for the rest can still say which one is needed.
import module from 'node:module'

const NEEDED = [22, 19]
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1])) {
  process.stderr.write(
    `Rescind needs Node ${NEEDED.join('.')} or newer; this is ${process.versions.node}. “npm ` +
      `start” brings its own.\n`,
  )
  process.exit(1)
}
// What was compiled once need not be compiled again: half of a start.
module.enableCompileCache()
const { run } = await import('./run.ts')
await run()
