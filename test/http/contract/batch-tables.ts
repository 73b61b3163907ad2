/** Batches as tables: what spreadsheets write is read, and the result is a table for them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Client, clientOf, type Host, type Open } from '../host.ts'
import { callers, csv, send, done, items, everything } from './batch-calls.ts'

export const batchTables = (open: Open) =>
  describe('batches as tables', () => {
    let host: Host
    let erp: Client
    beforeAll(async () => {
      host = await open({ callers, stores: ['paris', 'rome'] })
      erp = clientOf(host, 'rsk_erp')
    })
    afterAll(() => host.close())

    it('CSV: quotes, BOM, CRLF, empty lines and cells, flags as in spreadsheets', async () => {
      const table =
        '\ufefforderId,store,reason,notify,restock,reference\r\n' +
        '"order_paid-c1",paris,"He said ""no"", twice\r\nand left",TRUE,false,a\r\n' +
        '\r\n,,,,,\r\norder_paid-c2,rome,,,,\r\n'
      const {
        status,
        body: { id, total },
      } = await send(erp, table, { 'content-type': 'text/csv; charset=UTF-8' })
      expect([status, total]).toEqual([202, 2])
      await done(erp, id)
      const [first, second] = await items(erp, id)
      expect([first.row, second.row]).toEqual([1, 2])
      expect((await erp('GET', first.cancellation)).body).toMatchObject({
        reason: 'He said "no", twice\nand left',
        notify: true,
        restock: false,
        reference: 'a',
      })
      expect((await erp('GET', second.cancellation)).body).toMatchObject({
        reason: null,
        notify: null,
        restock: null,
        reference: null,
      })
    })

    it('CSV of spreadsheets: cells missing or added, unnamed columns, a separator', async () => {
      const before = await everything(erp)
      for (const [name, table] of [
        [
          'shorter rows',
          'store,orderId,restock,reason,message\r\nparis,order_paid-s1,true,late,\r\n' +
            'paris,order_paid-s2,true,late\r\nparis,order_paid-s3\r\n',
        ],
        [
          'a longer row of nothing',
          'store,orderId,restock\r\nparis,order_paid-s4,true,, \u00a0,\r\n',
        ],
        [
          'columns without a name',
          'store,orderId,restock,,\r\nparis,order_paid-s5,TRUE,,\r\nparis,order_paid-s6,true\r\n',
        ],
        ['one among the others', ',store,,orderId,restock\r\n,paris,,order_paid-s7,true\r\n'],
        [
          'spaces that do not break',
          '\ufeffstore\u00a0,\u00a0orderId, restock \nparis,order_paid-s8,true\n',
        ],
        ['a quoted header', '"store","orderId","restock"\n"paris","order_paid-s9","true"\n'],
        [
          'cells of blanks',
          'store,orderId,restock,notify,message\r\nparis,order_paid-s14,true, ,\u00a0\r\n',
        ],
        ['the separator told', 'sep=,\r\nstore,orderId,restock\r\nparis,order_paid-s10,true\r\n'],
      ] as const) {
        const {
          status,
          body: { id, errors },
        } = await send(erp, table, csv)
        expect([name, status, errors]).toEqual([name, 202, undefined])
        await done(erp, id)
        for (const { cancellation, row } of await items(erp, id))
          expect([name, row, (await erp('GET', cancellation)).body.restock]).toEqual([
            name,
            row,
            name === 'shorter rows' && row === 3 ? null : true,
          ])
      }
      expect(await everything(erp)).toBe(before + 8)
      for (const [table, rows] of [
        ['store,orderId\nparis,order_paid-s11,true\n', [1]],
        ['store,orderId,,restock\nparis,order_paid-s12,,true\nparis,order_paid-s13,x,true\n', [2]],
      ] as const) {
        const { status, body } = await send(erp, table, csv)
        expect([status, body.errors.map(({ row }: any) => row), body.errors[0].detail]).toEqual([
          422,
          rows,
          'has a value in cell 3, which has no name in the header line',
        ])
      }
    })

    it.each([
      [
        'UTF-16 without a mark',
        [...'orderId\nx'].join('\0') + '\0',
        '',
        /UTF-16 without a mark: save/,
      ],
      [
        'the same the other way round',
        [...'orderId\nx'].map((letter) => `\0${letter}`).join(''),
        '',
        /UTF-16 without a mark: save/,
      ],
      ['no header', 'order_paid-1,paris', '/order_paid-1', /is no column.*orderId/],
      ['an unknown column', 'orderId,restok\nx,true', '/restok', /mean restock\?.*columns, of/],
      [
        'the number for the id',
        'Order number,store\nx,paris',
        '/Order number',
        /need not be the id/,
      ],
      ['a column twice', 'orderId,store,store\nx,paris,rome', '/store', /twice/],
      ['a member twice', 'Order ID,order_id\nx,y', '/order_id', /Order ID are both orderId/],
      ['no orderId', 'store\nparis', '/orderId', /missing/],
      ['nothing', '\n\n', '', /empty/],
      ['a header alone', 'orderId,store\n', '/items', /./],
      ['an open quote', 'orderId,store\n"x,paris\n', '', /quotation mark/],
      ['text after a quote', 'orderId,store\n"x"y,paris\n', '', /quotation mark/],
    ])('CSV with %s: 400, and where', async (_, table, pointer, detail) => {
      const { status, body } = await send(erp, table, csv)
      expect([status, body.code, body.errors[0].pointer]).toEqual([400, 'invalid-request', pointer])
      expect(body.errors[0].detail).toMatch(detail)
    })

    it.each<[string, Uint8Array<ArrayBuffer>, RegExp]>([
      ['no UTF-8', Uint8Array.from([0x6f, 0xe9, 0x0a]), /not valid UTF-8: save/],
      ['a workbook', Uint8Array.from([0x50, 0x4b, 3, 4, 0, 0]), /is a workbook/],
      ['half of a UTF-16 letter', Uint8Array.from([0xff, 0xfe, 0x6f]), /not valid UTF-16LE/],
    ])('CSV that is %s: 400, since nobody sees what is made of it', async (_, bytes, detail) => {
      const { status, body } = await send(erp, bytes, csv)
      expect([status, body.errors[0].detail]).toEqual([400, expect.stringMatching(detail)])
    })

    it('CSV as Excel has it anywhere: its separators, its Unicode text, its words', async () => {
      const little = (text: string) =>
        Uint8Array.from(
          [...`\ufeff${text}`].flatMap((letter) => {
            const unit = letter.charCodeAt(0)
            return [unit & 0xff, unit >> 8]
          }),
        )
      const big = (text: string) => {
        const bytes = little(text)
        return bytes.map((_, index) => bytes[index ^ 1] ?? 0)
      }
      const rows = (name: string, ...words: readonly string[]) => [
        ['Shop', 'Order ID', 'Notify customer', 'Cancel reason', 'why'],
        ...words.map((word, at) => ['paris', ` order_paid-${name}${at} `, word, 'Größe', 'x']),
      ]
      const table = (separator: string, list: readonly string[][]) =>
        `${list.map((cells) => cells.join(separator)).join('\r\n')}\r\n`
      const yes = ['Ja', 'OUI', ' sí ', 'x', '1', 'y', 'WAHR', 'si\u0301']
      const no = ['Nein', 'non', 'NO', '0', 'n', 'FALSCH', 'false']
      for (const [name, content, wishes] of [
        ['semicolons', table(';', rows('x1-', ...yes)), yes.map(() => true)],
        ['tabs', table('\t', rows('x2-', ...no)), no.map(() => false)],
        ['its own line', `sep=;\r\n${table(';', rows('x3-', 'ja'))}`, [true]],
        ['UTF-16LE', little(table('\t', rows('x4-', 'oui', ''))), [true, null]],
        ['UTF-16BE', big(table('\t', rows('x5-', 'nein'))), [false]],
      ] as const) {
        const type = name.startsWith('UTF-16') ? `text/csv; charset=${name}` : 'text/csv'
        const { status, body } = await send(erp, content, { 'content-type': type })
        expect([name, status, body.errors]).toEqual([name, 202, undefined])
        await done(erp, body.id)
        const told = []
        for (const { cancellation } of await items(erp, body.id))
          told.push((await erp('GET', cancellation)).body)
        expect([name, told.map(({ notify }) => notify)]).toEqual([name, wishes])
        expect(told.map(({ reason }) => reason)).toEqual(told.map(() => 'Größe'))
      }
    })

    it('a flag that is none lists what may be written; JSON takes true and false alone', async () => {
      const { status, body } = await send(erp, 'orderId,store,notify\nx,paris,maybe\n', csv)
      expect([status, body.errors]).toEqual([
        422,
        [
          {
            row: 1,
            line: 2,
            column: 'notify',
            pointer: '/items/0/notify',
            detail: expect.stringMatching(/^must be empty for no wish, .*yes, y, .*no, n, /),
          },
        ],
      ])
      const strict = await send(erp, { items: [{ store: 'paris', orderId: 'x', notify: 'ja' }] })
      expect([strict.status, strict.body.errors[0]]).toEqual([
        422,
        expect.objectContaining({ row: 1, pointer: '/items/0/notify' }),
      ])
      expect(strict.body.errors[0].line).toBeUndefined()
      const loose = await send(erp, { items: [{ store: 'paris', 'Order ID': 'x' }] })
      expect(loose.status).toBe(422)
    })

    it('lines are those of the spreadsheet, whatever is skipped and however a cell is broken', async () => {
      const { status, body } = await send(
        erp,
        '\r\norderId,store,reason\r\n,,\r\nok,paris,"two\r\nlines"\r\n\r\na b,paris,\r\nc,oslo,\r\n',
        csv,
        '?partial=true',
      )
      expect([
        status,
        body.refused.map(({ row, line, column }: any) => [row, line, column]),
      ]).toEqual([
        202,
        [
          [2, 6, 'orderId'],
          [3, 7, 'store'],
        ],
      ])
      // Excel takes the line that tells the separator for itself, and shows none for it.
      const told = await send(erp, 'sep=;\r\norderId;store\r\n\r\na b;paris\r\n', csv)
      expect(told.body.errors.map(({ row, line }: any) => [row, line])).toEqual([[1, 3]])
      const header = await send(erp, '\r\norderId,restok\r\n', csv)
      expect([header.status, header.body.errors[0].line]).toEqual([400, 2])
    })

    it.each([
      ['1.23457E+12', /rounded/],
      ['5,00012e+15', /rounded/],
      ['4000123456789010000', /nothing but zeros after 15 digits/],
      ['#NAME?', /an error of the spreadsheet/],
      ['########', /too narrow/],
      ['01-Feb', /a date/],
      ['1. Mrz', /a date/],
      ['2026-02-01 00:00:00', /a date/],
      ['01/02/2026', /a date/],
      ["'order_open", /apostrophe/],
    ])('an id that a spreadsheet rewrote, %s, is a mistake with its reason', async (id, detail) => {
      const { status, body } = await send(erp, `orderId,store\n"${id}",paris\n`, csv)
      expect([status, body.errors]).toEqual([
        422,
        [
          {
            row: 1,
            line: 2,
            column: 'orderId',
            pointer: '/items/0/orderId',
            detail: expect.stringMatching(detail),
          },
        ],
      ])
    })

    it('what may be an id is taken: a warning is for people, and refuses nothing', async () => {
      for (const id of ['4000123456789010', '2026-02-01', 'Feb-26', '5E3', '123456789012345678'])
        expect([id, (await send(erp, `orderId,store\n${id},paris\n`, csv)).status]).toEqual([
          id,
          202,
        ])
    })

    it('the mark against formulas is taken off again', async () => {
      const { body } = await send(
        erp,
        `orderId,store,reference\norder_paid-f1,paris,'=1+1\norder_paid-f2,paris,''+2\n`,
        csv,
      )
      await done(erp, body.id)
      const read = await items(erp, body.id)
      expect(read.map(({ reference }: any) => reference)).toEqual(['=1+1', "'+2"])
      const { text } = await erp('GET', `/v1/batches/${body.id}/items`, undefined, {
        accept: 'text/csv',
      })
      expect(text).toContain(`"'=1+1"`)
      expect(text).toContain(`"''+2"`)
    })

    it('mistakes in the rows of a table', async () => {
      const { status, body } = await send(
        erp,
        'orderId,store,notify\nx,paris,maybe\ny,paris,,z\n\nz,oslo,true\n',
        csv,
      )
      expect([
        status,
        body.errors.map(({ row, column, pointer }: any) => [row, column, pointer]),
      ]).toEqual([
        422,
        [
          [1, 'notify', '/items/0/notify'],
          [2, undefined, '/items/1'],
          [3, 'store', '/items/2/store'],
        ],
      ])
      const partial = await send(
        erp,
        'orderId,store\norder_paid-c9,paris\nz,oslo\n',
        csv,
        '?partial=true',
      )
      expect([partial.status, partial.body.total, partial.body.refused.length]).toEqual([202, 1, 1])
    })

    it('the result as a table: all of it, quoted, and no formula for a spreadsheet', async () => {
      const {
        body: { id },
      } = await send(erp, {
        items: [
          {
            store: 'paris',
            orderId: 'order_paid-t1',
            reference: '=HYPERLINK("https://evil.test","x")',
          },
          { store: 'paris', orderId: 'order_fulfilled-t2', reference: 'a,"b"\nc' },
          { store: 'paris', orderId: '@order_t3', reference: '+1' },
        ],
      })
      await done(erp, id)
      const { headers, text } = await erp('GET', `/v1/batches/${id}/items?limit=1`, undefined, {
        accept: 'text/csv',
      })
      expect([headers.get('content-type'), headers.get('content-disposition')]).toEqual([
        'text/csv; charset=utf-8',
        `attachment; filename="${id}.csv"`,
      ])
      const [head, one, ...rest] = text.split('\r\n')
      expect(head).toBe(
        'row,store,orderId,reference,status,alreadyCanceled,cancellation,code,cause,detail',
      )
      expect(one).toMatch(
        RegExp(
          String.raw`^1,paris,order_paid-t1,"'=HYPERLINK\(""https://evil\.test"",""x""\)",` +
            String.raw`succeeded,false,can_\w+,,,$`,
        ),
      )
      expect(rest[0]).toMatch(
        RegExp(
          String.raw`^2,paris,order_fulfilled-t2,"a,""b""\nc",` +
            String.raw`rejected,false,can_\w+,order-not-cancelable,fulfilled,`,
        ),
      )
      expect(rest[1]).toMatch(/^3,paris,"'@order_t3","'\+1",rejected,/)
      const only = await erp('GET', `/v1/batches/${id}/items?status=succeeded`, undefined, {
        accept: 'text/csv',
      })
      expect(only.text.trim().split('\r\n').length).toBe(2)
      const typeFor = async (accept: string) =>
        (await erp('GET', `/v1/batches/${id}/items`, undefined, { accept })).headers
          .get('content-type')
          ?.split(';')[0]
      for (const accept of [
        'TEXT/CSV',
        'text/csv; q=0.1',
        'application/json;q=0.2, text/csv;q=0.9',
      ])
        expect(await typeFor(accept), accept).toBe('text/csv')
      for (const accept of [
        'text/csv;q=0',
        'application/json, text/csv;q=0.1',
        '*/*',
        'text/csvx',
        '',
      ])
        expect(await typeFor(accept), accept).toBe('application/json')
    })
  })
