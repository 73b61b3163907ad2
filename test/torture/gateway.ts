/**
 * The real gateway in a process that kills itself, or puts itself to sleep, at the n-th hit of the
 * failpoint it was armed with.
 */
import { channel } from 'node:diagnostics_channel'
import { writeFileSync } from 'node:fs'
import { start } from '../../src/hosts/node/index.ts'
import type { Failpoint } from '../../src/gateway/workflow/run.ts'

/**
 * A failpoint of the gateway's own, or the moment at which the destructive call has left and nobody
 * has heard of it.
 */
export type CrashPoint = Failpoint | 'in flight'
/**
 * Sent by the test: from now on, die at this hit of this point; or write this file, and sleep until
 * woken.
 */
export interface Arms {
  readonly point: CrashPoint
  readonly hit: number
  readonly asleep?: string
}

let armed: Arms | null = null
let hits = 0
const reach = (point: CrashPoint) => {
  if (armed?.point !== point || ++hits !== armed.hit) return
  if (armed.asleep !== undefined) writeFileSync(armed.asleep, '')
  process.kill(process.pid, armed.asleep === undefined ? 'SIGKILL' : 'SIGSTOP')
}

// Told just before the bytes are given to the kernel; one turn later they are on their way,
// whatever becomes of us.
channel('undici:client:sendHeaders').subscribe((message) => {
  const { request } = message as { request: { path: string } }
  if (request.path.endsWith('/cancel')) setImmediate(reach, 'in flight')
})

const started = await start(process.env, { failpoint: reach })
process.on('message', (arms: Arms) => {
  armed = arms
  hits = 0
  process.send?.('armed')
})
process.once('disconnect', () => process.exit(0))
process.send?.({ url: started.url })
