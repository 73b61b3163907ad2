/**
 * How platforms' replies are read: what only describes an order leniently, so that one odd value is
 * not told instead of making the order unreadable; what decides strictly, so that what is not told
 * is never taken for nothing.
 */
import { z } from 'zod'
import { instant } from '../model/time.ts'

/** Describes: a text, or a number that stands for one; anything else is not told. */
export const text = z
  .union([z.string(), z.number().transform(String)])
  .nullish()
  .catch(null)

/**
 * Describes: a decimal amount in major units. A number beyond 2^53 arrives as the text it was
 * written as.
 */
export const amount = z.union([z.string(), z.number()]).nullish().catch(null)

/** Describes: how many, also where a machine wrote `"2"`; anything else is not told. */
export const count = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^\d{1,15}(?:\.\d{1,15})?$/)
      .transform(Number),
  ])
  .nullish()
  .catch(null)

/** Describes: an object of which nothing is told where it is something else. */
export const part = <T extends z.ZodRawShape>(shape: T) =>
  z.looseObject(shape).nullish().catch(null)

/**
 * Describes: the items that can be read; null where it is no list, which is not the same as an
 * empty one.
 */
export const items = <T extends z.ZodType>(item: T) =>
  z
    .array(z.unknown())
    .nullish()
    .catch(null)
    .transform(
      (list): z.output<T>[] | null =>
        list?.flatMap((one) => {
          const read = item.safeParse(one)
          return read.success ? [read.data] : []
        }) ?? null,
    )

/**
 * Decides: every item is read, or nothing is. Absent and null are "not told", which is not an empty
 * list.
 */
export const entries = <T extends z.ZodType>(item: T) => z.array(item).nullish()

/** Decides: a word; of another type the reply is unreadable rather than misread. */
export const word = z.string().nullish()

/** Decides: when something was, in milliseconds since 1970. */
export const moment = z
  .string()
  .refine((value) => instant(value) !== null)
  .transform((value) => Date.parse(value))

/**
 * A platform's words with ours for them; a word that is not among them, `constructor` too, is
 * undefined.
 */
export const words = <T>(
  table: Readonly<Record<string, T>>,
): ReadonlyMap<string | null | undefined, T> => new Map(Object.entries(table))

/**
 * An id, also where it is a number in one reply and a string in another. Digits beyond 2^53 arrive
 * as text.
 */
export const id = z.union([z.string().min(1), z.number().transform(String)])
