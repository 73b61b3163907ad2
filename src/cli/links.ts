/** `rescind links`: which orders are one sale, and how they stand. */
import type { Link, LinkRequest } from '../client/index.ts'
import { LINK_WORDS, STATUS_WORDS } from '../messages/words.ts'
import { here, there } from './paste.ts'
import { reach, type ReachOptions } from './reach.ts'
import { clean, EXIT, Halt, moment, type Terminal } from './terminal.ts'

/** `2:paris=order_01`, the stage left out where its store has one. */
const MEMBER = /^(?:(\d{1,2}):)?([^:=]+)=(.+)$/

interface PutOptions extends ReachOptions {
  readonly follow?: 'tell' | 'cancel'
  /** Stores whose buyer is to be mailed, and whose goods or money are to go back. */
  readonly notify: readonly string[]
  readonly restock: readonly string[]
  readonly refund: readonly string[]
}

const memberOf =
  ({ notify, restock, refund }: PutOptions) =>
  (text: string): LinkRequest['members'][number] => {
    const [, stage, store, orderId] = MEMBER.exec(text) ?? []
    if (store === undefined || orderId === undefined)
      throw new Halt(
        EXIT.usage,
        `${clean(text)} names no order.`,
        'It looks like STORE=ORDER, or STAGE:STORE=ORDER: 1:erp=SAL-ORD-0042.',
      )
    return {
      store,
      orderId,
      ...(stage !== undefined && { stage: Number(stage) }),
      ...(notify.includes(store) && { notify: true }),
      ...(restock.includes(store) && { restock: true }),
      ...(refund.includes(store) && { refund: true }),
    }
  }

const standing = ({ canceled, cancellation }: Link['members'][number]): string =>
  canceled
    ? 'canceled'
    : cancellation && !['succeeded', 'rejected'].includes(cancellation.status)
      ? STATUS_WORDS[cancellation.status].toLowerCase()
      : 'open'

const tellLink = (terminal: Terminal, link: Link): string =>
  [
    `Link ${clean(link.name)}: ${LINK_WORDS[link.status]}.` +
      (link.follow === 'cancel' ? ' What is canceled in a store is canceled in the others.' : ''),
    '',
    terminal.table(
      ['stage', 'store', 'order', 'how it stands', 'cancellation'],
      link.members
        .toSorted((a, b) => a.stage - b.stage)
        .map((member) => [
          String(member.stage),
          member.store,
          member.orderId,
          standing(member),
          member.cancellation?.id ?? '',
        ]),
    ),
  ].join('\n')

/** Whose turn it is now: a link that is not in step is a person’s. */
const exitOf = ({ status }: Link): number =>
  status === 'diverged' ? EXIT.needsYou : status === 'canceling' ? EXIT.unknown : EXIT.canceled

export const putLink = async (
  terminal: Terminal,
  name: string,
  members: readonly string[],
  options: PutOptions,
): Promise<number> => {
  const request = { members: members.map(memberOf(options)), follow: options.follow }
  const named = new Set(request.members.map(({ store }) => store))
  const stray = [...options.notify, ...options.restock, ...options.refund].find(
    (store) => !named.has(store),
  )
  if (stray !== undefined)
    throw new Halt(EXIT.usage, `${clean(stray)} is no store of this link.`, 'Name one of its own.')
  const { client } = await reach(terminal, options)
  const link = await client.links.put(name, request)
  terminal.result(link, () => tellLink(terminal, link))
  terminal.next(there('links show', name))
  return EXIT.canceled
}

export const showLink = async (
  terminal: Terminal,
  name: string,
  options: ReachOptions,
): Promise<number> => {
  const link = await (await reach(terminal, options)).reader.links.get(name)
  terminal.result(link, () => tellLink(terminal, link))
  const open = link.members.find(({ canceled }) => !canceled)
  if (link.status === 'diverged' && open) {
    terminal.say('Some are canceled and some are not; nothing more is sent by itself.')
    terminal.next(there('cancel', open.store, open.orderId))
  }
  return exitOf(link)
}

export const listLinks = async (
  terminal: Terminal,
  options: ReachOptions & { readonly status?: Link['status']; readonly store?: string },
): Promise<number> => {
  const { reader } = await reach(terminal, options)
  const links: Link[] = []
  const { status, store } = options
  for await (const link of reader.links.each({ status, store })) links.push(link)
  if (terminal.json) for (const link of links) terminal.result(link, () => '')
  else if (links.length === 0) {
    terminal.say('There are no such links.')
    terminal.next(here('help links put'))
  } else
    terminal.result(null, () =>
      terminal.table(
        ['link', 'status', 'changed', 'orders'],
        links.map((link) => [
          link.name,
          LINK_WORDS[link.status],
          moment(link.updatedAt),
          link.members.map(({ store, orderId }) => `${store}=${orderId}`).join(', '),
        ]),
      ),
    )
  return EXIT.canceled
}

export const deleteLink = async (
  terminal: Terminal,
  name: string,
  options: ReachOptions,
): Promise<number> => {
  await (await reach(terminal, options)).client.links.delete(name)
  terminal.result({ name, deleted: true }, () => `Link ${clean(name)} is forgotten.`)
  terminal.say('Nothing was canceled; its orders go alone from now on.')
  return EXIT.canceled
}
