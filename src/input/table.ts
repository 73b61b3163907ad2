/**
 * A table as people open it in a spreadsheet, page by page as it is read. What a spreadsheet would
 * take for a formula begins with an apostrophe.
 */
import Papa from 'papaparse'

export type Cell = string | number | boolean | null | undefined

export const toTable = (
  columns: readonly string[],
  pages: AsyncIterable<readonly (readonly Cell[])[]>,
): ReadableStream<Uint8Array> => {
  const encoder = new TextEncoder()
  const line = (rows: readonly (readonly Cell[])[]) =>
    encoder.encode(
      `${Papa.unparse(
        rows.map((row) => [...row]),
        { escapeFormulae: true, newline: '\r\n' },
      )}\r\n`,
    )
  const reading = pages[Symbol.asyncIterator]()
  return new ReadableStream({
    start: (controller) => controller.enqueue(line([columns])),
    async pull(controller) {
      const { done, value } = await reading.next()
      if (done) return controller.close()
      if (value.length > 0) controller.enqueue(line(value))
    },
    async cancel() {
      await reading.return?.()
    },
  })
}
