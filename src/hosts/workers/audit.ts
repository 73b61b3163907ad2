/** The audit log on Workers: each object keeps a chain of its own, named as the object is. */
import type { Audit } from '../../gateway/audit/log.ts'
import type { Directory } from './directory.ts'
import { type Ask, LINKS } from './links.ts'
import { BATCHES } from './webhooks.ts'

/** The names of all chains, in their order. */
export const chainsOf = async (directory: Directory): Promise<string[]> => {
  const { of, objects } = await directory()
  const places = [...of.values()].flatMap(({ ledger, account }) => [ledger, account])
  return [...new Set([...objects, ...places, BATCHES, LINKS])].toSorted()
}

/** The log over all objects; what is of no store is noted where batches are. */
export const auditOver = (ask: Ask, directory: Directory): Audit => ({
  async note(noted) {
    const place = noted.store === null ? undefined : (await directory()).of.get(noted.store)
    await ask(place?.ledger ?? BATCHES, 'audit.append', [noted])
  },
  heads: async () =>
    Promise.all((await chainsOf(directory)).map((chain) => ask(chain, 'audit.head'))),
  read: async (chain, query) =>
    (await chainsOf(directory)).includes(chain) ? ask(chain, 'audit.read', query) : [],
})
