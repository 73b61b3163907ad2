#!/usr/bin/env node
// Plain JavaScript, so that a Node too old for the rest can still say which one is needed.
const NEEDED = [22, 19]
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1])) {
  process.stderr.write(
    `Rescind needs Node ${NEEDED.join('.')} or newer; this is ${process.versions.node}. “npx ` +
      `rescind” in the project brings its own.\n`,
  )
  process.exit(1)
}
const { main } = await import('./program.ts')
await main(process.argv.slice(2))
