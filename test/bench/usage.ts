/** How a measured process tells what it has used: asked by a message, answered by one. */
export interface Usage {
  readonly cpuMs: number
  readonly rssMb: number
  readonly heapMb: number
}

const MB = 1_048_576

/**
 * Answers with what was used, after a full collection where memory is what matters, and with what
 * else there is to tell.
 */
export const report = (more: () => object = () => ({})): void => {
  process.on('message', (about: 'cpu' | 'memory') => {
    const { user, system } = process.cpuUsage()
    if (about === 'memory') globalThis.gc?.()
    const { rss, heapUsed } = process.memoryUsage()
    process.send?.({
      cpuMs: (user + system) / 1000,
      rssMb: rss / MB,
      heapMb: heapUsed / MB,
      ...more(),
    } satisfies Usage)
  })
  process.once('disconnect', () => process.exit(0))
}
