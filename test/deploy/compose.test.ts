/** What compose.yaml says is safe, and its Redis is one that a gateway takes. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { openProgram } from '../http/program.ts'
import { describeRedis, startRedis } from '../ledger/redis-server.ts'
import { readContainerfile, settingsOf, stagesOf } from './containerfile.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const [image] = stagesOf(readContainerfile(read('Containerfile'))).slice(-1)
const port = image && settingsOf(image).environment['PORT']

interface Service {
  readonly image: string
  readonly command?: string[]
  readonly environment?: Record<string, string>
  readonly [name: string]: unknown
}
const compose = parse(read('compose.yaml'), { merge: true }) as {
  services: Record<string, Service>
  networks: Record<string, { internal?: boolean }>
}
const { gateway, redis, sandbox } = compose.services

describe('compose.yaml', () => {
  it.each(Object.entries(compose.services))('%s can do no more than it must', (name, service) => {
    expect(service).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      restart: 'unless-stopped',
    })
    expect(service.image).toMatch(/:\d/)
    for (const right of ['privileged', 'network_mode', 'pid', 'cap_add', 'devices'])
      expect(service, `${name}: ${right}`).not.toHaveProperty(right)
    expect(JSON.stringify(service)).not.toContain('docker.sock')
  })

  it('the gateways are the Containerfile’s, on loopback, with time to end', () => {
    for (const service of [gateway, sandbox]) {
      expect(service).toMatchObject({
        image: `rescind:${JSON.parse(read('package.json')).version}`,
        build: { context: '.', dockerfile: 'Containerfile' },
        ports: [`127.0.0.1:8787:${port}`],
        stop_grace_period: '75s',
      })
    }
    expect(gateway?.environment).toEqual({ RESCIND_LEDGER: 'redis://redis:6379' })
    expect(gateway?.['depends_on']).toEqual({ redis: { condition: 'service_healthy' } })
  })

  it('the sandbox has no way to a ledger, a configuration or a secret', () => {
    expect(sandbox).toMatchObject({ profiles: ['sandbox'], environment: { RESCIND_SANDBOX: '1' } })
    for (const part of ['env_file', 'volumes', 'networks', 'depends_on'])
      expect(sandbox).not.toHaveProperty(part)
  })

  it('no secret stands in it, and Redis is reached by the gateway alone', () => {
    expect(read('compose.yaml')).not.toMatch(/(password|secret|token|key)\w*: *['"]?[A-Za-z0-9]/i)
    expect(redis).not.toHaveProperty('ports')
    expect(redis?.['networks']).toEqual(['ledger'])
    expect(compose.networks['ledger']?.internal).toBe(true)
  })
})

describeRedis('the Redis of compose.yaml', () => {
  it('keeps what it is given: the gateway takes it as it is', async () => {
    const [program, ...given] = redis?.command ?? []
    expect(program).toBe('redis-server')
    const server = await startRedis(...given)
    try {
      const gateway = await openProgram(null, undefined, { env: { RESCIND_LEDGER: server.url } })
      expect((await fetch(`${gateway.url}/readyz`)).status).toBe(200)
      expect(gateway.output()).not.toContain('"level":40')
      await gateway.close()
    } finally {
      await server.remove()
    }
  }, 60_000)
})
