/**
 * The end of the program: what was begun is finished or written down, nothing new is taken, and
 * nobody can put it off.
 */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, type TestContext, vi } from 'vitest'
import { openProgram, type Program } from './program.ts'
import { request } from './raw.ts'
import { createSandbox } from '../../adapters/medusa/sandbox/index.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
/** However busy the machine is. */
const SOON = { timeout: 60_000, interval: 20 }
const json = { 'content-type': 'application/json' }
const sleep = (ms: number) =>
  new Promise((resolve) => {
    setTimeout(resolve, ms)
  })

type Test = Pick<TestContext, 'onTestFinished'>

const open = async (test: Test, ...given: Parameters<typeof openProgram>): Promise<Program> => {
  const program = await openProgram(...given)
  test.onTestFinished(() => program.close())
  return program
}

const cancel = (program: Program, orderId: string, prefer: string, store = 'sandbox-medusa') =>
  fetch(`${program.url}/v1/cancellations`, {
    method: 'POST',
    headers: { ...json, prefer },
    body: JSON.stringify({ store, orderId }),
  })

/** A connection that is open and has asked nothing yet. */
const connected = async (test: Test, program: Program): Promise<Socket> => {
  const { hostname, port } = new URL(program.url)
  const socket = connect(Number(port), hostname)
  socket.setEncoding('latin1')
  await once(socket, 'connect')
  test.onTestFinished(() => void socket.destroy())
  return socket
}

const said = async (socket: Socket, text: string): Promise<string> => {
  let heard = ''
  socket.on('data', (chunk) => {
    heard += String(chunk)
  })
  socket.write(text)
  await once(socket, 'close')
  return heard
}

const shows = (program: Program, text: string) =>
  vi.waitUntil(() => program.output().includes(text), SOON)

/** Resolves once the signal has arrived: nobody gets in any more. */
const stopping = (program: Program) =>
  vi.waitUntil(
    () =>
      fetch(`${program.url}/healthz`).then(
        ({ status }) => status === 503,
        () => true,
      ),
    SOON,
  )

const orders = (program: Program): string[] => {
  const ledger = new DatabaseSync(join(program.folder, 'ledger.db'))
  const found = ledger
    .prepare('select order_id from cancellations')
    .all()
    .map(({ order_id: id }) => String(id))
  ledger.close()
  return found.sort()
}

describe('the end of the program', () => {
  it('what is under way is answered; what still comes is turned away with 503, unwritten', async (test) => {
    const program = await open(test, null)
    const [asking, probing] = [await connected(test, program), await connected(test, program)]
    // One that is kept alive after an answer.
    probing.write(request('GET', '/healthz'))
    await once(probing, 'data')
    const slow = cancel(program, 'order_slow', 'wait=20')
    await shows(program, '"status":"sending"')
    program.signal('SIGTERM')
    await stopping(program)
    const body = JSON.stringify({ store: 'sandbox-medusa', orderId: 'order_paid' })
    for (const heard of [
      await said(asking, request('POST', '/v1/cancellations', Object.entries(json), body)),
      await said(probing, request('GET', '/readyz')),
    ]) {
      expect(heard).toMatch(/^HTTP\/1\.1 503 /)
      expect(heard).toMatch(/\r\nconnection: close\r\n/i)
      expect(heard).toMatch(/\r\nretry-after: 1\r\n/i)
      expect(JSON.parse(heard.split('\r\n\r\n')[1] ?? '')).toMatchObject({
        code: 'ledger-unavailable',
        retryable: true,
        acted: 'no',
        detail: 'This gateway is stopping; nothing was accepted.',
      })
    }
    await expect(fetch(`${program.url}/readyz`)).rejects.toThrow('fetch failed')
    const { status, headers } = await slow
    expect([status, headers.get('connection')]).toEqual([201, 'close'])
    expect(await program.ended).toBe(0)
    expect(orders(program)).toEqual(['order_slow'])
  })

  it('who waits for what cannot be done now is told at once: it is written', async (test) => {
    const program = await open(test, {
      stores: [
        {
          id: 'away',
          platform: 'medusa',
          test: true,
          settings: {
            baseUrl: 'http://127.0.0.1:1',
            secretKey: createSandbox().settings['secretKey'],
          },
        },
      ],
    })
    const waiting = cancel(program, 'order_1', 'wait=25', 'away')
    await shows(program, '"status":"accepted"')
    const told = performance.now()
    program.signal('SIGTERM')
    const { status, headers } = await waiting
    expect([status, headers.get('connection')]).toEqual([202, 'close'])
    expect(await program.ended).toBe(0)
    expect(performance.now() - told).toBeLessThan(5_000)
    expect(orders(program)).toEqual(['order_1'])
  })

  /**
   * Asks for a large page many times over and reads nothing of it, until the gateway can write no
   * more.
   */
  const lazy = async (test: Test, program: Program): Promise<Socket> => {
    const socket = await connected(test, program)
    socket.on('error', () => {})
    socket.pause()
    for (let n = 0; n < 3_000; n++) socket.write(request('GET', '/openapi.json'))
    const answered = () => program.output().split('"route":"/openapi.json"').length
    for (let before = 0; before < answered() || before < 2;) {
      before = answered()
      await sleep(1_500)
    }
    return socket
  }

  it('who reads slowly gets every answer whole that was begun, and then the end', async (test) => {
    const program = await open(test, null)
    const whole = (await (await fetch(`${program.url}/openapi.json`)).text()).length
    const socket = await lazy(test, program)
    program.signal('SIGTERM')
    await stopping(program)
    let heard = ''
    socket.on('data', (chunk) => {
      heard += String(chunk)
    })
    socket.resume()
    await once(socket, 'close')
    const sizes = heard
      .split(/(?=HTTP\/1\.1 \d{3} )/)
      .map(
        (answer) => [answer.slice(9, 12), answer.length - answer.indexOf('\r\n\r\n') - 4] as const,
      )
    expect(sizes.length).toBeGreaterThan(10)
    // Node counts bytes, and latin1 has one for each.
    for (const [status, size] of sizes)
      expect([status, status === '200' ? size >= whole : size > 100]).toEqual([status, true])
    expect(await program.ended).toBe(0)
  })

  it('a client that reads nothing holds it ten seconds, not beyond a second signal', async (test) => {
    const [patient, hurried] = await Promise.all([open(test, null), open(test, null)])
    await Promise.all([lazy(test, patient), lazy(test, hurried)])
    const told = performance.now()
    patient.signal('SIGTERM')
    hurried.signal('SIGTERM')
    await sleep(1_000)
    expect(await Promise.race([hurried.ended, 'still there'])).toBe('still there')
    hurried.signal('SIGINT')
    const both = [hurried, patient].map(({ ended }) => ended)
    expect(await Promise.race(both), 'the hurried one is first').toBe(1)
    expect(await Promise.all(both)).toEqual([1, 0])
    expect(performance.now() - told).toBeGreaterThan(5_000)
    expect(performance.now() - told).toBeLessThan(30_000)
  })
})

// They wait, mostly, and each for a program of its own.
describe.concurrent('npm in between', () => {
  const isAlive = (program: Program) =>
    fetch(`${program.url}/healthz`).then(
      () => true,
      () => false,
    )

  it.for([
    ['SIGTERM, to npm alone', 'SIGTERM', false],
    ['SIGINT, as Ctrl-C is: to all of them, and handed on by npm', 'SIGINT', true],
  ] as const)('npm start: %s', async ([, signal, all], test) => {
    const program = await open(test, null, ['npm', 'start'], {
      cwd: root,
      env: { npm_config_update_notifier: 'false' },
    })
    const slow = cancel(program, 'order_slow', 'wait=20')
    await shows(program, '"status":"sending"')
    program.signal(signal, all)
    expect((await slow).status).toBe(201)
    expect(await program.ended).toBe(0)
    expect(await isAlive(program)).toBe(false)
  })

  it('npx rescind serve: the shell dies of the signal and hands it to nobody', async (test) => {
    const program = await open(
      test,
      null,
      ['/bin/sh', '-c', `'${process.execPath}' '${join(root, 'src/cli/rescind.mjs')}' serve; true`],
      { env: { npm_command: 'exec' } },
    )
    const slow = cancel(program, 'order_slow', 'wait=20')
    await shows(program, '"status":"sending"')
    program.signal('SIGTERM')
    expect((await slow).status).toBe(201)
    await vi.waitUntil(async () => !(await isAlive(program)), SOON)
  })

  it('every script that runs one program hands its signals on', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>
    }
    for (const name of [
      'start',
      'demo',
      'test',
      'test:live',
      'test:mutation',
      'torture',
      'bench',
      'pictures',
    ])
      expect(scripts[name], name).toMatch(/(^|&& |\w=1 )exec \w+ [^&]*$/)
  })
})
