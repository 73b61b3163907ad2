/**
 * What the documentation shows is what happens: its request, its answer, its tables, its links, its
 * demo.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { platforms } from '../src/hosts/platforms.ts'
import { pages } from '../scripts/docs.ts'
import { start } from '../src/hosts/node/index.ts'
import { compileCache } from './compile-cache.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const documents = [
  'README.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]

describe('the README', () => {
  it('shows a request whose answer is the one it shows', async () => {
    const readme = read('README.md')
    const sent = /-d '(\{\n {2}"store"[^']+)'/.exec(readme)?.[1] ?? ''
    const shown = JSON.parse(/<!-- answer:.*\n```json\n([\s\S]+?)\n```/.exec(readme)?.[1] ?? '')
    const folder = mkdtempSync(join(tmpdir(), 'rescind-readme-'))
    const gateway = await start(
      { PORT: '0', LOG_LEVEL: 'silent', RESCIND_LEDGER: `sqlite:${join(folder, 'ledger.db')}` },
      { sandbox: true },
    )
    try {
      const response = await fetch(`${gateway.url}/v1/cancellations`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: sent,
      })
      expect(response.status).toBe(201)
      const answer = (await response.json()) as Record<string, any>
      expect(Object.keys(answer)).toEqual(Object.keys(shown))
      const passing = new Set(['id', 'createdAt', 'updatedAt', 'settledAt', 'attempts', 'order'])
      const timeless = (whole: Record<string, any>) => ({
        ...Object.fromEntries(Object.entries(whole).filter(([name]) => !passing.has(name))),
        calls: whole['attempts'].map(({ call, result }: any) => ({ call, result })),
      })
      expect(timeless(answer)).toEqual(timeless(shown))
      const { '…': _, ...order } = shown['order']
      expect(answer['order']).toMatchObject(order)
    } finally {
      await gateway.close()
      rmSync(folder, { recursive: true })
    }
  })

  it('lists commands that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
    for (const [, name] of read('README.md').matchAll(/npm run ([a-z:]+)/g))
      expect(scripts, name).toHaveProperty(name ?? '')
  })
})

describe('the documentation', () => {
  it('has what is printed from the code as the code prints it', () => {
    for (const { path, is, should } of pages())
      expect(is, `${path} is stale: npm run docs`).toBe(should)
  })

  it.each(documents)('%s links to what exists', (path) => {
    for (const [, target] of read(path).matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)) {
      if (target && !/^[a-z]+:/.test(target))
        expect(existsSync(join(root, dirname(path), target)), target).toBe(true)
    }
  })
})

describe('the demo', () => {
  it('cancels one order on every platform and exits 0', () => {
    const output = execFileSync(process.execPath, ['scripts/demo.ts'], {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, ...compileCache },
    })
    for (const { adapter } of platforms)
      expect(output).toMatch(new RegExp(`^${adapter.id} +\\S*paid +201 +succeeded`, 'm'))
  })
})
