/** The client against one gateway on Node for a whole file of tests. */
import { inspect } from 'node:util'
import { expect, onTestFinished } from 'vitest'
import { type ClientOptions, createClient } from '../../src/client/index.ts'
import { KEY, openGateway } from './faults.ts'
import type { NodeHost } from '../http/node.ts'

export let host: NodeHost
export const openHost = async () => {
  host = await openGateway()
}

export const clientOf = (options: Partial<ClientOptions> = {}) =>
  createClient({ baseUrl: host.url, key: KEY, ...options })

/** What a call throws. */
export const thrown = async <T>(
  promise: Promise<unknown>,
  of: abstract new (...parts: never[]) => T,
): Promise<T> => {
  const error = await promise.then(
    (value) => {
      throw new Error(`did not throw: ${inspect(value)}`)
    },
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(of)
  return error as T
}

export const once = (orderId: string) => host.platform('shop').cancels.get(orderId)

export const moody = (mood: 'away' | 'refusing') => {
  host.platform('shop').mood = mood
  onTestFinished(() => {
    host.platform('shop').mood = 'well'
  })
}
