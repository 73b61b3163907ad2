/** How a measured process tells what it has used: asked by a message, answered by one. */
export interface Usage { readonly cpuMs: number, readonly rssMb: number, readonly heapMb: number }

const MB = 1_048_576

export const report = (): void => {
  process.on('message', () => {
    const { user, system } = process.cpuUsage()
    globalThis.gc?.()
    const { rss, heapUsed } = process.memoryUsage()
    process.send?.({ cpuMs: (user + system) / 1000, rssMb: rss / MB, heapMb: heapUsed / MB } satisfies Usage)
  })
  process.once('disconnect', () => process.exit(0))
}
