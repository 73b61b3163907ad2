/**
 * What `npm run check` checks, side by side, each with its word and its time: the quick part of
 * `npm test`.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'

const CHECKS = [
  ['layout: 100 columns, by oxfmt', 'oxfmt', '--check'],
  ['types: TypeScript, strict', 'tsc', '--noEmit'],
  ['lint, and functions of 60 lines at most: oxlint', 'oxlint'],
  [
    'the API document, by all of redocly’s rules',
    'redocly',
    'lint',
    '--extends',
    'recommended-strict',
    'openapi/openapi.json',
  ],
  [
    'the API document, by all of Spectral’s rules',
    'spectral',
    'lint',
    '--ruleset',
    'openapi/spectral.yaml',
    '--fail-severity',
    'hint',
    'openapi/openapi.json',
  ],
] as const

const check = async ([what, program, ...values]: readonly [string, string, ...string[]]) => {
  const started = performance.now()
  const child = spawn(program, values, { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (part: Buffer) => {
      output += part.toString()
    })
  const [code] = (await once(child, 'close')) as [number | null]
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  process.stdout.write(`${code === 0 ? '✓' : '✗'} ${what} (${seconds} s)\n`)
  if (code !== 0) process.stdout.write(`${output}\n`)
  return code === 0
}

const results = await Promise.all(CHECKS.map(check))
process.exitCode = results.every(Boolean) ? 0 : 1
