/** Notices as they came, byte for byte, and what each must come to. Runs in every runtime. */
import { z } from 'zod'
import { readNotice, type Received, type Verdict } from '../connection/notices.ts'
import type { AnyAdapter } from '../adapter/platform.ts'

const Settings = z.record(z.string(), z.unknown())

export const NoticeCase = z.strictObject({
  name: z.string(),
  note: z.string().optional(),
  /** Added to the file's; null takes one away. */
  settings: Settings.default({}),
  headers: z.record(z.string(), z.string()).default({}),
  query: z.record(z.string(), z.string()).default({}),
  body: z.string(),
  verdict: z.custom<Verdict>((value) => typeof (value as Verdict | null)?.kind === 'string'),
  /** What a library of the platform's, or of the scheme's, says of it. */
  library: z.enum(['accept', 'refuse']).optional(),
})
export type NoticeCase = z.output<typeof NoticeCase>

export const NoticeFile = z.strictObject({
  /** Where these bytes come from, and who else judged them. */
  source: z.string().min(10),
  /** Added to the suite's, with the secret that proves them; null takes one away. */
  settings: Settings,
  /** When they arrive. */
  now: z.iso.datetime(),
  cases: z.array(NoticeCase).min(1),
})
export type NoticeFile = z.output<typeof NoticeFile>

/** One that the platform sent and that was accepted: the first of a file is `valid`. */
export const firstAccepted = ({ cases }: NoticeFile): NoticeCase => {
  const found = cases.find(({ verdict }) => verdict.kind === 'accepted')
  if (!found) throw new Error('no notice here is accepted')
  return found
}

export const receivedOf = ({ body, headers, query }: NoticeCase): Received => ({
  body: new TextEncoder().encode(body),
  headers: new Headers(headers),
  query: new URLSearchParams(query),
})

/** The store's settings for a case, as the adapter gives them back. */
export const settingsFor = (
  adapter: AnyAdapter,
  settings: Readonly<Record<string, unknown>>,
  file: NoticeFile,
  one: NoticeCase,
) =>
  adapter.settings.parse(
    Object.fromEntries(
      Object.entries({ ...settings, ...file.settings, ...one.settings }).filter(
        ([, value]) => value !== null,
      ),
    ),
  )

/** Lets a notice arrive; `as` is what is other than in the case. */
export const arrive = (
  adapter: AnyAdapter,
  settings: Readonly<Record<string, unknown>>,
  file: NoticeFile,
  one: NoticeCase,
  as: Partial<Received> = {},
): Promise<Verdict> =>
  readNotice(
    adapter,
    settingsFor(adapter, settings, file, one),
    { ...receivedOf(one), ...as },
    Date.parse(file.now),
  )
