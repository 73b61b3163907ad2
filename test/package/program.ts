/** The installed program on one version of Node: it says which it is, serves, cancels, sets up. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { jsonLines } from '../cli/bin.ts'
import { type Client, clientOf } from '../http/host.ts'
import { openProgram } from '../http/program.ts'
import { NODE_20, nodeOf, type Packed, root, run } from './installed.ts'

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  version: string
}
const binOf = ({ folder }: Packed) => join(folder, 'node_modules/.bin/rescind')

export const testProgram = (packed: () => Packed, called: string, node: string | null) =>
  describe.skipIf(node === null)(`the program on Node ${called}`, () => {
    const rescind = (values: readonly string[], env: Readonly<Record<string, string>> = {}) =>
      run(node as string, [binOf(packed()), ...values], {
        cwd: mkdtempSync(join(packed().folder, 'cwd-')),
        env,
      })

    it('says which it is', async () => {
      expect(await rescind(['--version'])).toEqual({
        status: 0,
        stdout: `${version}\n`,
        stderr: '',
      })
    })

    it('serves the sandbox, where orders are canceled by command and by HTTP', async () => {
      const started = performance.now()
      const program = await openProgram(null, [node as string, binOf(packed()), 'serve'])
      onTestFinished(() => program.close())
      const ask: Client = clientOf(program)
      expect((await ask('GET', '/healthz')).status).toBe(200)
      console.log(
        `Node ${called}: answers ${Math.round(performance.now() - started)} ms after it was started`,
      )
      const { status, body } = await ask('POST', '/v1/cancellations', {
        store: 'sandbox-medusa',
        orderId: 'order_paid',
        restock: true,
      })
      expect([status, body.status, body.effects.payment.outcome]).toEqual([
        201,
        'succeeded',
        'automatic',
      ])
      const canceled = await rescind(
        ['cancel', 'sandbox-wix', 'paid', '--reason', 'Ordered twice', '--yes', '--json'],
        { RESCIND_URL: program.url },
      )
      expect(canceled.status, canceled.stderr).toBe(0)
      expect(JSON.parse(canceled.stdout)).toMatchObject({ status: 'succeeded', platform: 'wix' })
      expect((await fetch(`${program.url}/console`)).status).toBe(200)
      program.signal('SIGTERM')
      expect(await program.ended).toBe(0)
      // Nothing but its log: Node has nothing to warn of, nor has the gateway.
      expect(
        program.lines().filter(({ level }) => !['info', 'debug'].includes(String(level))),
      ).toEqual([])
    })

    it('sets up a store and a key, and finds nothing wrong with Node', async () => {
      const cwd = join(packed().folder, `set-up-${called}`)
      mkdirSync(cwd)
      const env = { PARIS_KEY: 'sk_1', RESCIND_LEDGER: 'memory:', PORT: '0' }
      const inIt = (...values: string[]) =>
        run(node as string, [binOf(packed()), ...values], { cwd, env })
      const made = await inIt(
        'init',
        '--platform',
        'medusa',
        '--store',
        'paris',
        '--set',
        'baseUrl=http://127.0.0.1:1',
        '--env',
        'secretKey=PARIS_KEY',
        '--no-input',
        '--no-check',
      )
      expect([made.status, /rsk_[\w-]{43}/.test(made.stdout + made.stderr)]).toEqual([0, true])
      expect(existsSync(join(cwd, 'rescind.config.json'))).toBe(true)
      const looked = await inIt('doctor', '--json')
      expect(jsonLines(looked.stdout)).toContainEqual(
        expect.objectContaining({ check: 'node', level: 'ok' }),
      )
    })
  })

export const testOldNode = (packed: () => Packed) => {
  const node = nodeOf(NODE_20)
  it.skipIf(node === null)(`on Node ${NODE_20} it says in a sentence what it needs`, async () => {
    expect(await run(node as string, [binOf(packed()), 'serve'], { cwd: packed().folder })).toEqual(
      {
        status: 1,
        stdout: '',
        stderr:
          `Rescind needs Node 22.19 or newer; this is ${NODE_20}. https://nodejs.org has one; in ` +
          'a clone of the project “npx rescind” brings its own.\n',
      },
    )
  })
}
